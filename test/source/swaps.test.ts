import {describe, expect, test} from 'vitest';
import {IncompleteError} from '../../src/errors.js';
import {List} from '../../src/source/lists/list.js';
import {PageFormat} from '../../src/source/lists/page.js';
import {listen, open} from './tenant.js';
import {error, idle, keepIds, readAll, table} from './things.js';

const pageSize = 10;

interface Swap {
  /** After so many replies. */
  readonly after: number;
  readonly change: (rows: number[]) => number[];
}

/** Reads a list in which rows come and go without a change of its length. */
async function readSwapped(pages: number, swaps: readonly Swap[], {counts = true, cursor = false} = {}) {
  let rows = Array.from({length: pages * pageSize - 3}, (_, index) => index);
  const stayed = new Set(rows);
  let replies = 0;
  const asked: number[] = [];
  const frozen = [...rows];
  const url = await listen((request, response) => {
    if (request.method === 'POST') {
      response.end('{"access_token":"t"}');
      return;
    }
    const {searchParams: query} = new URL(request.url ?? '/', 'http://things');
    const page = Number(query.get('page'));
    asked.push(page);
    const list = cursor && query.has('cursor') ? frozen : rows;
    const ids = list.slice(pageSize * (page - 1), pageSize * page);
    // A value that changes each time, as a time of the last visit may, tells nothing.
    const records = ids.map(id => ({id, seen: replies}));
    const facts = counts ? {total_count: list.length} : {has_more_data: page * pageSize < list.length};
    response.end(JSON.stringify({data: {items: records, ...facts, cursor: cursor ? 'c' : null}}));
    replies++;
    for (const {after, change} of swaps) {
      if (after !== replies) continue;
      rows = change(rows);
      for (const id of stayed) if (!rows.includes(id)) stayed.delete(id);
    }
  });
  const {client} = open(url);
  const format = new PageFormat(table, {path: '/things', cursor: true}, pageSize);
  const {ids, spool} = keepIds();
  const list = new List(format, {...idle, client, parallelism: 1, spool});
  const outcome = await readAll(list).catch((caught: Error) => caught);
  return {outcome, missed: [...stayed].filter(id => !ids.includes(id)), asked};
}

let added = 100_000;
const newRows = (count: number) => Array.from({length: count}, () => added++);
/** The first five rows go, and five come at the end. */
const fromFirstPage = (rows: number[]) => [...rows.slice(5), ...newRows(5)];
const toFirstPage = (rows: number[]) => [...newRows(5), ...rows.slice(0, -5)];

describe('as many rows go as come while a long list is read:', () => {
  test.each([
    ['with totals', true],
    ['without totals', false],
  ])('none that stayed is missed, %s', async (_, counts) => {
    const {outcome, missed, asked} = await readSwapped(50, [{after: 20, change: fromFirstPage}], {counts});
    expect({outcome, missed}).toMatchObject({outcome: {moved: true}, missed: []});
    expect(asked.length).toBeLessThanOrEqual(103);
  });

  test('the last page of a very long one shows what the first does not', async () => {
    const behindFirst = (rows: number[]) => [...rows.slice(0, 300), ...rows.slice(305), ...newRows(5)];
    // The last page has been read before a page in the middle was read again.
    const {missed, asked} = await readSwapped(100, [{after: 100, change: behindFirst}]);
    expect({missed, again: asked.slice(100, 102)}).toEqual({missed: [], again: [1, 100]});
    expect(asked.length).toBeGreaterThan(200);
  });

  test('one whose rows go on to be swapped is refused', async () => {
    const swaps = Array.from({length: 40}, (_, turn) => ({after: 25 * (turn + 1), change: toFirstPage}));
    const {outcome} = await readSwapped(50, swaps);
    expect(outcome).toEqual(error(IncompleteError, /rows came and went, though their count stayed/));
  });
});

describe('a look at the ends costs', () => {
  test.each([
    [49, {}, []],
    [50, {}, [1]],
    [99, {counts: false}, [1]],
    [100, {}, [1, 100]],
    [100, {cursor: true}, []],
  ])('for %i pages, %j: %j', async (pages, options, looks) => {
    const {outcome, asked} = await readSwapped(pages, [], options);
    expect({outcome, looks: asked.slice(pages)}).toMatchObject({outcome: {moved: false}, looks});
  });

  test('nothing more where a row was seen to come', async () => {
    const {asked} = await readSwapped(50, [{after: 20, change: rows => [...newRows(1), ...rows]}]);
    expect(asked.length).toBeLessThan(60);
  });
});
