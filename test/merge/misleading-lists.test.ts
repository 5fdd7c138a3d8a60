import {describe, expect, test} from 'vitest';
import {serve} from '../helpers/served.js';
import {merge, openNights} from './nights.js';
import {answerPage, answerUsers, dayMs, makeUsers, moment, serveUsers, type User} from './told-tenant.js';

const old = (index: number) => Date.UTC(2024, 0, 1) + index * dayMs;

/** What is asked for, but with pages of at most five rows. */
function capped(query: URLSearchParams): URLSearchParams {
  const asked = new URLSearchParams(query);
  if (Number(asked.get('page_size')) > 5) asked.set('page_size', '5');
  return asked;
}

describe('a list that sends fewer rows on a page than were asked for', () => {
  test('is audited to its end', async () => {
    let users: readonly User[] = makeUsers(200, old);
    let isBlind = false;
    const {night, rows} = await serveUsers(
      () => users,
      (path, query) => {
        if (path !== '/manage/v1/user') return undefined;
        const hidden = isBlind && query.has('updated_from') ? 'new' : '';
        return answerUsers(
          capped(query),
          users.filter(({username}) => username !== hidden),
        );
      },
    );
    await night({}, {pageSize: 10});
    // The filter names a row of the first half, and leaves out all that have changed in the second.
    const rename = (user: User, username: string) => ({...user, username, last_update: moment(Date.now())});
    users = users.map((user, i) => (i === 3 ? rename(user, 'named') : i >= 110 ? rename(user, 'new') : user));
    isBlind = true;
    let last = 0.11;
    const random = () => (last = (last * 7.31) % 1);
    const {report} = await night({merge: {...merge, auditPages: 10}, random}, {pageSize: 10});
    expect(report.exitCode).toBe(0);
    expect(await rows()).toEqual(users.map(({user_id, username}) => `${user_id} ${username}`));
  });

  test.each([5, 10])('shows what is gone, for as few calls (%s rows asked for)', async pageSize => {
    let users: readonly User[] = makeUsers(600, old);
    const {night} = await serveUsers(
      () => users,
      (path, query) => {
        if (path === '/manage/v1/user') return answerUsers(capped(query), users);
        const user = users.find(({user_id}) => path === `/manage/v1/user/${user_id}`);
        return user === undefined ? undefined : JSON.stringify({data: user});
      },
    );
    await night({}, {pageSize});
    users = users.filter(({user_id}) => user_id !== '1100');
    const {table, calls} = await night({}, {pageSize});
    expect(table).toMatchObject({strategy: 'merge', removed: 1});
    expect(calls.length).toBeLessThan(40);
  });
});

describe('lists of courses', () => {
  test('whose course counts others are read, though rows moved when they were read last', async () => {
    const made = (course: number) => Array.from({length: course === 1 ? 8 : 3}, (_, n) => ({id: 100 * course + n}));
    const lists = new Map(Array.from({length: 12}, (_, index) => [index + 1, made(index + 1)]));
    let isMoving = true;
    const served = await serve((path, query) => {
      if (path === '/learn/v1/courses') {
        const courses = [...lists].map(([id, {length}]) => ({
          id_course: id,
          course_type: 'classroom',
          name: `c${id}`,
          date_last_updated: moment(old(id)),
          sessions_count: length,
        }));
        return answerPage(query, courses);
      }
      const course = Number(/^\/course\/v1\/courses\/(\d+)\/sessions$/.exec(path)?.[1]);
      const sessions = lists.get(course);
      if (sessions === undefined) return undefined;
      const answer = answerPage(query, sessions);
      if (course === 1 && isMoving) {
        isMoving = false;
        sessions.shift();
      }
      return answer;
    });
    const load = async () => served.load(['courses', 'sessions'], {merge, docebo: {pageSize: 5}});
    await load();
    lists.get(5)?.pop();
    expect((await load()).exitCode).toBe(0);
    const got = await served.query('SELECT CAST(session_id AS INTEGER) FROM sessions ORDER BY 1');
    expect(got.flat()).toEqual([...lists.values()].flat().map(({id}) => id));
  });

  test.each(['sessions', 'course_learning_objects'])(
    '%s of a run that is resumed are as of the time when their courses were read',
    async name => {
      const {next, emulator, expectTruth, published} = await openNights([name], {users: 60});
      const path = name === 'sessions' ? /courses\/(\d+)\/sessions/ : /courses\/(\d+)\/los/;
      const asked = (await next()).calls.flatMap(call => path.exec(call)?.[1] ?? []);
      const held = ((await published(name)) ?? []).map(row => String(JSON.parse(row).course_id));
      const [one, two] = asked.filter(id => held.includes(id));
      if (one === undefined || two === undefined) return expect.fail();
      emulator.nights.touchCourse(Number(one));
      emulator.setFaults([{match: path, kind: 'status', status: 500, times: 1000}]);
      const broken = await next();
      expect(broken.report.exitCode).not.toBe(0);
      emulator.setFaults([]);
      // A load is dated by the second.
      await new Promise(resolve => setTimeout(resolve, 1000));
      emulator.nights.touchCourse(Number(two));
      await next();
      await expectTruth();
      // It has carried over what it held of the second course, which has changed since.
      const resumed = await next({resume: broken.report.loadId});
      expect(resumed.table(name).error?.message ?? resumed.table(name).warnings.join()).toContain('later than');
      await expectTruth();
    },
  );
});
