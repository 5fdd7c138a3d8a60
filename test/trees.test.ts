import {describe, expect, test} from 'vitest';
import {type Served, serve} from './helpers/served.js';

interface Category {
  readonly id: number | string;
  readonly title?: string;
  readonly has_child?: unknown;
  readonly iLeft?: number;
  readonly iRight?: number;
}

const leaf = (id: number, left: number, title = `leaf ${id}`): Category => ({
  id,
  title,
  has_child: false,
  iLeft: left,
  iRight: left + 1,
});
const inner = (id: number, iLeft: number, iRight: number, title = `inner ${id}`): Category => ({
  id,
  title,
  has_child: true,
  iLeft,
  iRight,
});

function reply(items: readonly Category[], total = items.length, more = false): string {
  return JSON.stringify({data: {items, total_count: total, has_more_data: more}});
}

/** The lists of a tree of categories by the node that they are asked for, '' for the first; each time the next reply of a list, then its last. */
async function serveLists(lists: Readonly<Record<string, readonly (readonly Category[])[]>>): Promise<Served> {
  const times = new Map<string, number>();
  return serve((_, query) => {
    const node = query.get('node_id') ?? '';
    const time = times.get(node) ?? 0;
    times.set(node, time + 1);
    const replies = lists[node];
    const items = replies?.[time] ?? replies?.at(-1);
    return items === undefined ? undefined : reply(items);
  });
}

const nodesAsked = ({asked}: Served) => asked.map(path => new URL(path, 'http://x').searchParams.get('node_id') ?? '');
const ids = async ({query}: Served) => (await query('SELECT id FROM categories ORDER BY id')).map(([id]) => Number(id));
const titles = async ({query}: Served) => query('SELECT id, title FROM categories ORDER BY id');

test('a whole tree in one reply costs one call', async () => {
  const served = await serveLists({'': [[inner(1, 2, 7), leaf(2, 3), leaf(3, 5), leaf(4, 8)]]});
  const {tables, exitCode} = await served.load(['categories']);
  expect(exitCode).toBe(0);
  expect(tables[0]?.warnings).toEqual([]);
  expect(await ids(served)).toEqual([1, 2, 3, 4]);
  expect(nodesAsked(served)).toEqual(['']);
});

test('a node that stands in its own list and in that of its parent is one row, as it was read last', async () => {
  const served = await serveLists({
    '': [[inner(1, 2, 5, 'old')]],
    1: [[inner(1, 2, 5, 'new'), leaf(2, 3)]],
  });
  const {exitCode} = await served.load(['categories']);
  expect(exitCode).toBe(0);
  expect(await titles(served)).toEqual([
    ['1', 'new'],
    ['2', 'leaf 2'],
  ]);
  expect(nodesAsked(served)).toEqual(['', '1']);
});

describe('a list of a tree in which a node repeats and another is missing', () => {
  const pages = (query: URLSearchParams, second: readonly Category[]) =>
    reply(query.get('page') === '2' ? second : [leaf(1, 2), leaf(2, 4)], 4);

  test('is refused while it stays so', async () => {
    const served = await serve((_, query) => pages(query, [leaf(2, 4), leaf(3, 6)]));
    const {tables, exitCode} = await served.load(['categories'], {docebo: {pageSize: 2}});
    expect(exitCode).toBe(7);
    expect(tables[0]).toMatchObject({
      status: 'not_loaded',
      error: {message: expect.stringMatching(/counts 4 rows, 3 came|two places/)},
    });
  });

  test('and read again, all of it', async () => {
    let asked = 0;
    const served = await serve((_, query) => {
      if (query.get('page') === '2') asked++;
      return pages(query, asked === 1 ? [leaf(2, 4), leaf(3, 6)] : [leaf(3, 6), leaf(4, 8)]);
    });
    const {exitCode} = await served.load(['categories'], {docebo: {pageSize: 2}});
    expect(exitCode).toBe(0);
    expect(await ids(served)).toEqual([1, 2, 3, 4]);
  });

  test('however deep it lies', async () => {
    const served = await serve((_, query) => {
      if (query.get('node_id') === null) return reply([inner(9, 1, 10)]);
      return query.get('node_id') === '9' ? pages(query, [leaf(2, 4), leaf(3, 6)]) : undefined;
    });
    const {exitCode} = await served.load(['categories'], {docebo: {pageSize: 2}});
    expect(exitCode).toBe(7);
  });
});

describe('a node that moves to another parent while the tree is read', () => {
  test('is found though its new parent had said that it has no children', async () => {
    const served = await serveLists({
      '': [
        [inner(1, 2, 5), leaf(2, 6, 'b')],
        [leaf(1, 2, 'a'), inner(2, 4, 7, 'b')],
      ],
      1: [[]],
      2: [[leaf(3, 5, 'moved')]],
    });
    const {tables, exitCode} = await served.load(['categories']);
    expect(exitCode).toBe(0);
    expect(tables[0]?.warnings).toEqual([]);
    expect(await titles(served)).toEqual([
      ['1', 'a'],
      ['2', 'b'],
      ['3', 'moved'],
    ]);
  });

  test('is found though the list of its new parent had been read', async () => {
    const served = await serveLists({
      '': [
        [inner(1, 2, 7), inner(2, 8, 11)],
        [inner(1, 2, 5), inner(2, 6, 11)],
      ],
      1: [[leaf(4, 3)]],
      2: [[leaf(5, 9)], [leaf(5, 7), leaf(3, 9, 'moved')]],
    });
    const {exitCode} = await served.load(['categories']);
    expect(exitCode).toBe(0);
    expect(await ids(served)).toEqual([1, 2, 3, 4, 5]);
    expect(nodesAsked(served).sort()).toEqual(['', '', '1', '2', '2']);
  });

  test('is one row, as it was read last, if it was met at both', async () => {
    const served = await serveLists({
      '': [[inner(1, 2, 5), inner(2, 6, 11)]],
      1: [[leaf(3, 3, 'before')]],
      2: [[inner(4, 7, 10)]],
      4: [[leaf(3, 8, 'after')]],
    });
    const {exitCode} = await served.load(['categories']);
    expect(exitCode).toBe(0);
    expect(await titles(served)).toContainEqual(['3', 'after']);
    expect(await ids(served)).toEqual([1, 2, 3, 4]);
  });
});

describe('what the bounds of a tree tell of', () => {
  test('is asked for where some of a node’s children came', async () => {
    const served = await serveLists({
      '': [[inner(1, 2, 9), leaf(2, 3)]],
      1: [[leaf(2, 3), leaf(3, 5), leaf(4, 7)]],
    });
    const {exitCode} = await served.load(['categories']);
    expect(exitCode).toBe(0);
    expect(await ids(served)).toEqual([1, 2, 3, 4]);
    expect(nodesAsked(served)).toEqual(['', '1']);
  });

  test('is asked for where a node says that it has no children', async () => {
    const served = await serveLists({'': [[{...leaf(1, 2), iRight: 5}]], 1: [[leaf(2, 3)]]});
    await served.load(['categories']);
    expect(await ids(served)).toEqual([1, 2]);
  });

  test('is a warning where nobody has it', async () => {
    const served = await serveLists({'': [[inner(1, 2, 9)]], 1: [[leaf(2, 3)]]});
    const {tables, exitCode} = await served.load(['categories']);
    expect(exitCode).toBe(0);
    expect(tables[0]?.warnings).toEqual([expect.stringMatching(/^2 nodes of the tree did not come/)]);
    expect(await ids(served)).toEqual([1, 2]);
    expect(nodesAsked(served)).toEqual(['', '1', '']);
  });

  test('may be a gap that a deletion has left', async () => {
    const served = await serveLists({'': [[inner(1, 2, 9), {...leaf(2, 3), iRight: 8}]]});
    const {tables, exitCode} = await served.load(['categories']);
    expect(exitCode).toBe(0);
    expect(tables[0]?.warnings).toEqual([expect.stringMatching(/^2 nodes of the tree did not come/)]);
    expect(nodesAsked(served)).toEqual(['', '2']);
  });
});

describe('the list of a node that says it has children', () => {
  test('is asked for once more if it is empty', async () => {
    const served = await serveLists({'': [[inner(1, 2, 5)]], 1: [[], [leaf(2, 3)]]});
    const {exitCode, tables} = await served.load(['categories']);
    expect(exitCode).toBe(0);
    expect(tables[0]?.warnings).toEqual([]);
    expect(await ids(served)).toEqual([1, 2]);
    expect(nodesAsked(served)).toEqual(['', '1', '1']);
  });

  test('may stay empty, which is a warning', async () => {
    const served = await serveLists({'': [[{id: 1, has_child: true}]], 1: [[]]});
    const {exitCode, tables} = await served.load(['categories']);
    expect(exitCode).toBe(0);
    expect(tables[0]?.warnings).toEqual([expect.stringMatching(/^1 node of the tree did not come/)]);
    expect(nodesAsked(served)).toEqual(['', '1', '1', '']);
  });

  test('may not be refused', async () => {
    const served = await serveLists({'': [[inner(1, 2, 5)]]});
    const {exitCode, tables} = await served.load(['categories']);
    expect(exitCode).toBe(5);
    expect(tables[0]).toMatchObject({status: 'not_loaded', error: {status: 404}});
  });

  test('may be refused if the node is gone by then', async () => {
    const served = await serveLists({'': [[inner(1, 2, 5), leaf(2, 6)], [leaf(2, 2)]]});
    const {exitCode} = await served.load(['categories']);
    expect(exitCode).toBe(0);
    expect(await ids(served)).toContain(2);
  });
});

describe('whether a node has children', () => {
  test.each([true, 'true', 1, '1', 2, 'Y', 'yes', 't', 'On'])('is said by %j', async has_child => {
    const served = await serveLists({'': [[{id: 1, has_child}]], 1: [[{id: 2, has_child: false}]]});
    await served.load(['categories']);
    expect(await ids(served)).toEqual([1, 2]);
    expect(nodesAsked(served)).toEqual(['', '1']);
  });

  test.each([false, 'false', 0, '0', 'N', 'no', 'f', 'off'])('is denied by %j', async has_child => {
    const served = await serveLists({'': [[{id: 1, has_child}]]});
    await served.load(['categories']);
    expect(nodesAsked(served)).toEqual(['']);
  });

  test.each([undefined, null, '', 'perhaps', -1, [2], {n: 1}])(
    'is not said by %j, so the bounds are believed, or it is asked',
    async has_child => {
      const served = await serveLists({
        '': [
          [
            {...leaf(1, 2), has_child},
            {id: 2, has_child},
          ],
        ],
        2: [[{id: 3, has_child: false}]],
      });
      await served.load(['categories']);
      expect(await ids(served)).toEqual([1, 2, 3]);
      expect(nodesAsked(served)).toEqual(['', '2']);
    },
  );
});

test.each([
  ['in depth', 1],
  ['in breadth', 200],
])('a tree that never ends %s is given up', async (_, width) => {
  let nodes = 0;
  const served = await serve(() => reply(Array.from({length: width}, () => ({id: ++nodes, has_child: true}))));
  const {exitCode, tables} = await served.load(['categories']);
  expect(exitCode).toBe(5);
  expect(tables[0]?.error?.message).toMatch(/has no end: after \d+ lists/);
  expect(served.asked.length).toBeLessThan(250);
});

test('a tree that is taken up asks only for the lists that did not come, and lands each node once', async () => {
  let isDown = true;
  const served = await serve((_, query) => {
    const node = query.get('node_id');
    if (node === null) return reply([inner(1, 2, 5), inner(2, 6, 11)]);
    if (node === '1') return reply([leaf(3, 3)]);
    if (node === '2') return isDown ? '{' : reply([inner(4, 7, 10)]);
    return reply([leaf(5, 8)]);
  });
  const first = await served.load(['categories'], {docebo: {maxAttempts: 1}});
  expect(first.exitCode).not.toBe(0);
  const before = served.asked.length;
  isDown = false;
  const {exitCode} = await served.load(['categories'], {resume: true});
  expect(exitCode).toBe(0);
  expect(nodesAsked(served).slice(before)).toEqual(['2', '4']);
  expect(await ids(served)).toEqual([1, 2, 3, 4, 5]);
});

test('records of a tree land as they were sent', async () => {
  const sent = '{"id":1,"title":"a\\u00e9","has_child":false,"icon":1e3,"odd":12345678901234567890}';
  const served = await serve(() => `{"data":{"items":[${sent}],"total_count":1}}`);
  const {exitCode} = await served.load(['categories']);
  expect(exitCode).toBe(0);
  expect(await served.query('SELECT title, icon, CAST(odd AS VARCHAR) FROM categories')).toEqual([
    ['aé', '1e3', '12345678901234567890'],
  ]);
});

test('a node without bounds that says it has children is asked, though one of them came with it', async () => {
  const served = await serveLists({
    '': [[{id: 1, has_child: true}, {id: 2, has_child: false, parent_id: 1} as Category]],
    1: [[2, 3, 4].map(id => ({id, has_child: false}))],
  });
  const {exitCode} = await served.load(['categories']);
  expect(exitCode).toBe(0);
  expect(await ids(served)).toEqual([1, 2, 3, 4]);
  expect(nodesAsked(served)).toEqual(['', '1']);
});

test.each([
  ['204', {status: 204, body: ''}],
  ['null', '{"data":null}'],
  ['an empty object', '{"data":{}}'],
])('a node that says it has children keeps the tree as it was if its list is %s', async (_, blank) => {
  let isBlank = false;
  const served = await serve((_path, query) => {
    if (query.get('node_id') === null) return reply([{id: 1, has_child: true}]);
    return isBlank ? blank : reply([{id: 2, has_child: false}]);
  });
  await served.load(['categories']);
  isBlank = true;
  const {tables} = await served.load(['categories']);
  expect(tables[0]?.error?.message).toMatch(/held no list, though its node says that there is one/);
  expect(await ids(served)).toEqual([1, 2]);
});

describe('a tree whose replies name the root beside their list', () => {
  const root = {id: 0, title: 'Top', iLeft: '1', iRight: '8', is_root: true, id_parent: null};
  const branch = (id: number, parent: number, left: number, right: number) => ({
    id: String(id),
    parent_id: String(parent),
    title: `b${id}`,
    has_children: right > left + 1,
    iLeft: String(left),
    iRight: String(right),
  });
  const [first, below, second] = [branch(2, 0, 2, 5), branch(3, 2, 3, 4), branch(4, 0, 6, 7)];
  const replyWith = (items: readonly object[], total = items.length, extra_data: unknown = root) =>
    JSON.stringify({data: {items, total_count: total, has_more_data: false}, extra_data});
  const paths = async ({query}: Served) => query('SELECT id, path, is_root FROM branches ORDER BY id');

  test('has a row for it, at no call', async () => {
    const served = await serve(() => replyWith([first, below, second]));
    const {exitCode, tables} = await served.load(['branches']);
    expect([exitCode, tables[0]?.warnings]).toEqual([0, []]);
    expect(await paths(served)).toEqual([
      ['0', 'Top', true],
      ['2', 'Top / b2', null],
      ['3', 'Top / b2 / b3', null],
      ['4', 'Top / b4', null],
    ]);
    expect(served.asked).toHaveLength(1);
  });

  test('has one row for it, however many lists name it', async () => {
    const served = await serve((_, query) => {
      const items: Record<string, object[]> = {'': [first, second], 2: [below]};
      const found = items[query.get('node_id') ?? ''];
      return found === undefined ? undefined : replyWith(found);
    });
    const {exitCode, tables} = await served.load(['branches']);
    expect([exitCode, tables[0]?.warnings]).toEqual([0, []]);
    expect((await paths(served)).map(([id]) => id)).toEqual(['0', '2', '3', '4']);
    expect(nodesAsked(served)).toEqual(['', '2']);
  });

  test('has one row for it if it is in the list too', async () => {
    const served = await serve(() => replyWith([{...root, parent_id: '0', has_children: true}, first, below, second]));
    const {exitCode} = await served.load(['branches']);
    expect(exitCode).toBe(0);
    expect((await paths(served)).map(([, path]) => path)).toEqual(['Top', 'Top / b2', 'Top / b2 / b3', 'Top / b4']);
  });

  test('still lacks a branch that did not come', async () => {
    const served = await serve((_, query) => replyWith(query.get('node_id') === null ? [first, second] : []));
    const {exitCode, tables} = await served.load(['branches']);
    expect(exitCode).toBe(0);
    expect(tables[0]?.warnings).toEqual([expect.stringMatching(/^1 node of the tree did not come/)]);
    const short = await serve(() => replyWith([first, below], 3));
    expect((await short.load(['branches'])).exitCode).toBe(7);
  });

  test.each([null, [], {}, 'none', {title: 'without an id'}])('has no row for one that is %j', async odd => {
    const served = await serve(() => replyWith([first, below, second], 3, odd));
    const {exitCode} = await served.load(['branches']);
    expect(exitCode).toBe(0);
    expect((await paths(served)).map(([, path]) => path)).toEqual(['b2', 'b2 / b3', 'b4']);
  });
});
