import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {type Body, type Client, connect} from './client.js';

let client: Client;
beforeEach(async () => {
  client = await connect({users: 450, seed: 7});
});
afterEach(() => client.emulator.close());

const open = async (from: Client, path = '/manage/v1/user'): Promise<unknown> => {
  const {data} = (await from.body(`${path}?get_cursor=1`)) as {data: Body};
  return data['cursor'];
};
const ids = (records: Iterable<Body>): unknown[] => [...records].map(({user_id: id}) => id);

test('there is none unless it is asked for', async () => {
  expect(await client.body('/manage/v1/user')).toHaveProperty('data.cursor', null);
});

describe('a cursor', () => {
  test('pages over the list as it was', async () => {
    const before = ids(client.emulator.truth('users'));
    const cursor = await open(client);
    const edits = client.emulator.edit('users');
    edits.remove(0);
    edits.insert(100);
    edits.move(300, 5);
    expect(ids(await client.all(`/manage/v1/user?cursor=${cursor}`))).toEqual(before);
    expect(ids(await client.all('/manage/v1/user'))).toEqual(ids(client.emulator.truth('users')));
    expect(ids(client.emulator.truth('users'))).not.toEqual(before);
  });

  test('keeps edits that came before it, and the records of that time', async () => {
    const edits = client.emulator.edit('users');
    edits.move(300, 5);
    const before = [...client.emulator.truth('users')];
    const cursor = await open(client);
    edits.touch(7);
    expect(await client.all(`/manage/v1/user?cursor=${cursor}`)).toEqual(before);
    expect([...client.emulator.truth('users')]).not.toEqual(before);
  });

  test('is given back on each of its pages, and is another each time', async () => {
    const cursor = await open(client);
    expect(cursor).toMatch(/^\w{8,}$/);
    expect(await open(client)).not.toBe(cursor);
    const page = await client.body(`/manage/v1/user?cursor=${cursor}&page=2&get_cursor=1`);
    expect(page).toMatchObject({data: {cursor, current_page: 2, count: 200}});
  });

  test.each(['/learn/v1/courses', '/course/v1/courses', '/course/v1/courses/enrollments', '/learn/v1/enrollments'])(
    'serves %s',
    async path => {
      const before = await client.all(path);
      const cursor = await open(client, path);
      for (const table of ['courses', 'course_enrollments']) client.emulator.edit(table).remove(0);
      expect(await client.all(`${path}?cursor=${cursor}`)).toEqual(before);
    },
  );

  test.each([
    ['of another list', async () => `/learn/v1/courses?cursor=${await open(client)}`],
    ['that was never given', async () => '/manage/v1/user?cursor=abc'],
  ])('%s is refused', async (_, ask) => {
    expect((await client.get(await ask())).status).toBe(400);
  });
});

test('a tenant may have no cursors', async () => {
  const without = await connect({users: 50, cursors: 'absent'});
  expect(await open(without)).toBeNull();
  await without.emulator.close();
});

test('a cursor may be gone by the time it is used', async () => {
  const forgetful = await connect({users: 50, cursors: 'expired'});
  const cursor = await open(forgetful);
  expect(cursor).toEqual(expect.any(String));
  const reply = await forgetful.get(`/manage/v1/user?cursor=${cursor}&page=2`);
  expect(reply.status).toBe(400);
  expect(await reply.json()).toHaveProperty('message', [expect.any(String)]);
  await forgetful.emulator.close();
});

test('kept pages do not come in its way', async () => {
  const caching = await connect({users: 450, pageCache: true});
  const before = ids(caching.emulator.truth('users'));
  const cursor = await open(caching);
  expect(await open(caching)).not.toBe(cursor);
  caching.emulator.edit('users').remove(0);
  expect(ids(await caching.all(`/manage/v1/user?cursor=${cursor}`))).toEqual(before);
  await caching.emulator.close();
});
