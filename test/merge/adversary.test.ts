import {readdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {openDestination} from '../../src/destination/open.js';
import {load} from '../../src/load.js';
import {findRun} from '../../src/spool/runs.js';
import {tableNamed} from '../helpers/rehearsal.js';
import {serve} from '../helpers/served.js';
import {merge, openNights} from './nights.js';
import {
  answerPage,
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

  test('a clock that is put right while the base is read does not hide what has changed', async () => {
    let users: readonly User[] = makeUsers(60, old);
    let [offsetMs, calls] = [3 * dayMs, 0];
    const {night, rows} = await serveUsers(
      () => users,
      () => {
        if (++calls === 3) offsetMs = 0;
        return undefined;
      },
    );
    const clock = clockAt(() => offsetMs);
    await night({}, {clock});
    users = rename(users, '1050', Date.now() + dayMs);
    offsetMs = 5 * dayMs;
    expect((await night({random: () => 0}, {clock})).table.strategy).toBe('merge');
    expect(await rows()).toEqual(tell(users));
  });

  test('an enrolment that is made again with an older date is not taken for one that is gone', async () => {
    const {next, emulator, published, expectTruth} = await openNights(['course_enrollments'], {users: 200});
    await next();
    const found = ((await published('course_enrollments')) ?? []).map((row): Record<string, string> => JSON.parse(row));
    const dateOf = (row: Record<string, string>) => String(row['enrollment_date_last_updated']);
    found.sort((a, b) => (dateOf(a) < dateOf(b) ? -1 : 1));
    const [again, gone, near] = [found.at(-20), found.at(60), found.at(40)];
    if (again === undefined || gone === undefined || near === undefined) return expect.fail();
    const at = new Date(`${dateOf(near).replace(' ', 'T').slice(0, 19)}Z`);
    emulator.nights.renewEnrollment(Number(again['course_id']), Number(again['user_id']), {at});
    emulator.nights.removeEnrollment(Number(gone['course_id']), Number(gone['user_id']));
    expect((await next({random: () => 0.45})).table('course_enrollments').reason).toContain('A row is still there');
    await expectTruth();
  });

  test('rows of a user who is in no list, but not gone, are not taken for others that are', async () => {
    const {load, query, tenant} = await serveEnrolments();
    await load();
    // One user is deleted; another leaves the list of users, and his rows are sent unless they are asked for by him. Six other rows go.
    tenant.rows = tenant.rows.filter(({user}) => user !== 1003).filter((_, i) => i < 100 || i >= 220 || i % 20 !== 10);
    tenant.users = tenant.users.filter(id => id !== 1003 && id !== 1020);
    tenant.hidden = 1020;
    expect((await load()).exitCode).toBe(0);
    const got = await query(`SELECT user_id || ' ' || id FROM enrollments`);
    expect(got.map(String).sort()).toEqual(tenant.rows.map(({user, course}) => `${user} ${course}`).sort());
  });

  test.each([0, 0.6])('of such a user one row is gone, others of his stay (random %s)', async random => {
    const {load, query, tenant} = await serveEnrolments();
    await load();
    tenant.users = tenant.users.filter(id => id !== 1020);
    tenant.hidden = 1020;
    // As many are gone as he has: one of his, and others.
    tenant.rows = tenant.rows.filter((_, i) => ![120, 10, 60, 200, 240, 290].includes(i));
    expect((await load(random)).exitCode).toBe(0);
    const got = await query(`SELECT user_id || ' ' || id FROM enrollments`);
    expect(got.map(String).sort()).toEqual(tenant.rows.map(({user, course}) => `${user} ${course}`).sort());
  });

  test('a tenant in which rows come all the while costs at most half a reading in vain', async () => {
    let users: readonly User[] = makeUsers(1000, old);
    let [calls, next, isBusy] = [0, 5000, true];
    const {night, rows} = await serveUsers(
      () => users,
      () => {
        if (isBusy && ++calls % 50 === 0)
          users = [...users, {user_id: String(next++), username: 'n', last_update: moment(Date.now())}];
        return undefined;
      },
    );
    const whole = (await night({fullRefresh: true})).calls.length;
    users = users.map((user, i) => (i % 10 < 3 ? {...user, username: 'c', last_update: moment(Date.now())} : user));
    expect((await night()).calls.length).toBeLessThan(whole * 1.5 + 20);
    isBusy = false;
    // Of which most has changed: no more is asked for than the first of the changes.
    users = users.map(user => ({...user, username: 'd', last_update: moment(Date.now())})).slice(0, -40);
    expect((await night()).calls.length).toBeLessThan(users.length / 5 + 15);
    expect(await rows()).toEqual(tell(users));
  });
});

interface Enrolment {
  readonly user: number;
  readonly course: number;
  readonly date: string;
}

/** A tenant of 50 users with 6 enrolments each, of whom `hidden` cannot be asked for. */
async function serveEnrolments() {
  const rows: readonly Enrolment[] = Array.from({length: 300}, (_, i) => ({
    user: 1000 + Math.floor(i / 6),
    course: 1 + (i % 6),
    date: moment(old(i)),
  }));
  const tenant = {rows, users: [...new Set(rows.map(({user}) => user))], hidden: 0};
  const served = await serve((path, query) => {
    if (path === '/manage/v1/user')
      return answerUsers(
        query,
        tenant.users.map(id => ({user_id: String(id), username: `u${id}`, last_update: moment(old(0))})),
      );
    if (path !== '/learn/v1/enrollments') return undefined;
    const [from, to] = [query.get('updated_from') ?? '', query.get('updated_to') ?? '9'];
    const ids = query.getAll('id_user[]').map(Number);
    const found = tenant.rows
      .filter(({date}) => date >= from && date <= to)
      .filter(({user}) => ids.length === 0 || (ids.includes(user) && user !== tenant.hidden));
    return answerPage(
      query,
      found.map(({user, course, date}) => ({id: course, type: 'elearning', user_id: user, date_last_updated: date})),
    );
  });
  const load = async (random = 0.5) =>
    served.load(['users', 'enrollments'], {merge, docebo: {pageSize: 5}, random: () => random});
  return {load, query: served.query, tenant};
}
