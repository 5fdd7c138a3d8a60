import {expect, test} from 'vitest';
import type {EmulatorOptions} from '../../src/emulator/index.js';
import {type Client, connect} from './client.js';

const users = '/manage/v1/user?page=1';

async function withClient(options: EmulatorOptions, use: (client: Client) => Promise<void>): Promise<void> {
  const client = await connect({users: 50, ...options});
  try {
    await use(client);
  } finally {
    await client.emulator.close();
  }
}

test('the quota of an hour refills as it leaks', async () => {
  let nowMs = 0;
  await withClient({quotaPerHour: 60, now: () => nowMs}, async ({get}) => {
    for (let i = 0; i < 60; i += 1) expect((await get(users)).status).toBe(200);
    const refused = await get(users);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('60');
    nowMs += 60_000;
    expect((await get(users)).status).toBe(200);
    expect((await get(users)).status).toBe(429);
  });
});

test('a refused call takes nothing out of the quota, and neither does a token', async () => {
  let nowMs = 0;
  await withClient({quotaPerHour: 2, now: () => nowMs}, async ({get, emulator}) => {
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) statuses.push((await get(users)).status);
    expect(statuses).toEqual([200, 200, 429, 429, 429, 429]);
    nowMs += 1_800_000;
    expect((await get(users)).status).toBe(200);
    expect(emulator.requests[0]).toMatchObject({path: '/oauth2/token', status: 200});
  });
});

test('the time to wait can come as a date by the clock of the emulator', async () => {
  const nowMs = Date.UTC(2026, 9, 21, 7, 28, 0, 250);
  await withClient({quotaPerHour: 1, now: () => nowMs, retryAfter: 'date'}, async ({get}) => {
    await get(users);
    // An hour on, and never earlier for the date's whole seconds.
    expect((await get(users)).headers.get('retry-after')).toBe('Wed, 21 Oct 2026 08:28:01 GMT');
  });
});

test('or not at all', async () => {
  await withClient({quotaPerHour: 1, now: () => 0, retryAfter: 'none'}, async ({get}) => {
    await get(users);
    const refused = await get(users);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBeNull();
  });
});
