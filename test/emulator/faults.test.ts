import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {type Client, connect} from './client.js';

let client: Client;
const clock = 0;
beforeEach(async () => {
  client = await connect({users: 300, now: () => clock});
});
afterEach(() => client.emulator.close());

const users = '/manage/v1/user?page=1';

describe('a fault', () => {
  test('strikes once and is gone', async () => {
    client.emulator.setFaults([{match: '/manage/v1/user', kind: 'status', status: 503}]);
    expect((await client.get(users)).status).toBe(503);
    expect((await client.get(users)).status).toBe(200);
  });

  test('strikes only what it matches, query included', async () => {
    client.emulator.setFaults([{match: /user\?page=2/g, kind: 'status', status: 500, times: Number.POSITIVE_INFINITY}]);
    expect((await client.get(users)).status).toBe(200);
    for (let i = 0; i < 3; i += 1) expect((await client.get('/manage/v1/user?page=2')).status).toBe(500);
  });

  test('waits for as many requests as it is told', async () => {
    client.emulator.setFaults([{match: 'user', kind: 'status', status: 429, retryAfter: 3, after: 2, times: 1}]);
    const statuses: number[] = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await client.get(users)).status);
    expect(statuses).toEqual([200, 200, 429, 200]);
  });

  test('gives the time to wait as seconds or as a date', async () => {
    const date = 'Wed, 21 Oct 2026 07:28:00 GMT';
    client.emulator.setFaults([
      {match: 'user', kind: 'status', status: 429, retryAfter: 3},
      {match: 'user', kind: 'status', status: 503, retryAfter: date},
      {match: 'user', kind: 'status', status: 503},
    ]);
    expect((await client.get(users)).headers.get('retry-after')).toBe('3');
    expect((await client.get(users)).headers.get('retry-after')).toBe(date);
    expect((await client.get(users)).headers.get('retry-after')).toBeNull();
  });

  test('answers with a maintenance page', async () => {
    client.emulator.setFaults([{match: 'user', kind: 'html'}]);
    const reply = await client.get(users);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toContain('text/html');
  });

  test('answers with an error in a body of status 200', async () => {
    client.emulator.setFaults([{match: 'user', kind: 'error-body'}]);
    const reply = await client.get(users);
    expect(reply.status).toBe(200);
    expect(await reply.json()).toHaveProperty('message', [expect.any(String)]);
  });

  test.each(['truncated', 'garbage-gzip'] as const)('breaks the body: %s', async kind => {
    client.emulator.setFaults([{match: 'user', kind}]);
    await expect(client.get(users).then(reply => reply.text())).rejects.toThrow();
  });

  test('cuts the body without saying so', async () => {
    client.emulator.setFaults([{match: 'user', kind: 'cut'}]);
    const half = Buffer.from(await (await client.get(users)).arrayBuffer());
    const whole = Buffer.from(await (await client.get(users)).arrayBuffer());
    expect(half).toEqual(whole.subarray(0, Math.floor(whole.length / 2)));
  });

  test('stops in the middle of the body', async () => {
    client.emulator.setFaults([{match: 'user', kind: 'stall'}]);
    const reply = await client.get(users);
    const body = reply.text().catch(() => 'broken off');
    const pause = new Promise(resolve => setTimeout(resolve, 50, 'nothing'));
    expect(await Promise.race([body, pause])).toBe('nothing');
  });

  test('answers that it failed, with status 200', async () => {
    client.emulator.setFaults([{match: 'user', kind: 'failure-body', message: 'User not found'}]);
    const reply = await client.get(users);
    expect(reply.status).toBe(200);
    expect(await reply.json()).toEqual({success: false, error: 500, message: 'User not found'});
  });

  test('sends the client to another origin', async () => {
    const location = 'http://127.0.0.2:9/elsewhere';
    client.emulator.setFaults([
      {match: 'user', kind: 'redirect', location},
      {match: 'user', kind: 'redirect', location, status: 307},
    ]);
    for (const status of [302, 307]) {
      const reply = await client.get(users, {}, {redirect: 'manual'});
      expect(reply.status).toBe(status);
      expect(reply.headers.get('location')).toBe(location);
    }
  });

  test.each([1, 1000])('promises %i bytes more than there are', async by => {
    client.emulator.setFaults([{match: 'user', kind: 'wrong-length', by}]);
    await expect(client.get(users).then(reply => reply.text())).rejects.toThrow();
    expect((await client.get(users)).status).toBe(200);
  });

  test('promises fewer bytes than there are', async () => {
    client.emulator.setFaults([{match: 'user', kind: 'wrong-length', by: -100}]);
    const whole = await (await client.get(users, {'accept-encoding': 'identity'})).arrayBuffer().catch(() => undefined);
    const usual = await (await client.get(users, {'accept-encoding': 'identity'})).arrayBuffer();
    // A client takes what was promised, or refuses all of it.
    expect([undefined, usual.byteLength - 100]).toContain(whole?.byteLength);
  });

  test('gives a byte now and then, for ever', async () => {
    client.emulator.setFaults([{match: 'user', kind: 'drip', intervalMs: 1}]);
    const reply = await client.get('/manage/v1/user?page=1&page_size=1');
    const reader = reply.body?.getReader();
    let text = '';
    while (!text.endsWith('  ')) text += Buffer.from((await reader?.read())?.value ?? []).toString();
    // The whole page came, and blanks after it.
    expect(JSON.parse(text)).toHaveProperty('data.count', 1);
    await reader?.cancel();
  });

  test('resets the connection', async () => {
    client.emulator.setFaults([{match: 'user', kind: 'reset'}]);
    await expect(client.get(users)).rejects.toThrow();
  });

  test('delays the answer', async () => {
    client.emulator.setFaults([{match: 'user', kind: 'slow', delayMs: 80}]);
    const start = performance.now();
    expect((await client.get(users)).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThan(70);
  });

  test('never answers, and closing ends it', async () => {
    client.emulator.setFaults([{match: 'user', kind: 'hang'}]);
    const hung = expect(client.get(users)).rejects.toThrow();
    while (!client.emulator.requests.some(({path}) => path === users))
      await new Promise(resolve => setTimeout(resolve, 5));
    await client.emulator.close();
    await hung;
    client = await connect();
  });

  test('strikes the token endpoint too', async () => {
    client.emulator.setFaults([{match: '/oauth2/token', kind: 'status', status: 503}]);
    expect((await fetch(`${client.emulator.url}/oauth2/token`, {method: 'POST'})).status).toBe(503);
  });
});

test('bodies are zipped for whoever takes them', async () => {
  const zipped = await client.get(users);
  expect(zipped.headers.get('content-encoding')).toBe('gzip');
  expect(await zipped.json()).toHaveProperty('data.count', 200);
});

test('bodies are never zipped where a tenant does not', async () => {
  const plain = await connect({users: 300, gzip: false});
  const reply = await plain.get(users);
  expect(reply.headers.get('content-encoding')).toBeNull();
  expect(await reply.json()).toHaveProperty('data.count', 200);
  await plain.emulator.close();
});

test('every request is written down with its query and status', async () => {
  client.emulator.setFaults([{match: 'page=7', kind: 'status', status: 503}]);
  await client.get(users);
  await client.get('/manage/v1/user?page=7');
  await client.get('/manage/v1/nothing');
  expect(client.emulator.requests).toEqual([
    {method: 'POST', path: '/oauth2/token', status: 200},
    {method: 'GET', path: users, status: 200},
    {method: 'GET', path: '/manage/v1/user?page=7', status: 503},
    {method: 'GET', path: '/manage/v1/nothing', status: 404},
  ]);
});

test('an unknown course, group, plan or survey answers 404', async () => {
  for (const path of [
    '/course/v1/courses/99999999/enrollments',
    '/learn/v1/courses/99999999/los',
    '/audiences/v1/audience/nope/users',
    '/learningplan/v1/learningplans/1/courses/enrollments',
    '/learn/v1/survey/1/answer?id_course=1',
    '/manage/v1/orgchart?node_id=99999',
  ]) {
    expect((await client.get(path)).status, path).toBe(404);
  }
});

test('a list can lose its first records between two pages', async () => {
  const ids = async (page: number): Promise<unknown[]> => {
    const {data} = (await client.body(`/manage/v1/user?page=${page}&page_size=100&get_total_count=1`)) as {
      data: {items: {user_id: string}[]; total_count: number};
    };
    return [data.total_count, ...data.items.map(({user_id: id}) => id)];
  };
  const all = [...client.emulator.truth('users')].map(user => user['user_id']);
  client.emulator.setFaults([{match: '/manage/v1/user', kind: 'shift', by: 3, after: 1}]);
  expect(await ids(1)).toEqual([300, ...all.slice(0, 100)]);
  expect(await ids(2)).toEqual([297, ...all.slice(103, 203)]);
});
