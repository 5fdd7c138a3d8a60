import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {listConcerns} from '../../src/cli/printing/list-concerns.js';
import {type EmulatorOptions, type SeenRequest, startEmulator} from '../../src/emulator/index.js';
import {ingest, openDestination, openDocebo, readSettings, type Table} from '../../src/index.js';
import {tables} from '../../tables/index.js';
import {addCalls, expectCalls, sumCalls} from './expected-calls.js';

const usual = {users: 800, seed: 3} as const;

let folder: string;
let least: ReturnType<typeof expectCalls>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-calls-'));
  const emulator = await startEmulator(usual);
  least = expectCalls(emulator.truth);
  await emulator.close();
});
afterAll(() => rm(folder, {recursive: true}));

/** Loads tables once and gives what was asked for them. */
async function load(names: readonly string[], options: EmulatorOptions = {}) {
  const emulator = await startEmulator({...usual, ...options});
  try {
    const {clientId, clientSecret} = emulator.credentials;
    const env = {DOCEBO_BASE_URL: emulator.url, DOCEBO_CLIENT_ID: clientId, DOCEBO_CLIENT_SECRET: clientSecret};
    const docebo = openDocebo(await readSettings({env, allowHttp: false}));
    const chosen = tables.filter(({name}) => names.includes(name));
    try {
      const report = await ingest({
        docebo,
        // Each tenant has its own place: a table is read only by the route of the one that is already there.
        destination: openDestination(`jsonl://${folder}/${new URL(emulator.url).port}`, {lockTimeoutMs: 0}),
        loads: chosen.map((table: Table) => ({table, target: {schema: 'dest', name: table.name}})),
        stateDir: join(folder, 'state'),
        cast: {invalidDates: 'epoch', onCastError: 'null', schemaContract: 'evolve', loadMetadata: true},
        allOrNothing: false,
      });
      expect(report.tables.filter(({status}) => status !== 'published')).toEqual([]);
      return {emulator, report, ...sortRequests(emulator.requests)};
    } finally {
      await docebo.close();
    }
  } finally {
    await emulator.close();
  }
}

/** How often each path was asked for, whatever its query. */
function sortRequests(requests: readonly SeenRequest[]) {
  const asked: Record<string, number> = {};
  for (const {method, path} of requests) {
    const name = `${method === 'GET' ? '' : `${method} `}${path.split('?')[0]}`;
    asked[name] = (asked[name] ?? 0) + 1;
  }
  const {'POST /oauth2/token': tokens = 0, ...calls} = asked;
  return {tokens, calls};
}

/** Path → calls of these tables, at the least. */
function expectOf(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(addCalls(names.map(name => least.get(name) ?? refuse(name))));
}

function refuse(name: string): never {
  throw new Error(`Say in test/bench/expected-calls.ts how many calls ${name} takes.`);
}

const bulk = [
  'users',
  'user_fields',
  'manager_types',
  'pending_users',
  'badges',
  'leaderboards',
  'subscription_bundles',
  'subscription_plans',
  'subscription_records',
  'subscription_seats',
  'branches',
  'groups',
  'courses',
  'course_fields',
  'categories',
  'course_enrollments',
  'enrollments',
  'enrollments_pending_approval',
  'enrollment_fields',
  'locations',
  'certifications',
  'external_training',
  'learning_plans',
  'learning_plan_enrollments',
  'catalogs',
  'channels',
  'assets',
];

test.each(bulk)('%s takes one call for every 200 records, and one token', async name => {
  const {tokens, calls} = await load([name]);
  expect(calls).toEqual(expectOf([name]));
  expect(tokens).toBe(1);
});

test.each([
  ['course_learning_objects', ['courses']],
  ['sessions', ['courses']],
  ['session_events', ['courses', 'sessions']],
  ['session_enrollments', ['courses', 'sessions']],
  ['session_field_values', ['courses', 'sessions']],
  ['session_attendance', ['enrollments']],
  ['course_details', ['courses']],
  ['course_field_values', ['courses', 'course_fields', 'course_details']],
  ['session_dates', ['courses', 'course_details']],
  ['user_branches', ['branches']],
  ['user_managers', ['users']],
  ['user_field_options', ['user_fields']],
  ['manager_subordinates', ['users']],
  ['badge_awards', ['badges']],
  ['leaderboard_positions', ['leaderboards']],
  ['group_members', ['groups']],
  ['learning_plan_courses', ['learning_plans']],
  ['learning_plan_course_enrollments', ['learning_plans']],
  ['catalog_items', ['catalogs']],
  ['channel_assets', ['channels']],
  ['asset_channels', ['assets']],
  ['polls', ['courses', 'course_learning_objects']],
  ['survey_answers', ['courses', 'course_learning_objects', 'polls']],
])('%s takes one call for each page of each parent, and its parents are listed once', async (name, parents) => {
  const {tokens, calls} = await load([name]);
  expect(calls).toEqual(expectOf([name, ...parents]));
  expect(tokens).toBe(1);
});

describe('a run of all tables', () => {
  let run: Awaited<ReturnType<typeof load>>;
  beforeAll(async () => {
    run = await load(tables.map(({name}) => name));
  });

  test('asks for nothing twice, nothing else, and for one token', () => {
    expect(run.calls).toEqual(expectOf(tables.map(({name}) => name)));
    expect(run.tokens).toBe(1);
    expect(new Set(run.emulator.requests.map(({path}) => path)).size).toBe(run.emulator.requests.length);
  });

  test('reports as many calls as were made', () => {
    const sum = sumCalls(least.values());
    expect(run.report).toMatchObject({requests: sum, retries: 0, tokenRequests: 1});
    expect(run.report.tables.reduce((sum, {requests}) => sum + requests, 0)).toBe(sum);
  });

  test('is clean: nothing to warn of, and no key undeclared but additional fields', () => {
    expect(listConcerns(run.report, {quiet: false})).toEqual([]);
    const keys = run.report.tables.flatMap(({table, undeclared}) =>
      Object.keys(undeclared).map(key => `${table}.${key}`),
    );
    expect(keys.filter(key => !/^(pending_)?users\.field_\d+$/.test(key))).toEqual([]);
    expect(keys).not.toEqual([]);
  });

  test('asks for the sessions of no e-learning course', () => {
    const taught = [...run.emulator.truth('courses')].filter(({course_type: type}) => type !== 'elearning');
    const asked = Object.keys(run.calls).filter(path => path.endsWith('/sessions'));
    expect(asked).toHaveLength(taught.length);
    expect(taught.length).toBeGreaterThan(1);
  });

  test('asks for the learners of no session that counts none', () => {
    const empty = [...run.emulator.truth('sessions')].filter(({enrolled}) => enrolled === '0');
    expect(empty.length).toBeGreaterThan(0);
    for (const {id} of empty) expect(run.calls).not.toHaveProperty([`/course/v1/sessions/${id}/enrollments`]);
  });

  test('asks for the answers of polls alone', () => {
    const polls = [...run.emulator.truth('polls')];
    const asked = Object.keys(run.calls).filter(path => path.includes('/survey/'));
    expect(asked.sort()).toEqual(polls.map(({id_resource: id}) => `/learn/v1/survey/${id}/answer`).sort());
  });

  test('asks for the courses of no plan in which nobody is', () => {
    const plans = [...run.emulator.truth('learning_plans')];
    const empty = plans.filter(plan => plan['assigned_enrollments_count'] === 0);
    expect(empty.length).toBeGreaterThan(0);
    for (const {learning_plan_id: id} of empty) {
      expect(run.calls).not.toHaveProperty([`/learningplan/v1/learningplans/${id}/courses/enrollments`]);
    }
  });
});

test('a course that counts no sessions is not asked for them', async () => {
  // Only the management list counts them: it is used where the catalogue is refused, on a first night twice.
  const always = Number.POSITIVE_INFINITY;
  const refusal = {match: /^\/learn\/v1\/courses\?/, kind: 'status', status: 403, times: always} as const;
  const {emulator, calls} = await load(['sessions'], {faults: [refusal]});
  const having = new Set([...emulator.truth('sessions')].map(({course_id: id}) => id));
  const asked = Object.keys(calls).filter(path => path.endsWith('/sessions'));
  expect(asked.sort()).toEqual([...having].map(id => `/course/v1/courses/${id}/sessions`).sort());
  expect(calls).toMatchObject({'/learn/v1/courses': 2, '/course/v1/courses': 1});
});

test('values of course fields cost no detail where the list of courses sends them', async () => {
  const {calls} = await load(['course_field_values'], {catalogueFields: true});
  expect(calls).toEqual(expectOf(['courses', 'course_fields']));
});

test('a tenant that refuses the bulk list of enrolments is asked once for each course', async () => {
  const {emulator, calls} = await load(['course_enrollments'], {bulkEnrollments: false});
  const courses = [...emulator.truth('courses')].map(({id_course: id}) => id);
  const rows = new Map<unknown, number>();
  for (const {course_id: id} of emulator.truth('course_enrollments')) rows.set(id, (rows.get(id) ?? 0) + 1);
  expect(calls).toEqual({
    '/course/v1/courses/enrollments': 2,
    '/learn/v1/courses': 1,
    ...Object.fromEntries(
      courses.map(id => [`/course/v1/courses/${id}/enrollments`, Math.max(1, Math.ceil((rows.get(id) ?? 0) / 200))]),
    ),
  });
});

test('tables that are not asked for cost nothing', async () => {
  const {calls} = await load(['users', 'groups']);
  expect(Object.keys(calls).sort()).toEqual(['/audiences/v1/audience', '/manage/v1/user']);
});
