import {expect, test} from 'vitest';
import {CredentialsError} from '../../src/errors.js';
import type {Rehearsal} from '../helpers/rehearsal.js';
import {rehearseEarlier, rehearseOverEarlier, tableOf} from './outcome.js';
import {pageSize} from './positions.js';

const forever = Number.POSITIVE_INFINITY;
const names = ['users', 'groups'];

async function expectEarlier({published}: Rehearsal): Promise<void> {
  const {rows} = await rehearseEarlier();
  for (const name of names) expect(await published(name)).toEqual(rows[name]);
}

test.each([0, 1, 2, 3, 4, 5, 6])('a token that expires after %i replies is renewed once', async replies => {
  let aheadMs = 0;
  let answered = 0;
  const expire = () => {
    if (answered++ === replies) aheadMs = 2 * 3_600_000;
  };
  const rehearsal = await rehearseOverEarlier({now: () => Date.now() + aheadMs, onAnswered: expire});
  const {exitCode, tokenRequests} = await rehearsal.load(names, {pageSize});
  expect(exitCode).toBe(0);
  for (const name of names) expect(await rehearsal.published(name)).toEqual(rehearsal.truth(name));
  expect(tokenRequests).toBeLessThanOrEqual(2);
  // Those that were under way with the old token.
  expect(rehearsal.asked().length).toBeLessThanOrEqual(7 + 6);
});

test('tokens that never last are renewed again and again', async () => {
  const rehearsal = await rehearseOverEarlier({tokenLifetimeSeconds: 1});
  expect((await rehearsal.load(names, {pageSize})).exitCode).toBe(0);
  for (const name of names) expect(await rehearsal.published(name)).toEqual(rehearsal.truth(name));
});

test('a refusal of every token ends the run, and nothing is touched', async () => {
  const rehearsal = await rehearseOverEarlier();
  rehearsal.emulator.setFaults([{match: '/v1/', kind: 'status', status: 401, times: forever}]);
  const failure = await rehearsal.load(names, {pageSize}).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(CredentialsError);
  expect(failure).toMatchObject({exitCode: 3, message: expect.stringContaining('refuses a fresh token (401)')});
  await expectEarlier(rehearsal);
  expect(rehearsal.asked().length).toBeLessThanOrEqual(4);
});

test('a client that is revoked during the run: what was read is published, the rest stays as it was', async () => {
  const rehearsal = await rehearseOverEarlier();
  rehearsal.emulator.setFaults([
    // The other tables are read meanwhile.
    {match: /user\?.*&page=1&/, kind: 'slow', delayMs: 1500},
    {match: /user\?.*&page=3&/, kind: 'status', status: 401, times: forever},
    {match: '/oauth2/token', kind: 'status', status: 400, after: 1, times: forever},
  ]);
  const report = await rehearsal.load(names, {pageSize});
  expect(report.exitCode).toBe(7);
  expect(tableOf(report, 'users').error).toMatchObject({
    exitCode: 3,
    message: expect.stringContaining('Docebo refused the credentials (400)'),
    hint: expect.stringContaining('Check client id, secret'),
  });
  const {rows} = await rehearseEarlier();
  expect(await rehearsal.published('users')).toEqual(rows['users']);
  expect(await rehearsal.published('groups')).toEqual(rehearsal.truth('groups'));
  expect(rehearsal.emulator.requests.filter(({path}) => path === '/oauth2/token').length).toBe(2);
});

test('a client that is revoked before the last table ends the run', async () => {
  const rehearsal = await rehearseOverEarlier();
  rehearsal.emulator.setFaults([
    {match: '/v1/', kind: 'status', status: 401, times: forever},
    {match: '/oauth2/token', kind: 'status', status: 400, after: 1, times: forever},
  ]);
  await expect(rehearsal.load(names, {pageSize})).rejects.toMatchObject({exitCode: 3});
  await expectEarlier(rehearsal);
});

test.each([
  {status: 500, times: 1, calls: 2},
  {status: 429, times: 2, calls: 3},
])('a token endpoint that answers $status for a while is asked again', async ({status, times, calls}) => {
  const rehearsal = await rehearseOverEarlier();
  rehearsal.emulator.setFaults([{match: '/oauth2/token', kind: 'status', status, times}]);
  const report = await rehearsal.load(names, {pageSize});
  expect({exitCode: report.exitCode, calls: report.tokenRequests}).toEqual({exitCode: 0, calls});
  for (const name of names) expect(await rehearsal.published(name)).toEqual(rehearsal.truth(name));
});

test.each(['reset', 'truncated', 'status'] as const)(
  'a token endpoint that fails for ever (%s) leaves every table as it was',
  async kind => {
    const rehearsal = await rehearseOverEarlier();
    const fault = kind === 'status' ? {kind, status: 503} : {kind};
    rehearsal.emulator.setFaults([{match: '/oauth2/token', ...fault, times: forever}]);
    const report = await rehearsal.load(names, {pageSize});
    expect(report.tables.map(({status}) => status)).toEqual(['kept', 'kept']);
    expect([4, 5]).toContain(report.exitCode);
    await expectEarlier(rehearsal);
    expect(report.tokenRequests).toBeLessThanOrEqual(12);
  },
);

test.each(['cut', 'html'] as const)(
  'an address that does not sign in like Docebo (%s) ends the run at once',
  async kind => {
    const rehearsal = await rehearseOverEarlier();
    rehearsal.emulator.setFaults([{match: '/oauth2/token', kind, times: forever}]);
    await expect(rehearsal.load(names, {pageSize})).rejects.toMatchObject({exitCode: 5});
    await expectEarlier(rehearsal);
    expect(rehearsal.asked()).toEqual([]);
  },
);

test('a credential that may read nothing: every table stays as it was, and the run says why', async () => {
  const rehearsal = await rehearseOverEarlier();
  rehearsal.emulator.setFaults([{match: '/v1/', kind: 'status', status: 403, times: forever}]);
  const report = await rehearsal.load(names, {pageSize});
  expect(report.exitCode).toBe(5);
  expect(report.tables.map(({error}) => error?.exitCode)).toEqual([5, 5]);
  await expectEarlier(rehearsal);
});
