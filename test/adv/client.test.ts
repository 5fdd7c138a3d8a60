import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, it, onTestFinished} from 'vitest';
import {DoceboClient} from '../../src/client/index.js';
import {IncompleteError} from '../../src/errors.js';
import {Secret} from '../../src/secret.js';
import {type DoceboOptions, openDocebo} from '../../src/source/docebo.js';
import type {Credentials} from '../../src/source/settings.js';
import {collect, connect} from '../helpers/connect.js';
import {hastyClock} from '../helpers/hasty-clock.js';
import {pageOf, serve} from '../helpers/served.js';
import {emulate} from '../source/tenant.js';

const usual: Credentials = {grant: 'client_credentials', clientId: 'id', clientSecret: new Secret('served-s3cret')};
function open(url: string, options: DoceboOptions = {}, credentials = usual): DoceboClient {
  const client = new DoceboClient(
    openDocebo({baseUrl: new URL(url), credentials}, {maxAttempts: 2, clock: hastyClock(), ...options}),
  );
  onTestFinished(async () => client.close());
  return client;
}
const page = (has_more_data: boolean, number: number, ...records: readonly string[]) =>
  `{"data":{"items":[${records.join()}],"has_more_data":${has_more_data},"current_page":${number},"current_page_size":2}}`;

it('a column that is not declared has one type over all pages, as in a load', async () => {
  const {url, load, query} = await serve((path, ask) => {
    if (path !== '/manage/v1/user') return undefined;
    return ask.get('page') === '2'
      ? page(false, 2, '{"user_id":3,"extra":"x"}')
      : page(true, 1, '{"user_id":1,"extra":1}', '{"user_id":2,"extra":2}');
  });
  const rows = await collect(open(url, {pageSize: 2}).table('users').rows());
  const given = rows.map(row => (row as Record<string, unknown>)['extra']);
  expect((await load(['users'], {docebo: {pageSize: 2}})).exitCode).toBe(0);
  const loaded = (await query('SELECT extra FROM users ORDER BY user_id')).flat();
  expect(given.map(each => typeof each)).toEqual(loaded.map(each => typeof each));
});

it('a date is read the same whatever page it stands on', async () => {
  const {url, load, query} = await serve((path, ask) => {
    if (path !== '/manage/v1/user') return undefined;
    return ask.get('page') === '2'
      ? page(false, 2, '{"user_id":3,"creation_date":"25/12/2024 10:00:00"}')
      : page(
          true,
          1,
          '{"user_id":1,"creation_date":"04/05/2024 10:00:00"}',
          '{"user_id":2,"creation_date":"01/02/2024 10:00:00"}',
        );
  });
  const report = await load(['users'], {docebo: {pageSize: 2}});
  const loaded =
    report.exitCode === 0
      ? (await query('SELECT CAST(creation_date AS VARCHAR) FROM users ORDER BY user_id')).flat()
      : [report.tables[0]?.error];
  const given = await collect(open(url, {pageSize: 2}).table('users').rows()).then(
    rows => rows.map(row => row.creation_date),
    (error: unknown) => [error],
  );
  expect(given.length).toBe(loaded.length);
});

it('a record that comes twice with other values is no row of a proved list, as in a load', async () => {
  const {url, load} = await serve(path =>
    path === '/manage/v1/user' ? pageOf('{"user_id":1,"username":"a"}', '{"user_id":1,"username":"b"}') : undefined,
  );
  const report = await load(['users']);
  expect(report.exitCode).not.toBe(0);
  const rows = await collect(open(url).table('users').rows()).catch((error: unknown) => error);
  expect(rows).toBeInstanceOf(IncompleteError);
});

it('renewing a ready token that cannot be renewed leaves it in use', async () => {
  const {url} = await serve(path => (path === '/manage/v1/user' ? pageOf('{"user_id":1}') : undefined));
  const client = open(url, {}, {grant: 'token', token: new Secret('a-ready-token-123')});
  expect(await collect(client.users.list())).toHaveLength(1);
  await expect(client.token.renew()).rejects.toThrow();
  expect(await collect(client.users.list())).toHaveLength(1);
});

it('ending a token that is being asked for ends it too', async () => {
  const emulator = await emulate({users: 3});
  const client = connect(emulator);
  const asked = client.token.get();
  await client.token.end();
  const token = await asked;
  const answer = await fetch(`${emulator.url}/manage/v1/user`, {headers: {authorization: `Bearer ${token}`}});
  expect(answer.status).toBe(401);
});

it('what ends a token counts as a call of the hour', async () => {
  const emulator = await emulate({users: 3});
  const client = connect(emulator, {maxRequestsPerHour: 10});
  await client.token.get();
  await client.token.end();
  expect(client.limits.left).toBe(9);
});

it('held: early returns, throws and aborts leave no folder', async () => {
  const emulator = await emulate({users: 30});
  const old = process.env['TMPDIR'];
  const own = await mkdtemp(join(tmpdir(), 'adv-tmp-'));
  process.env['TMPDIR'] = own;
  onTestFinished(async () => {
    if (old === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = old;
    await rm(own, {recursive: true, force: true});
  });
  const client = connect(emulator, {pageSize: 5});
  for (const name of ['users', 'course_enrollments', 'branches'] as const) {
    for await (const _ of client.table(name).rows()) break;
    const stop = new AbortController();
    await expect(async () => {
      for await (const _ of client.table(name).rows({signal: stop.signal})) stop.abort();
    }).rejects.toThrow();
    await client.table(name).rows().return(undefined);
  }
  expect(await readdir(own)).toEqual([]);
});

it('held: rows of a list that moved are those of a load', async () => {
  let calls = 0;
  const {url, load, query} = await serve((path, ask) => {
    if (path !== '/manage/v1/user') return undefined;
    // User 1 goes and user 5 comes after the first page was read.
    const ids = calls++ === 0 ? [1, 2, 3, 4] : [2, 3, 4, 5, 6];
    const number = Number(ask.get('page') ?? 1);
    const items = ids.slice((number - 1) * 2, number * 2).map(id => `{"user_id":${id},"username":"u${id}"}`);
    return `{"data":{"items":[${items.join()}],"has_more_data":${number * 2 < ids.length},"current_page":${number},"current_page_size":2,"total_count":${ids.length},"total_page_count":${Math.ceil(ids.length / 2)}}}`;
  });
  const rows = await collect(open(url, {pageSize: 2}).table('users').rows()).then(
    all => all.map(row => String(row.user_id)),
    (error: unknown) => String(error),
  );
  calls = 0;
  const report = await load(['users'], {docebo: {pageSize: 2}});
  const loaded =
    report.exitCode === 0
      ? (await query('SELECT CAST(user_id AS VARCHAR) FROM users ORDER BY user_id')).flat()
      : report.tables[0]?.error?.message;
  expect([...rows].sort()).toEqual(loaded);
});

it('a row without its key is refused, as in a load', async () => {
  const {url, load} = await serve(path =>
    path === '/manage/v1/user'
      ? pageOf('{"user_id":"x1","username":"a"}', '{"user_id":null,"username":"b"}')
      : undefined,
  );
  const report = await load(['users']);
  const rows = await collect(open(url).table('users').rows()).catch((error: unknown) => error);
  expect(rows instanceof Error).toBe(report.exitCode !== 0);
});

it('held: an abort ends whatever is under way within a moment', async () => {
  const emulator = await emulate({users: 30});
  for (const match of ['/oauth2/token', '/manage/v1/user?']) {
    const client = connect(emulator);
    emulator.setFaults([{match, kind: 'stall'}]);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 30);
    const startMs = Date.now();
    await expect(client.users.find({username: 'a'}, {signal: stop.signal})).rejects.toMatchObject({
      code: 'E_INTERRUPTED',
    });
    expect(Date.now() - startMs).toBeLessThan(1000);
  }
});

it('a row that came again with another value has the value that a load publishes', async () => {
  let calls = 0;
  const {url, load, query} = await serve((path, ask) => {
    if (path !== '/manage/v1/user') return undefined;
    const isFirst = calls++ === 0;
    const ids = isFirst ? [1, 2, 3, 4] : [1, 2, 3, 4, 5, 6];
    const number = Number(ask.get('page') ?? 1);
    const items = ids
      .slice((number - 1) * 2, number * 2)
      .map(id => `{"user_id":${id},"username":"${isFirst ? 'old' : 'new'}${id}"}`);
    return `{"data":{"items":[${items.join()}],"has_more_data":${number * 2 < ids.length},"current_page":${number},"current_page_size":2,"total_count":${ids.length},"total_page_count":${Math.ceil(ids.length / 2)}}}`;
  });
  const rows = await collect(open(url, {pageSize: 2}).table('users').rows());
  calls = 0;
  const report = await load(['users'], {docebo: {pageSize: 2}});
  expect(report.exitCode).toBe(0);
  const loaded = (await query('SELECT username FROM users ORDER BY user_id')).flat();
  expect(rows.map(row => row.username).sort()).toEqual([...loaded].sort());
});
