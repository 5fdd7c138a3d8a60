import {readdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {openDestination} from '../../src/destination/open.js';
import {load} from '../../src/load.js';
import {findRun} from '../../src/spool/runs.js';
import {tableNamed} from '../helpers/rehearsal.js';
import {serve} from '../helpers/served.js';
import {openNights} from './nights.js';
import {
  answerUsers,
  clockAt,
  dayMs,
  hourMs,
  makeUsers,
  moment,
  nightsOf,
  serveUsers,
  type User,
} from './told-tenant.js';

const old = (index: number) => Date.UTC(2024, 0, 1) + index * dayMs;
const without = (users: readonly User[], id: string) => users.filter(({user_id}) => user_id !== id);
const rename = (users: readonly User[], id: string, atMs: number) =>
  users.map(user => (user.user_id === id ? {...user, username: 'new', last_update: moment(atMs)} : user));
const tell = (users: readonly User[]) => users.map(({user_id, username}) => `${user_id} ${username}`);
const pause = async (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

describe('what an adversary has found', () => {
  test('a list that was carried over in part when the run was killed is carried over to its end', async () => {
    const {next, emulator, stateDir, expectTruth} = await openNights(['sessions', 'users'], {users: 60});
    await next({}, {pageSize: 1});
    emulator.setFaults([{kind: 'status', status: 403, match: '/manage/v1/user', times: 1000}]);
    await next({}, {pageSize: 1});
    emulator.setFaults([]);
    const run = (await readdir(join(stateDir, 'runs'))).sort().at(-1) ?? '';
    const manifest = join(stateDir, 'runs', run, 'sessions', 'manifest.ndjson');
    const lines = (await readFile(manifest, 'utf8')).split('\n').slice(0, -1);
    const pages = lines.map(line => JSON.parse(line)).filter(({type}) => type === 'page');
    // As kill -9 leaves it after the first page of a list of several was synced, and before the second.
    const at = pages.findIndex(({bound}, i) => JSON.stringify(bound) === JSON.stringify(pages[i + 1]?.bound));
    expect(at).toBeGreaterThanOrEqual(0);
    await writeFile(manifest, `${lines.slice(0, at + 1).join('\n')}\n`);
    await next({resume: true}, {pageSize: 1});
    await expectTruth();
  });

  test('an older merge that is loaded again does not replace a newer one', async () => {
    const {next, emulator, stateDir, file, expectTruth} = await openNights(['users']);
    await next();
    await pause(1100);
    const {report} = await next();
    await pause(1100);
    emulator.nights.addUser({at: new Date()});
    await next();
    const again = await load({
      record: await findRun(stateDir, report.loadId),
      loads: [{table: tableNamed('users'), target: {schema: null, name: 'users'}}],
      destination: openDestination(`duckdb:///${file}`, {lockTimeoutMs: 0}),
      stateDir,
    });
    expect(again.tables[0]?.error?.message).toContain('the earlier table was read at');
    await expectTruth();
  });

  test('faults that are accepted are no ground for a merge', async () => {
    let users: readonly User[] = makeUsers(60, old);
    const twice = await serveUsers(() => [...users, ...users.slice(30, 31)]);
    const miscounted = nightsOf(
      await serve((path, query) =>
        path === '/manage/v1/user'
          ? answerUsers(query, users, (rows, isFiltered) => (isFiltered ? rows : rows + 1))
          : undefined,
      ),
    );
    for (const _ of [1, 2]) {
      await twice.night({accept: {users: ['duplicates']}});
      await miscounted.night({accept: {users: ['count']}});
      for (const {ids} of [twice, miscounted]) expect(await ids()).toEqual(users.map(({user_id}) => user_id));
      users = without(users, '1050');
    }
  });

  test('a clock that was ahead once does not hide what has changed, nor end all merges', async () => {
    for (const ahead of [3 * dayMs, 3650 * dayMs]) {
      let users: readonly User[] = makeUsers(60, old);
      let offsetMs = ahead;
      const {night, rows} = await serveUsers(() => users);
      const clock = clockAt(() => offsetMs);
      await night({}, {clock});
      offsetMs = 0;
      users = rename(users, '1050', Date.now());
      await night({random: () => 0}, {clock});
      expect(await rows()).toEqual(tell(users));
      await night({}, {clock});
      expect((await night({}, {clock})).table.strategy).toBe('merge');
    }
  });

  test('a clock that is always ahead does not hide what has changed', async () => {
    let users: readonly User[] = makeUsers(60, old);
    let offsetMs = 2 * dayMs;
    const {night, rows} = await serveUsers(() => users);
    const clock = clockAt(() => offsetMs);
    await night({}, {clock});
    users = rename(users, '1050', Date.now() + hourMs);
    offsetMs += dayMs;
    await night({random: () => 0}, {clock});
    expect(await rows()).toEqual(tell(users));
  });

  test('a filter that never names a row is not believed', async () => {
    let users: readonly User[] = makeUsers(60, old);
    const {night, rows} = await serveUsers(
      () => users,
      (path, query) => (path === '/manage/v1/user' && query.has('updated_from') ? answerUsers(query, []) : undefined),
    );
    await night();
    users = rename(users, '1050', Date.now());
    const {table} = await night({random: () => 0});
    expect(table).toMatchObject({reason: 'Docebo names no rows even where there are some.'});
    expect(await rows()).toEqual(tell(users));
  });

  test.each([500, 422])('a filter that is answered with %s costs a whole reading, not the table', async status => {
    const users = makeUsers(60, old);
    const {night, ids} = await serveUsers(
      () => users,
      (_, query) => (query.has('updated_from') ? {status, body: '{"message":["no"]}'} : undefined),
    );
    await night();
    const {table, report} = await night();
    expect(report.exitCode).toBe(0);
    expect(table.reason).toContain('Docebo does not say what has changed');
    expect(await ids()).toHaveLength(60);
  });
});
