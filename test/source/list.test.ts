import {describe, expect, test} from 'vitest';
import {IncompleteError, ResponseError} from '../../src/errors.js';
import {List} from '../../src/source/lists/list.js';
import {PageFormat} from '../../src/source/lists/page.js';
import type {ApiRoute} from '../../src/table.js';
import {listen, open} from './tenant.js';
import {error, idle, items, keepIds, readAll, readFrom, table} from './things.js';

describe('a list ends', () => {
  test('at its total', async () => {
    const all = [items(1, 2), items(3, 4), items(5)];
    expect(await readFrom(page => ({data: {items: all[page - 1], total_count: 5}}))).toMatchObject({
      outcome: {records: 5, total: 5, moved: false, blank: null},
      ids: [1, 2, 3, 4, 5],
      asked: [1, 2, 3],
    });
  });

  test('at its total, by the size of page that the server chose', async () => {
    expect(await readFrom(page => ({data: {items: items(page), total_count: '3'}}))).toMatchObject({
      outcome: {records: 3, total: 3, moved: false, blank: null},
      ids: [1, 2, 3],
      asked: [1, 2, 3],
    });
  });

  test('at its count of pages', async () => {
    expect(await readFrom(page => ({data: {items: items(page), total_pages: 3}}))).toMatchObject({
      outcome: {records: 3, total: 3, moved: false, blank: null},
      ids: [1, 2, 3],
      asked: [1, 2, 3],
    });
  });

  test('where it says that there is no more', async () => {
    const all = [items(1, 2), items(3, 4), items(5)];
    expect(await readFrom(page => ({data: {items: all[page - 1], has_more_data: page < 3}}))).toMatchObject({
      outcome: {records: 5, total: 5, moved: false, blank: null},
      ids: [1, 2, 3, 4, 5],
      asked: [1, 2, 3],
    });
  });

  test('at an empty page if it says nothing', async () => {
    expect(await readFrom(page => ({data: page < 3 ? items(...(page === 1 ? [1, 2] : [3])) : []}))).toMatchObject({
      outcome: {records: 3, total: 3, moved: false, blank: null},
      ids: [1, 2, 3],
      asked: [1, 2, 3],
    });
  });

  test('where it begins to repeat itself if it says nothing, for then it has no pages', async () => {
    expect(await readFrom(() => ({data: items(1, 2)}))).toMatchObject({
      outcome: {records: 2, total: 2, moved: false, blank: null},
      ids: [1, 2],
      asked: [1, 2],
    });
  });

  test('with the one reply of a list that has no pages', async () => {
    expect(await readFrom(() => ({data: items(1, 2)}), {path: '/things', paging: 'single'})).toMatchObject({
      outcome: {records: 2, total: 2, moved: false, blank: null},
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
      expect(await readFrom(answer, {path: '/things', paging: 'single'})).toMatchObject({
        outcome: {records: 5, total: 5, moved: false, blank: null},
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
    expect(await readFrom(answer)).toMatchObject({ids: [1, 2], asked: [1, 2, 3, 3]});
  });

  test('at once if it is empty', async () => {
    expect(await readFrom(() => ({data: {items: [], total_count: 0, has_more_data: false}}))).toMatchObject({
      outcome: {records: 0, total: 0, moved: false, blank: null},
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
    expect({outcome, asked}).toEqual({
      outcome: error(IncompleteError, /sent nothing new while more was promised/),
      asked: [1, 2],
    });
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
    expect({outcome, asked}).toEqual({outcome: error(ResponseError, /pages, which is impossible/), asked: [1, 2]});
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
    const answer = (page: number) => ({data: {list: page === 1 ? [[], []] : page === 2 ? [[1], [2]] : []}});
    expect(await readFrom(answer, route)).toMatchObject({ids: [201, 202], asked: [1, 2, 3, 3]});
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

describe('a list by offset', () => {
  const route: ApiRoute = {path: '/things', paging: 'offset', recordsAt: ['data.channel.items']};

  /** Reads a list of `length` things, two a page, from a server that says `facts` and may send fewer or other rows than asked for. */
  const readByOffset = async (
    length: number,
    facts: (sentTo: number) => object = () => ({}),
    serve = ({from, count}: {from: number; count: number}) => ({from, count}),
  ) => {
    const all = Array.from({length}, (_, index) => index + 1);
    const asked: string[] = [];
    const url = await listen((request, response) => {
      if (request.method === 'POST') return response.end('{"access_token":"t"}');
      const {searchParams: query, search} = new URL(request.url ?? '/', 'http://things');
      asked.push(search);
      const {from, count} = serve({from: Number(query.get('from')), count: Number(query.get('count'))});
      const channel = {...facts(from + count), items: items(...all.slice(from, from + count))};
      return response.end(JSON.stringify({data: {user: [], channel}}));
    });
    const {client} = open(url);
    const {ids, spool} = keepIds();
    const list = new List(new PageFormat(table, route, 2), {...idle, parallelism: 1, client, spool});
    const outcome = await readAll(list).catch((error: Error) => error);
    return {outcome, ids, asked: asked.map(search => search.replace('?from=', '').replace('&count=', '+'))};
  };

  test('ends at its count', async () => {
    expect(await readByOffset(5, () => ({items_count: 5}))).toMatchObject({
      outcome: {records: 5, total: 5, moved: false, blank: null},
      ids: [1, 2, 3, 4, 5],
      asked: ['0+2', '2+2', '4+2'],
    });
  });

  test('ends where it says that there is no more', async () => {
    expect(await readByOffset(4, sentTo => ({has_more_data: sentTo < 4}))).toMatchObject({
      ids: [1, 2, 3, 4],
      asked: ['0+2', '2+2'],
    });
  });

  test('ends at an empty page if it says nothing', async () => {
    expect(await readByOffset(3)).toMatchObject({ids: [1, 2, 3], asked: ['0+2', '2+2', '4+2']});
    expect(await readByOffset(1)).toMatchObject({ids: [1], asked: ['0+2', '1+1']});
    expect(await readByOffset(0)).toMatchObject({ids: [], asked: ['0+2']});
  });

  test.each([
    ['says nothing', () => ({})],
    ['says whether there is more', (sentTo: number) => ({has_more_data: sentTo < 3})],
    ['counts', () => ({items_count: 3})],
  ])('goes on behind what came, if the server that %s sends fewer than asked for', async (_, facts) => {
    const {ids, asked} = await readByOffset(3, facts, ({from}) => ({from, count: 1}));
    expect(ids).toEqual([1, 2, 3]);
    expect(asked.slice(0, 3)).toEqual(['0+2', '1+1', '2+1']);
  });

  test('is whole if the server sends all of it, whatever is asked for', async () => {
    for (const facts of [() => ({}), () => ({items_count: 5}), () => ({has_more_data: false})])
      expect(await readByOffset(5, facts, () => ({from: 0, count: 5}))).toMatchObject({ids: [1, 2, 3, 4, 5]});
  });

  test('is not known to be whole if the server says nothing and sends the same again', async () => {
    const sameAgain = await readByOffset(
      9,
      () => ({}),
      () => ({from: 0, count: 5}),
    );
    expect(sameAgain).toMatchObject({ids: [1, 2, 3, 4, 5], outcome: {isUnproved: true}});
    expect((await readByOffset(5)).outcome).not.toHaveProperty('isUnproved');
  });

  test.each([
    ['says nothing', () => ({}), /sent nothing new though the page before it was full/],
    ['says that there is more', () => ({has_more_data: true}), /sent nothing new while more was promised/],
    ['counts', () => ({items_count: 5}), /sent nothing new/],
  ])('is refused if the server that %s ignores where to begin', async (_, facts, message) => {
    const {outcome} = await readByOffset(5, facts, ({count}) => ({from: 0, count}));
    expect(outcome).toEqual(error(IncompleteError, message));
  });

  test('is read on where an earlier run left it, by the size that its first page had', async () => {
    const asked: string[] = [];
    const url = await listen((request, response) => {
      if (request.method === 'POST') return response.end('{"access_token":"t"}');
      const {searchParams: query} = new URL(request.url ?? '/', 'http://things');
      asked.push(`${query.get('from')}+${query.get('count')}`);
      const items = query.get('from') === '2' ? [{id: 3}] : [];
      return response.end(JSON.stringify({data: {channel: {items}}}));
    });
    const format = new PageFormat(table, route, 2);
    const landed = [1, 2].map(number => {
      const address = {number, bound: {}, extra: {}, size: number === 1 ? undefined : 1};
      const body = Buffer.from(JSON.stringify({data: {channel: {items: items(number)}}}));
      return {
        type: 'page',
        page: number,
        request: format.name(address),
        bound: {},
        records: 1,
        facts: format.read(body, address).facts,
        pass: 0,
        state: 0,
        sent_after: number - 1,
        end_offset: number,
        longest_line: 1,
        extracted_at: new Date(idle.clock.now() - 1000).toISOString(),
        undeclared: {},
        exact: [],
        mended: [],
        repeated: [],
      } as const;
    });
    const {ids, spool} = keepIds(request => landed.filter(line => line.request === request));
    const {client} = open(url);
    const outcome = await readAll(new List(format, {...idle, parallelism: 1, client, spool}));
    expect(outcome).toMatchObject({records: 3});
    // A page that says nothing is asked for twice if the one before it was full.
    expect({ids, asked}).toEqual({ids: [3], asked: ['2+1', '3+1', '3+1']});
  });

  test('is refused if fewer came than it counts', async () => {
    const {outcome} = await readByOffset(3, () => ({items_count: 4}));
    expect(outcome).toEqual(error(IncompleteError, /page 2: 1 of 2 records came/));
  });
});

describe('a list that an earlier run had begun', () => {
  const nowMs = idle.clock.now();

  /** Page 1 of [1..6] has landed so long ago; since then 2 has gone and 7 has come. */
  const readOn = async (agoMs: number, route: ApiRoute = {path: '/things'}) => {
    const rows = [1, 3, 4, 5, 6, 7];
    const asked: number[] = [];
    const url = await listen((request, response) => {
      if (request.method === 'POST') return response.end('{"access_token":"t"}');
      const page = Number(new URL(request.url ?? '/', 'http://things').searchParams.get('page'));
      asked.push(page);
      const data = {items: items(...rows.slice(2 * page - 2, 2 * page)), total_count: 6};
      return response.end(JSON.stringify({data}));
    });
    const format = new PageFormat(table, route, 2);
    const address = {number: 1, bound: {}, extra: {}};
    const first = format.read(Buffer.from(JSON.stringify({data: {items: items(1, 2), total_count: 6}})), address);
    const landed = {
      type: 'page',
      page: 1,
      request: format.name(address),
      bound: {},
      records: 2,
      facts: first.facts,
      pass: 0,
      state: 0,
      sent_after: 0,
      end_offset: 1,
      longest_line: 1,
      extracted_at: new Date(nowMs - agoMs).toISOString(),
      undeclared: {},
      exact: [],
      mended: [],
      repeated: [],
    } as const;
    const {ids, spool} = keepIds(request => (request === landed.request ? [landed] : []));
    ids.push(1, 2);
    const {client} = open(url);
    await readAll(new List(format, {...idle, parallelism: 1, client, spool}));
    return {asked, ids: [...new Set(ids)].sort((a, b) => a - b)};
  };

  test('is read on at once without asking again for what has landed', async () => {
    expect((await readOn(599_000)).asked).toEqual([2, 3]);
  });

  test.each([
    ['after a rest in which it may have changed', 601_000],
    ['after a rest that nobody knows the length of, since a clock was ahead', -1],
  ])('is read again where it was left, %s', async (_, agoMs) => {
    expect(await readOn(agoMs)).toEqual({asked: [2, 1, 3], ids: [1, 2, 3, 4, 5, 6, 7]});
  });

  test('is read again where it was left, if that may have been a frozen search', async () => {
    const {asked, ids} = await readOn(0, {path: '/things', cursor: true});
    expect({asked, ids}).toEqual({asked: [2, 1, 3], ids: [1, 2, 3, 4, 5, 6, 7]});
  });
});

test('a long list in which rows come all the while is settled each time anew', async () => {
  const rows = Array.from({length: 600}, (_, id) => ({id}));
  let [answers, asked] = [0, 0];
  const url = await listen((request, response) => {
    if (request.method === 'POST') return response.end('{"access_token":"t"}');
    const page = Number(new URL(request.url ?? '/', 'http://things').searchParams.get('page'));
    asked++;
    const body = JSON.stringify({data: {items: rows.slice(10 * page - 10, 10 * page), total_count: rows.length}});
    if (++answers % 7 === 0) rows.unshift({id: 1000 + answers});
    return response.end(body);
  });
  const {client} = open(url);
  const {ids, spool} = keepIds();
  const format = new PageFormat(table, {path: '/things'}, 10);
  await readAll(new List(format, {...idle, parallelism: 2, client, spool, driftRetries: 1}));
  expect(rows.length).toBeGreaterThan(610);
  expect(rows.filter(({id}) => id < 1000 && !ids.includes(id))).toEqual([]);
  expect(asked).toBeLessThan(3 * 60);
});

test('a page that does not count the list is held against those that do', async () => {
  const answer = (page: number) => ({data: page === 1 ? {items: items(1, 2), total_count: 6} : {items: items()}});
  expect((await readFrom(answer)).outcome).toEqual(error(IncompleteError, /page 2: 0 of 2 records came/));
});
