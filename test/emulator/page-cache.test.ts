import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {type Client, connect} from './client.js';

let plain: Client;
let caching: Client;
beforeEach(async () => {
  [plain, caching] = await Promise.all([connect({users: 450}), connect({users: 450, pageCache: true})]);
});
afterEach(async () => {
  await Promise.all([plain.emulator.close(), caching.emulator.close()]);
});

const read = async (client: Client, path: string, encoding: string): Promise<string> => {
  const reply = await client.get(path, {'accept-encoding': encoding});
  expect(reply.headers.get('content-encoding')).toBe(encoding === 'gzip' ? 'gzip' : null);
  return reply.text();
};

describe('a kept page', () => {
  test.each(['gzip', 'identity'])(
    'is the page that would have been made, each time it is asked for: %s',
    async encoding => {
      for (const path of ['/manage/v1/user?page=1', '/manage/v1/user?page=3', '/learn/v1/courses?page=1&page_size=7']) {
        const made = await read(plain, path, encoding);
        for (let i = 0; i < 3; i += 1) expect(await read(caching, path, encoding)).toBe(made);
      }
    },
  );

  test('is not served without a token', async () => {
    await caching.body('/manage/v1/user?page=1');
    expect((await fetch(`${caching.emulator.url}/manage/v1/user?page=1`)).status).toBe(401);
  });

  test('does not hide a list that lost records, nor keep it', async () => {
    const first = async (): Promise<unknown> => {
      const {data} = (await caching.body('/manage/v1/user?page=1')) as {data: {items: {user_id: string}[]}};
      return data.items[0]?.user_id;
    };
    const [head, second] = [...caching.emulator.truth('users')].map(user => user['user_id']);
    expect(await first()).toBe(head);
    caching.emulator.setFaults([{match: 'user', kind: 'shift', by: 1}]);
    expect(await first()).toBe(second);
    expect(await first()).toBe(head);
  });
});

test('a cache too small for a page still answers', async () => {
  const small = await connect({users: 450, pageCache: true, pageCacheBytes: 10});
  expect(await small.all('/manage/v1/user')).toEqual([...small.emulator.truth('users')]);
  await small.emulator.close();
});
