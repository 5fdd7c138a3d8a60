import {describe, expect, test} from 'vitest';
import {IncompleteError, ResponseError} from '../../src/errors.js';
import {readList} from '../../src/source/list.js';
import type {ListContext, ListOutcome} from '../../src/source/list-context.js';
import {PageFormat} from '../../src/source/page.js';
import {type ApiRoute, defineTable, integer} from '../../src/table.js';
import {listen, open} from './tenant.js';

const table = defineTable({
  name: 'things',
  description: 'Things.',
  routes: [{path: '/things'}],
  primaryKey: ['id'],
  columns: {id: integer('Id.')},
});

const idle = {
  parallelism: 4,
  driftRetries: 2,
  onCall: () => {},
  onExpect: () => {},
  landedBefore: () => [],
  readLanded: async () => [],
  land: async () => {},
};

/** Reads the list of a server that answers each page by `answer`, and gives what was landed and asked. */
async function readFrom(answer: (page: number) => unknown, route: ApiRoute = {path: '/things'}) {
  const asked: number[] = [];
  const url = await listen((request, response) => {
    if (request.method === 'POST') return response.end('{"access_token":"t"}');
    const page = Number(new URL(request.url ?? '/', 'http://things').searchParams.get('page') ?? 0);
    asked.push(page);
    return response.end(JSON.stringify(answer(page)));
  });
  const lines: string[] = [];
  const {client} = open(url);
  const context: ListContext = {
    ...idle,
    client,
    land: async page => {
      lines.push(page.lines.encode(page.facts.number).toString());
    },
  };
  const format = new PageFormat(table, route, 2);
  const outcome: ListOutcome | Error = await readList(format, {}, {}, context).catch((error: Error) => error);
  const ids = [...lines.join('').matchAll(/"id":(\d+)/g)].map(([, id]) => Number(id));
  return {outcome, ids: ids.sort((a, b) => a - b), asked: asked.sort((a, b) => a - b)};
}

const items = (...ids: readonly number[]) => ids.map(id => ({id}));
const error = (kind: new (...args: never[]) => Error, message: RegExp) =>
  expect.toSatisfy((caught: unknown) => caught instanceof kind && message.test(caught.message));

describe('a list ends', () => {
  test('at its total', async () => {
    const all = [items(1, 2), items(3, 4), items(5)];
    expect(await readFrom(page => ({data: {items: all[page - 1], total_count: 5}}))).toEqual({
      outcome: {records: 5, total: 5, moved: false},
      ids: [1, 2, 3, 4, 5],
      asked: [1, 2, 3],
    });
  });

  test('at its total, by the size of page that the server chose', async () => {
    expect(await readFrom(page => ({data: {items: items(page), total_count: '3'}}))).toEqual({
      outcome: {records: 3, total: 3, moved: false},
      ids: [1, 2, 3],
      asked: [1, 2, 3],
    });
  });

  test('at its count of pages', async () => {
    expect(await readFrom(page => ({data: {items: items(page), total_pages: 3}}))).toEqual({
      outcome: {records: 3, total: 3, moved: false},
      ids: [1, 2, 3],
      asked: [1, 2, 3],
    });
  });

  test('where it says that there is no more, an empty page in between or not', async () => {
    const all = [items(1, 2), [], items(3)];
    expect(await readFrom(page => ({data: {items: all[page - 1], has_more_data: page < 3}}))).toEqual({
      outcome: {records: 3, total: 3, moved: false},
      ids: [1, 2, 3],
      asked: [1, 2, 3],
    });
  });

  test('at an empty page if it says nothing', async () => {
    expect(await readFrom(page => ({data: page < 3 ? items(page) : []}))).toEqual({
      outcome: {records: 2, total: 2, moved: false},
      ids: [1, 2],
      asked: [1, 2, 3],
    });
  });

  test('where it begins to repeat itself if it says nothing, for then it has no pages', async () => {
    expect(await readFrom(() => ({data: items(1, 2)}))).toEqual({
      outcome: {records: 2, total: 2, moved: false},
      ids: [1, 2],
      asked: [1, 2],
    });
  });

  test('with the one reply of a list that has no pages', async () => {
    expect(await readFrom(() => ({data: items(1, 2)}), {path: '/things', paging: 'single'})).toEqual({
      outcome: {records: 2, total: 2, moved: false},
      ids: [1, 2],
      asked: [0],
    });
  });

  test('where it says so, though it was to have one reply only', async () => {
    const all = [items(1, 2), items(3, 4), items(5)];
    for (const facts of [
      (page: number) => ({has_more_data: page < 3}),
      () => ({total_page_count: 3}),
      () => ({total_count: 5}),
    ]) {
      const answer = (page: number) => ({data: {items: all[Math.max(page, 1) - 1], ...facts(Math.max(page, 1))}});
      expect(await readFrom(answer, {path: '/things', paging: 'single'})).toEqual({
        outcome: {records: 5, total: 5, moved: false},
        ids: [1, 2, 3, 4, 5],
        asked: [0, 2, 3],
      });
    }
  });

  test.each([
    ['true', 'false'],
    [1, 0],
    ['1', '0'],
  ])('where it says so in other words: %j and %j', async (more, last) => {
    const answer = (page: number) => ({data: {items: items(page), has_more_data: page < 3 ? more : last}});
    expect(await readFrom(answer)).toMatchObject({ids: [1, 2, 3], asked: [1, 2, 3]});
  });

  test('as if it said nothing, where what it says is neither', async () => {
    const answer = (page: number) => ({data: {items: page < 3 ? items(page) : [], has_more_data: 'perhaps'}});
    expect(await readFrom(answer)).toMatchObject({ids: [1, 2], asked: [1, 2, 3]});
  });

  test('at once if it is empty', async () => {
    expect(await readFrom(() => ({data: {items: [], total_count: 0, has_more_data: false}}))).toEqual({
      outcome: {records: 0, total: 0, moved: false},
      ids: [],
      asked: [1],
    });
  });
});

describe('a list is refused', () => {
  test('if fewer came than it counts', async () => {
    const {outcome} = await readFrom(page => ({data: {items: page < 3 ? items(page) : [], total_count: 3}}));
    expect(outcome).toEqual(error(IncompleteError, /page 3: 0 of 1 records came/));
  });

  test('if it says there is more but sends the same page again', async () => {
    const {outcome, asked} = await readFrom(() => ({data: {items: items(1), has_more_data: true}}));
    expect({outcome, asked}).toEqual({outcome: error(IncompleteError, /sent the page before it again/), asked: [1, 2]});
  });

  test('if empty pages promise more for ever', async () => {
    const {outcome, asked} = await readFrom(page => ({data: {items: [], has_more_data: true, page}}));
    expect({outcome, asked}).toEqual({
      outcome: error(IncompleteError, /4 empty pages in a row promise more/),
      asked: [1, 2, 3, 4, 5],
    });
  });

  test('if its records are nowhere, with what is there instead', async () => {
    const {outcome} = await readFrom(() => ({data: {rows: []}, version: 1}));
    expect(outcome).toEqual(
      error(ResponseError, /no records at data\.items, data, items\. The reply holds data, version, data\.rows\.$/),
    );
  });

  test('if it counts more pages than there can be', async () => {
    const {outcome, asked} = await readFrom(() => ({data: {items: items(1), total_count: Number.MAX_SAFE_INTEGER}}));
    expect({outcome, asked}).toEqual({outcome: error(ResponseError, /pages, which cannot be/), asked: [1]});
  });

  test.each([{}, {data: []}, {data: {items: []}}])('if it is an error in a success, beside %j', async rest => {
    const {outcome} = await readFrom(() => ({success: false, message: 'No such thing', ...rest}));
    expect(outcome).toEqual(error(ResponseError, /gave an error in a success: No such thing, 6 times in a row\.$/));
  });

  test('if what is made of its reply does not fit', async () => {
    const explode = (body: unknown) => {
      const listed = (body as {list: {id: number}[]}).list;
      return {listed, records: listed.map(({id}) => ({id}))};
    };
    const {outcome} = await readFrom(() => ({data: []}), {path: '/things', paging: 'single', explode});
    expect(outcome).toEqual(error(ResponseError, /is not the reply that things knows/));
  });
});

describe('a list whose records are made of what it lists', () => {
  const route: ApiRoute = {
    path: '/things',
    explode: (body, {page}) => {
      const {data} = body as {data: {list: readonly (readonly number[])[]}};
      return {listed: data.list, records: data.list.flatMap(ids => ids.map(id => ({id: 100 * page + id})))};
    },
  };

  test('goes on behind a page of which nothing is made', async () => {
    const answer = (page: number) => ({data: {list: page === 1 ? [[]] : page === 2 ? [[1], [2]] : []}});
    expect(await readFrom(answer, route)).toMatchObject({ids: [201, 202], asked: [1, 2, 3]});
  });

  test('is counted by what it lists', async () => {
    expect(await readFrom(() => ({data: {list: [[1, 2, 3]], total_count: 1}}), route)).toMatchObject({
      outcome: {records: 3, total: 1},
      asked: [1],
    });
  });

  test('ends where it sends the same again, though other records would be made of it', async () => {
    expect(await readFrom(() => ({data: {list: [[1]]}}), route)).toMatchObject({ids: [101], asked: [1, 2]});
  });

  test('is refused if a page that it counts is the one before', async () => {
    const {outcome} = await readFrom(() => ({data: {list: [[1]], total_pages: 2}}), route);
    expect(outcome).toEqual(error(IncompleteError, /page 2: it repeats the page before it/));
  });
});

describe('a list that gives a cursor', () => {
  const readFrozen = async (take: (cursor: string | null, page: number) => number, pages = 3) => {
    const asked: string[] = [];
    const url = await listen((request, response) => {
      if (request.method === 'POST') return response.end('{"access_token":"t"}');
      const {searchParams: query} = new URL(request.url ?? '/', 'http://things');
      const [page, cursor] = [Number(query.get('page')), query.get('cursor')];
      asked.push(`${page} ${query.get('get_cursor') ?? '-'} ${cursor ?? '-'}`);
      const status = take(cursor, page);
      if (status !== 200) return response.writeHead(status).end('{}');
      const data = {items: items(page * 2, page * 2 + 1), total_count: 2 * pages, cursor: page === 1 ? 'a b' : cursor};
      return response.end(JSON.stringify({data}));
    });
    const {client} = open(url, {parallelism: 1});
    const format = new PageFormat(table, {path: '/things', cursor: true}, 2);
    const outcome = await readList(format, {}, {}, {...idle, client, parallelism: 1});
    return {outcome, asked};
  };

  test('is read over it, so that its pages stay as they were', async () => {
    expect(await readFrozen(() => 200)).toEqual({
      outcome: {records: 6, total: 6, moved: false},
      asked: ['1 1 -', '2 - a b', '3 - a b'],
    });
  });

  test('is read again where it was frozen last, if the cursor lasts for a part of it only', async () => {
    const {outcome, asked} = await readFrozen((cursor, page) => (cursor !== null && page > 3 ? 404 : 200), 5);
    expect(outcome).toEqual({records: 12, total: 10, moved: true});
    expect(asked).toEqual(['1 1 -', '2 - a b', '3 - a b', '4 - a b', '4 - -', '3 - -', '5 - -']);
  });

  test.each([400, 404])('is read on without it if it is refused with %i', async status => {
    expect(await readFrozen(cursor => (cursor === null ? 200 : status))).toEqual({
      outcome: {records: 6, total: 6, moved: false},
      asked: ['1 1 -', '2 - a b', '2 - -', '3 - -'],
    });
  });
});
