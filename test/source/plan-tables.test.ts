import {describe, expect, test} from 'vitest';
import {findTable} from '../../src/cli/options/select-tables.js';
import type {EmulatorOptions} from '../../src/emulator/index.js';
import {planTables} from '../../src/source/tables/plan-tables.js';
import {tables} from '../../tables/index.js';
import {clientCredentials, emulate, listen, open} from './tenant.js';

async function plan(names: readonly string[], options: EmulatorOptions = {}) {
  const emulator = await emulate(options);
  const result = await planTables(
    open(emulator.url),
    names.map(name => findTable(tables, name)),
  );
  const asked = emulator.requests.filter(({method}) => method === 'GET');
  const count = (name: string) => [...emulator.truth(name)].length;
  return {...result, emulator, asked, count};
}

const expectedOf = ({tables}: Awaited<ReturnType<typeof plan>>) =>
  Object.fromEntries(tables.map(({table, requests, certainty, rows}) => [table, [requests, certainty, rows]]));

describe('a plan', () => {
  test('counts the pages of a list by asking for the first', async () => {
    const result = await plan(['users'], {users: 450});
    expect(expectedOf(result)).toEqual({users: [3, 'exact', 450]});
    expect(result).toMatchObject({requests: 3, certainty: 'exact', planRequests: 1, tokenRequests: 1});
    expect(result.asked.map(({path}) => path)).toEqual([
      expect.stringMatching(/page=1&page_size=200&get_total_count=1/),
    ]);
  });

  test.each([
    ['absent', 51],
    ['frozen', 50],
  ] as const)('counts the look at the ends of a long list: its cursor is %s', async (cursors, requests) => {
    const emulator = await emulate({users: 99, cursors});
    const {tables: planned} = await planTables(open(emulator.url, {pageSize: 2}), [findTable(tables, 'users')]);
    expect(planned).toMatchObject([{requests, certainty: 'exact', rows: 99}]);
  });

  test('asks for a parent once, however many children need it, and names it first', async () => {
    const result = await plan(['course_learning_objects', 'sessions', 'courses'], {users: 60});
    const courses = [...result.emulator.truth('courses')];
    const taught = courses.filter(course => course['course_type'] !== 'elearning' && course['sessions_count'] !== 0);
    expect(result.asked).toHaveLength(1);
    expect(expectedOf(result)).toEqual({
      courses: [1, 'exact', courses.length],
      course_learning_objects: [courses.length, 'exact', null],
      sessions: [taught.length, 'at least', null],
    });
    expect(result.tables[0]?.table).toBe('courses');
  });

  test('says that a parent is read which was not asked for', async () => {
    const {tables: planned} = await plan(['group_members']);
    expect(planned.map(({table, note}) => [table, note])).toEqual([
      ['groups', 'Read for its children only.'],
      ['group_members', expect.stringMatching(/^One or more for each of \d+ groups\.$/)],
    ]);
  });

  test('counts the list of additional fields if columns are named after it, and there are any', async () => {
    const emulator = await emulate({users: 20});
    const asked = [findTable(tables, 'users'), findTable(tables, 'courses')];
    const {tables: planned} = await planTables(open(emulator.url), asked, {customFields: 'title'});
    expect(planned.map(({table, requests, note}) => [table, requests, note])).toEqual([
      ['users', 1, null],
      ['courses', 1, null],
      ['user_fields', 1, 'Read for the titles of additional fields only.'],
    ]);
  });

  test('scales what a page of parents shows to all of them', async () => {
    const emulator = await emulate({users: 60});
    const courses = findTable(tables, 'courses');
    const docebo = open(emulator.url, {pageSize: 4});
    const {tables: planned} = await planTables(docebo, [courses, findTable(tables, 'course_learning_objects')]);
    const total = [...emulator.truth('courses')].length;
    expect(total).toBeGreaterThan(4);
    expect(planned[0]).toMatchObject({requests: Math.ceil(total / 4), certainty: 'exact', rows: total});
    expect(planned[1]).toMatchObject({requests: total, certainty: 'estimate'});
    expect(planned[1]?.note).toBe(`One for 4 of the 4 courses that were sampled, scaled to all ${total}.`);
  });

  test('invents nothing where parents are known only once they are read', async () => {
    const {tables: planned, certainty} = await plan(['survey_answers']);
    expect(planned.map(({table}) => table)).toEqual(['courses', 'course_learning_objects', 'polls', 'survey_answers']);
    expect(planned[2]).toMatchObject({requests: 0, certainty: 'exact', rows: null});
    expect(planned[3]).toMatchObject({
      requests: 0,
      certainty: 'at least',
      note: 'One or more for each of polls, which are known once course_learning_objects are read.',
    });
    expect(certainty).toBe('at least');
  });

  test('counts by their parents rows that nobody has seen, and the lists of each', async () => {
    const route = {path: '/{id}', parent: {table: findTable(tables, 'sessions'), bind: {id: 'session_id'}}};
    const events = {...findTable(tables, 'sessions'), name: 'events', routes: [route]};
    const emulator = await emulate({users: 60, courses: 'managed'});
    const {tables: planned} = await planTables(open(emulator.url), [events]);
    const sessions = [...emulator.truth('sessions')].length;
    expect(planned[2]).toMatchObject({
      requests: sessions,
      certainty: 'estimate',
      note: `One or more for each of sessions, about ${sessions} by the counts of their own parents.`,
    });
  });

  test('counts a refused route as the calls that a first run makes to be sure', async () => {
    const {tables: planned, requests, asked} = await plan(['groups'], {groups: 'legacy'});
    expect(planned[0]).toMatchObject({
      route: '/manage/v1/group',
      requests: 3,
      note: expect.stringMatching(/^\/audiences\/v1\/audience is not served here \(40\d\)\.$/),
    });
    expect([requests, asked.length]).toEqual([3, 2]);
  });

  test('names a table that cannot be read, and those that need it', async () => {
    const faults = [{match: '/courses', kind: 'status', status: 403, times: Number.POSITIVE_INFINITY}] as const;
    const {tables: planned} = await plan(['course_learning_objects'], {faults});
    expect(planned).toMatchObject([
      {table: 'courses', route: null, requests: 3, note: expect.stringContaining('cannot be read')},
      {requests: 0, note: 'It needs courses, which cannot be read.'},
    ]);
  });

  test('reads a bulk list in place of one for each parent', async () => {
    const bulk = await plan(['course_enrollments']);
    expect(expectedOf(bulk)).toEqual({course_enrollments: [1, 'exact', bulk.count('course_enrollments')]});
    const {tables: planned} = await plan(['course_enrollments'], {bulkEnrollments: false});
    expect(planned.map(({table, certainty}) => [table, certainty])).toEqual([
      ['courses', 'exact'],
      ['course_enrollments', 'at least'],
    ]);
  });

  test('knows a tree that came whole, and the first lists below one that did not', async () => {
    const whole = await plan(['branches']);
    expect(expectedOf(whole)).toEqual({branches: [1, 'exact', whole.count('branches')]});
    const result = await plan(['categories']);
    const nodes = [...result.emulator.truth('categories')].filter(node => node['lev'] === 2 && node['has_child']);
    expect(nodes.length).toBeGreaterThan(0);
    expect(expectedOf(result)).toEqual({categories: [1 + nodes.length, 'at least', null]});
  });

  test('says that a list of unknown length is', async () => {
    const url = await listen((request, response) => {
      const token = request.url?.startsWith('/oauth2/') ? {access_token: 'x', expires_in: 3600} : undefined;
      response.end(JSON.stringify(token ?? {data: [{id: 1}]}));
    });
    const {tables: planned} = await planTables(open(url, {}, clientCredentials), [findTable(tables, 'badges')]);
    expect(planned[0]).toMatchObject({requests: 2, certainty: 'at least', rows: null});
  });
});
