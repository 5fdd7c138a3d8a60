import {describe, expect, test} from 'vitest';
import type {AcceptableFault} from '../src/choices.js';
import {type Served, serve} from './helpers/served.js';

type User = {readonly user_id: string; readonly username: string};

const user = (id: number): User => ({user_id: String(id), username: `user ${id}`});
const range = (from: number, to: number) => Array.from({length: to - from + 1}, (_, i) => from + i);

/** The list of users in pages of 200; `time` counts the replies. `byCursor`: whether it was asked for by cursor. */
async function serveUsers(
  answer: (page: number, time: number, byCursor: boolean) => {readonly ids: readonly number[]; readonly total?: number},
): Promise<Served> {
  let time = 0;
  return serve((path, query) => {
    if (path !== '/manage/v1/user') return undefined;
    const {ids, total} = answer(Number(query.get('page')), time++, query.has('cursor'));
    const items = ids.map(user);
    const cursor = query.has('get_cursor') ? {cursor: 'c'} : {};
    return JSON.stringify({
      data: {items, count: items.length, ...cursor, ...(total !== undefined && {total_count: total})},
    });
  });
}

async function load(served: Served, accepted: readonly AcceptableFault[] = []) {
  const {exitCode, tables} = await served.load(['users'], {accept: {users: accepted}});
  const rows = await served.query('SELECT user_id FROM users ORDER BY user_id').catch(() => undefined);
  return {exitCode, rows: rows?.length, warnings: tables[0]?.warnings.join('\n')};
}

describe('who accepts duplicates', () => {
  test('accepts a list in which the same keys stand twice on the same pages each time, and is told what is left of its count', async () => {
    const served = await serveUsers(page => ({
      ids: page === 1 ? range(1, 200) : page === 2 ? range(101, 300) : [],
      total: 400,
    }));
    expect(await load(served, ['duplicates'])).toEqual({
      exitCode: 0,
      rows: 300,
      warnings: expect.stringMatching(/100 records came twice; .* 300 rows of the 400 that Docebo counts/),
    });
  });

  test('accepts none that stand elsewhere each time: those are rows that move', async () => {
    const served = await serveUsers((page, time) => ({
      ids: page === 1 ? range(1, 200) : page === 2 ? [(time % 190) + 1, ...range(202, 400)] : range(401, 450),
      total: 450,
    }));
    expect(await load(served, ['duplicates'])).toMatchObject({exitCode: 7, rows: undefined});
  });

  test.each([
    ['a total of the keys', 3, ['duplicates']],
    ['a total of what is sent', 4, ['duplicates']],
    ['a larger total, accepted too', 5, ['duplicates', 'count']],
    ['any total, with all that can be accepted', 9, ['duplicates', 'count', 'null-keys']],
  ] as const)('accepts %s', async (_, total, accepted) => {
    const served = await serveUsers(page => ({ids: page === 1 ? [1, 2, 3, 2] : [], total}));
    expect(await load(served, accepted)).toMatchObject({exitCode: 0, rows: 3});
  });

  test('does not accept that fewer rows come than are counted', async () => {
    const served = await serveUsers(page => ({ids: page === 1 ? [1, 2, 3, 2] : [], total: 5}));
    expect(await load(served, ['duplicates'])).toMatchObject({exitCode: 7});
  });
});

describe('a cursor that shows another list from some page on', () => {
  const all = range(1, 1500);
  const pageOf = (ids: readonly number[], page: number, size = 200) => ids.slice(size * (page - 1), size * page);

  test.each([
    ['in another order', (page: number) => ({ids: pageOf([...all].reverse(), page), total: 1500})],
    ['in shorter pages that count nothing', (page: number) => ({ids: pageOf(all, page).slice(0, 50)})],
  ])('is left, and the list read without it: %s', async (_, other) => {
    const served = await serveUsers((page, _time, byCursor) =>
      byCursor && page > 3 ? other(page) : {ids: pageOf(all, page), total: 1500},
    );
    expect(await load(served)).toMatchObject({exitCode: 0, rows: 1500});
  });
});
