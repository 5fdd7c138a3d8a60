import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import type {Fault} from '../../src/emulator/index.js';
import {type Body, type Client, connect} from './client.js';

let client: Client;
beforeAll(async () => {
  client = await connect({users: 450});
});
afterAll(() => client.emulator.close());
afterEach(() => client.emulator.setFaults([]));

type Kind<F> = F extends unknown ? Omit<F, 'match'> : never;
type Data = Body & {items: Body[]};

const path = (page: number): string => `/manage/v1/user?page=${page}&page_size=100&get_total_count=1`;
const always = Number.POSITIVE_INFINITY;

async function ask(fault: Kind<Fault>, page = 1): Promise<{usual: Data; data: Data; body: Body}> {
  const {data: usual} = (await client.body(path(page))) as {data: Data};
  client.emulator.setFaults([{match: '/manage/v1/user', times: always, ...fault} as Fault]);
  const body = (await client.body(path(page))) as {data: Data};
  return {usual, data: body.data, body};
}

describe('paging facts', () => {
  test('can be missing', async () => {
    const {usual, data} = await ask({kind: 'no-facts'});
    for (const name of ['has_more_data', 'total_count', 'total_page_count', 'count', 'current_page']) {
      expect(usual).toHaveProperty(name);
      expect(data).not.toHaveProperty(name);
    }
    expect(data.items).toEqual(usual.items);
  });

  test('can be missing one by one', async () => {
    const {usual, data} = await ask({kind: 'no-facts', names: ['total_count']});
    const {total_count: _, ...rest} = usual;
    expect(data).toEqual(rest);
  });

  test('can promise more for ever', async () => {
    const {usual, data} = await ask({kind: 'facts', facts: {has_more_data: true}}, 9);
    expect(usual['has_more_data']).toBe(false);
    expect(data).toEqual({...usual, has_more_data: true});
    expect(data.items).toEqual([]);
  });

  test.each([-3, 7])('can count %i records too many', async by => {
    const {usual, data} = await ask({kind: 'wrong-total', by: by * 100});
    const total = 450 + by * 100;
    expect(data).toEqual({...usual, total_count: total, total_page_count: Math.ceil(total / 100)});
  });

  test('can count anew on each page', async () => {
    for (const page of [1, 2, 3]) {
      const {data} = await ask({kind: 'moving-total', by: 2}, page);
      client.emulator.setFaults([]);
      expect(data['total_count']).toBe(450 + 2 * page);
    }
  });
});

describe('a page', () => {
  test('can be empty in the middle of a list', async () => {
    const {usual, data} = await ask({kind: 'empty-page'}, 2);
    expect(data).toEqual({...usual, items: [], count: 0});
    expect(data['has_more_data']).toBe(true);
  });

  test('can be the one before', async () => {
    const {data: second} = (await client.body(path(2))) as {data: Data};
    expect((await ask({kind: 'repeated-page'}, 3)).data.items).toEqual(second.items);
    const {usual, data} = await ask({kind: 'repeated-page'}, 1);
    expect(data).toEqual(usual);
  });

  test('can hold its first records twice', async () => {
    const {usual, data} = await ask({kind: 'duplicates', count: 3});
    expect(data.items).toEqual([...usual.items, ...usual.items.slice(0, 3)]);
    client.emulator.setFaults([]);
    const instead = await ask({kind: 'duplicates', count: 3, instead: true});
    expect(instead.data.items).toEqual([...usual.items.slice(0, 97), ...usual.items.slice(0, 3)]);
  });

  test('can lack the value that its children are asked by', async () => {
    const {usual, data} = await ask({kind: 'null-value', key: 'user_id', record: 4});
    expect(data.items[4]).toEqual({...usual.items[4], user_id: null});
    expect(data.items.toSpliced(4, 1)).toEqual(usual.items.toSpliced(4, 1));
  });

  test('can be as large as one likes', async () => {
    client.emulator.setFaults([{match: 'user', kind: 'huge', megabytes: 5}]);
    const text = await (await client.get(path(1))).text();
    expect(text.length).toBeGreaterThan(5_000_000);
    expect(JSON.parse(text)).toHaveProperty('data.count', 100);
  });

  test('can be deeper than a recursive reader survives', async () => {
    client.emulator.setFaults([{match: 'user', kind: 'deep', levels: 100_000}]);
    const text = await (await client.get(path(1))).text();
    expect(text).toContain(`"deep":${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    client.emulator.setFaults([{match: 'user', kind: 'deep', levels: 3}]);
    expect(await client.body(path(1))).toHaveProperty('data.items.0.deep', [[[]]]);
  });
});

describe('records', () => {
  test('can stand under another key', async () => {
    const {usual, data} = await ask({kind: 'records-under', key: 'rows'});
    const {items, ...facts} = usual;
    expect(data).toEqual({...facts, rows: items});
  });

  test('can be all there is', async () => {
    const {usual, body} = await ask({kind: 'bare-list'});
    expect(body).toMatchObject({version: '1.0.0', data: usual.items});
    client.emulator.setFaults([]);
    const alone = await ask({kind: 'bare-list', as: 'body'});
    expect(alone.body).toEqual(usual.items);
  });
});

test.each<Kind<Fault>>([
  {kind: 'null-value', key: 'user_id'},
  {kind: 'huge', megabytes: 1},
  {kind: 'deep', levels: 5},
  {kind: 'duplicates', count: 2},
])('an empty page has no record that $kind could change', async fault => {
  const {usual, data} = await ask(fault, 9);
  expect(data).toEqual(usual);
});

test('a refusal and a reply without items stay as they are', async () => {
  client.emulator.setFaults([{match: '/', kind: 'empty-page', times: always}]);
  expect((await client.get('/manage/v1/nothing')).status).toBe(404);
  const [course] = client.emulator.truth('courses');
  const {data} = (await client.body(`/learn/v1/courses/${course?.['id_course']}/los`)) as {data: Body[]};
  expect(data.length).toBeGreaterThan(0);
});

test('a page that is kept is bent only as long as the fault strikes', async () => {
  const caching = await connect({users: 450, pageCache: true});
  const usual = await caching.body(path(1));
  caching.emulator.setFaults([
    {match: 'user', kind: 'empty-page'},
    {match: 'page=2', kind: 'repeated-page'},
  ]);
  expect(await caching.body(path(1))).toHaveProperty('data.items', []);
  expect(await caching.body(path(1))).toEqual(usual);
  expect(await caching.body(path(2))).toEqual(usual);
  expect(await caching.body(path(2))).toHaveProperty('data.current_page', 2);
  await caching.emulator.close();
});
