import {expect, it} from 'vitest';
import {UsageError} from '../../src/errors.js';
import {connect} from '../helpers/connect.js';
import {emulate} from '../source/tenant.js';

it('a ready token is not renewed, and stays in use', async () => {
  const emulator = await emulate({users: 3});
  const client = connect(
    emulator,
    {},
    {DOCEBO_CLIENT_ID: '', DOCEBO_CLIENT_SECRET: '', DOCEBO_TOKEN: 'a-ready-token-123'},
  );
  await expect(client.token.renew()).rejects.toThrow(UsageError);
  expect(await client.token.get()).toBe('a-ready-token-123');
});

it('a token that is being asked for ends too, and is no call for data', async () => {
  const emulator = await emulate({users: 3});
  const client = connect(emulator, {maxRequestsPerHour: 10});
  const asked = client.token.get();
  await client.token.end();
  const answer = await fetch(`${emulator.url}/manage/v1/user`, {headers: {authorization: `Bearer ${await asked}`}});
  expect(answer.status).toBe(401);
  expect(client.limits.left).toBe(10);
});
