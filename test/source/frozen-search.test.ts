import {describe, expect, test} from 'vitest';
import {IncompleteError} from '../../src/errors.js';
import {List} from '../../src/source/lists/list.js';
import {PageFormat} from '../../src/source/lists/page.js';
import {listen, open} from './tenant.js';
import {error, idle, items, keepIds, readAll, table} from './things.js';

/** What is answered to a page that is asked for by the cursor: a status, or a page in place of the one that was asked for. */
type Answer = (page: number) => number | {items?: readonly number[]; total_count?: number; current_page?: number};

async function readFrozen(answer: Answer, pages = 3) {
  const asked: string[] = [];
  const url = await listen((request, response) => {
    if (request.method === 'POST') return response.end('{"access_token":"t"}');
    const {searchParams: query} = new URL(request.url ?? '/', 'http://things');
    const [page, cursor] = [Number(query.get('page')), query.get('cursor')];
    asked.push(`${page} ${query.get('get_cursor') ?? '-'} ${cursor ?? '-'}`);
    const answered = cursor === null ? 200 : answer(page);
    if (typeof answered === 'number' && answered !== 200) return response.writeHead(answered).end('{}');
    const {items: ids = [page * 2, page * 2 + 1], ...facts} = typeof answered === 'number' ? {} : answered;
    const data = {
      total_count: 2 * pages,
      current_page: page,
      cursor: page === 1 ? 'a b' : cursor,
      ...facts,
      items: items(...ids),
    };
    return response.end(JSON.stringify({data}));
  });
  const {client} = open(url, {parallelism: 1});
  const format = new PageFormat(table, {path: '/things', cursor: true}, 2);
  const {ids, spool} = keepIds();
  const list = new List(format, {...idle, client, parallelism: 1, spool});
  const outcome = await readAll(list).catch((caught: Error) => caught);
  return {outcome, ids: [...new Set(ids)].sort((a, b) => a - b), asked};
}

describe('a list that gives a cursor', () => {
  test('is read over it, so that its pages stay as they were', async () => {
    expect(await readFrozen(() => 200)).toMatchObject({
      outcome: {records: 6, total: 6, moved: false, blank: null},
      asked: ['1 1 -', '2 - a b', '3 - a b'],
    });
  });

  test('is read again where it was frozen last, if the cursor lasts for a part of it only', async () => {
    const {outcome, asked} = await readFrozen(page => (page > 3 ? 404 : 200), 5);
    expect(outcome).toMatchObject({records: 12, total: 10, moved: true, blank: null});
    expect(asked).toEqual(['1 1 -', '2 - a b', '3 - a b', '4 - a b', '4 - -', '3 - -', '5 - -']);
  });

  test.each([400, 404, 410, 422])('is read on without it if it is refused with %i', async status => {
    expect(await readFrozen(() => status)).toMatchObject({
      outcome: {records: 6, total: 6, moved: false, blank: null},
      asked: ['1 1 -', '2 - a b', '2 - -', '3 - -'],
    });
  });

  test('is read on without it if it is answered by 500 each time', async () => {
    const {outcome, asked} = await readFrozen(() => 500);
    expect(outcome).toMatchObject({records: 6, total: 6, moved: false, blank: null});
    expect([...new Set(asked)]).toEqual(['1 1 -', '2 - a b', '2 - -', '3 - -']);
  });

  test.each<[string, Answer]>([
    ['an empty list', () => ({items: [], total_count: 0})],
    ['an empty page', () => ({items: []})],
    ['the first page', () => ({items: [2, 3]})],
    ['another page', () => ({items: [4, 5], current_page: 2})],
    ['another list', () => ({items: [2, 3], total_count: 2})],
  ])('is read on without it where it has become %s', async (_, answer) => {
    const {outcome, ids, asked} = await readFrozen(page => (page === 3 ? answer(page) : 200), 4);
    expect({outcome, ids}).toMatchObject({outcome: {total: 8}, ids: [2, 3, 4, 5, 6, 7, 8, 9]});
    expect(asked.slice(2, 4)).toEqual(['3 - a b', '3 - -']);
  });

  test('is not read on where overload is the trouble', async () => {
    const {outcome, asked} = await readFrozen(() => 503);
    expect(outcome).toEqual(error(IncompleteError, /503/));
    expect(asked).not.toContain('2 - -');
  });
});
