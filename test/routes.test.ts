import {readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {DuckDBInstance} from '@duckdb/node-api';
import {describe, expect, test} from 'vitest';
import {openDestination} from '../src/destination/open.js';
import type {EmulatorOptions} from '../src/emulator/index.js';
import type {RunEvent} from '../src/report.js';
import {checkTables} from '../src/source/tables/check-tables.js';
import {planTables} from '../src/source/tables/plan-tables.js';
import {openRouteMemory} from '../src/source/tables/route-memory.js';
import {fileUris, readRowsOf} from './destination/rows-of-files.js';
import {type Rehearsal, rehearse, tableNamed} from './helpers/rehearsal.js';
import {pageOf, serve} from './helpers/served.js';
import {open} from './source/tenant.js';

const always = Number.POSITIVE_INFINITY;
// One that means the request, and one that means the route: client.test.ts tells all of them apart.
const refusals = [403, 404];
const bulkCourses = /learn.v1.courses\?/;
const bulkEnrollments = /courses.enrollments\?/;

/** A tenant of which one night has been loaded, and the calls it took. */
async function secondNight(names: readonly string[], options: EmulatorOptions = {}) {
  const rehearsal = await rehearse(options);
  const first = await rehearsal.load(names);
  expect(first.exitCode).toBe(0);
  const before = rehearsal.emulator.requests.length;
  return {...rehearsal, first, asked: () => rehearsal.asked(before), calls: rehearsal.asked().length};
}

const refuseOnce = (status: number) =>
  [bulkEnrollments, /course.v1.courses.\d+.sessions/, /audience.[^/]+.users/].map(
    match => ({match, kind: 'status', status}) as const,
  );

const pathsOf = (asked: readonly string[]) => asked.map(path => path.replace(/\?.*/, ''));
const memoryOf = async ({stateDir}: Pick<Rehearsal, 'stateDir'>, table: string) => {
  const [tenant = ''] = await readdir(join(stateDir, 'tenants'));
  return join(stateDir, 'tenants', tenant, 'routes', `${table}.json`);
};

describe.each(refusals)('a route that has served and is refused once with %i', status => {
  test('serves the table all the same', async () => {
    const {load, emulator, published, truth, asked, calls} = await secondNight(['courses', 'course_enrollments']);
    emulator.setFaults([
      {match: bulkCourses, kind: 'status', status},
      {match: bulkEnrollments, kind: 'status', status},
    ]);
    const {exitCode, tables} = await load(['courses', 'course_enrollments']);
    expect(exitCode).toBe(0);
    expect(tables.map(({route}) => route)).toEqual(['/learn/v1/courses', '/course/v1/courses/enrollments']);
    expect(tables.flatMap(({warnings}) => warnings)).toEqual([]);
    expect(await published('courses')).toEqual(truth('courses'));
    expect(asked()).toHaveLength(calls + 2);
  });
});

describe('a route that has served and stays refused', () => {
  test.each(refusals)('with %i, keeps its table and the report says what to do', async status => {
    const {load, emulator, published, truth, asked} = await secondNight(['courses', 'users']);
    emulator.setFaults([{match: bulkCourses, kind: 'status', status, times: always}]);
    const events: RunEvent[] = [];
    const {exitCode, tables} = await load(['courses', 'users'], {onEvent: event => events.push(event)});
    expect(exitCode).toBe(7);
    expect(tables).toMatchObject([
      {
        table: 'courses',
        status: 'kept',
        error: {
          status,
          message: expect.stringMatching(/^Docebo answered .* \/learn\/v1\/courses has served courses before/),
          hint: expect.stringContaining('--allow-route-change'),
        },
      },
      {table: 'users', status: 'published'},
    ]);
    expect(await published('courses')).toEqual(truth('courses'));
    expect(pathsOf(asked()).filter(path => path !== '/manage/v1/user')).toEqual([
      '/learn/v1/courses',
      '/learn/v1/courses',
    ]);
    expect(events.filter(({type}) => type === 'table_failed')).toHaveLength(1);
    expect(events.filter(({type}) => type === 'table_postponed')).toHaveLength(1);
  });

  test('is left where that is allowed, which the report tells', async () => {
    const {load, emulator, asked} = await secondNight(['courses']);
    emulator.setFaults([{match: bulkCourses, kind: 'status', status: 404, times: always}]);
    const {exitCode, tables} = await load(['courses'], {}, {allowRouteChange: true});
    expect(exitCode).toBe(0);
    expect(tables[0]).toMatchObject({
      route: '/course/v1/courses',
      warnings: [
        '/learn/v1/courses is not served here (404).',
        expect.stringMatching(/^Read by \/course\/v1\/courses\?.*; until now it was read by \/learn\/v1\/courses\.$/),
      ],
    });
    expect(pathsOf(asked())).toEqual(['/learn/v1/courses', '/learn/v1/courses', '/course/v1/courses']);
  });

  test('then is not asked for by the next run, which says how to go back', async () => {
    const {load, emulator, asked} = await secondNight(['courses'], {
      faults: [{match: bulkCourses, kind: 'status', status: 403, times: always}],
    });
    emulator.setFaults([]);
    const {tables, exitCode} = await load(['courses']);
    expect(exitCode).toBe(0);
    expect(tables[0]?.warnings).toEqual([
      expect.stringMatching(/^Read by \/course.*as before.*--allow-route-change.*\/learn\/v1\/courses\.$/),
    ]);
    expect(pathsOf(asked())).toEqual(['/course/v1/courses']);
    const back = await load(['courses'], {}, {allowRouteChange: true});
    expect(back.tables[0]).toMatchObject({route: '/learn/v1/courses', warnings: [expect.stringMatching(/until now/)]});
  });

  test('keeps the children of its table too', async () => {
    const {load, emulator, published} = await secondNight(['courses', 'course_learning_objects']);
    const before = await published('course_learning_objects');
    emulator.setFaults([{match: bulkCourses, kind: 'status', status: 403, times: always}]);
    const {exitCode, tables} = await load(['course_learning_objects']);
    expect(exitCode).toBe(5);
    expect(tables[0]).toMatchObject({
      status: 'kept',
      error: {status: 403, hint: expect.stringContaining('--allow-route-change')},
    });
    expect(await published('course_learning_objects')).toEqual(before);
  });

  test('is asked again for the children of its table', async () => {
    const {load, emulator} = await secondNight(['course_learning_objects']);
    emulator.setFaults([{match: bulkCourses, kind: 'status', status: 403}]);
    expect(await load(['course_learning_objects'])).toMatchObject({exitCode: 0, tables: [{warnings: []}]});
  });

  test('and is the only one, is asked again as well', async () => {
    const {load, emulator, asked} = await secondNight(['users']);
    emulator.setFaults([{match: 'user', kind: 'status', status: 403}]);
    expect(await load(['users'])).toMatchObject({exitCode: 0});
    emulator.setFaults([{match: 'user', kind: 'status', status: 403, times: always}]);
    const {exitCode, tables} = await load(['users']);
    expect(exitCode).toBe(5);
    expect(tables[0]?.error?.hint).not.toContain('--allow-route-change');
    expect(asked().length).toBeGreaterThanOrEqual(4);
  });

  test('for one page, reads on from there', async () => {
    const {load, emulator, asked, calls, published, truth} = await secondNight(['users'], {users: 450});
    emulator.setFaults([{match: /user\?.*page=2&/, kind: 'status', status: 403}]);
    expect(await load(['users'])).toMatchObject({exitCode: 0});
    // A refusal ends the frozen search: the page is asked for without its cursor, and the others once more as the list is now.
    expect(asked().length).toBeLessThanOrEqual(calls + 4);
    expect(await published('users')).toEqual(truth('users'));
  });
});

describe('the lists of children', () => {
  test.each([
    ['sessions', {sessionsRoute: 'map'}, /learn.v1.courses.\d+.sessions/],
    ['group_members', {groups: 'legacy'}, /manage.v1.group.\d+.members/],
    ['course_enrollments', {bulkEnrollments: false}, /courses.\d+.enrollments/],
  ] as const)('of %s are read by the route of the night before at no more calls', async (name, options, path) => {
    const {load, asked, calls, first} = await secondNight([name], options);
    const {tables, exitCode} = await load([name]);
    expect(exitCode).toBe(0);
    expect(tables[0]?.route).toBe(first.tables[0]?.route);
    expect(asked().length).toBeLessThan(calls);
    const own = asked().filter(each => !/courses\?|group\?|audience\?/.test(each));
    expect(own.every(each => path.test(each))).toBe(true);
  });

  test.each(refusals)('are not read by another route because the first is refused once with %i', async status => {
    const night = await secondNight(['course_enrollments', 'sessions', 'group_members']);
    const {load, emulator, asked, calls} = night;
    emulator.setFaults(refuseOnce(status));
    const {tables} = await load(['course_enrollments', 'sessions', 'group_members']);
    expect(tables.map(({route}) => route)).toEqual([
      '/course/v1/courses/enrollments',
      '/course/v1/courses/{course_id}/sessions',
      '/audiences/v1/audience/{group_id}/users',
    ]);
    expect(asked().length).toBeLessThanOrEqual(calls + 3);
    for (const name of ['course_enrollments', 'group_members'])
      expect(await night.published(name)).toEqual(night.truth(name));
  });

  test.each(refusals)('are not read by another route on a first night either, %i', async status => {
    const {load} = await rehearse({faults: refuseOnce(status)});
    const {tables} = await load(['course_enrollments', 'sessions']);
    expect(tables.map(({route}) => route)).toEqual([
      '/course/v1/courses/enrollments',
      '/course/v1/courses/{course_id}/sessions',
    ]);
  });

  test('are asked for again at the end of the run if all of them were refused', async () => {
    const {load, emulator, published, truth, calls} = await secondNight(['group_members']);
    emulator.setFaults([{match: /audience.[^/]+.users/, kind: 'status', status: 404, times: calls - 1}]);
    expect(await load(['group_members'])).toMatchObject({exitCode: 0, tables: [{tolerated: []}]});
    expect(await published('group_members')).toEqual(truth('group_members'));
  });

  test('keep their table if all of them stay refused', async () => {
    const {load, emulator, published, truth} = await secondNight(['group_members']);
    emulator.setFaults([{match: /audience.[^/]+.users/, kind: 'status', status: 404, times: always}]);
    const {exitCode, tables} = await load(['group_members']);
    expect(exitCode).toBe(7);
    expect(tables[0]).toMatchObject({status: 'kept', error: {hint: expect.stringContaining('--allow-route-change')}});
    expect(await published('group_members')).toEqual(truth('group_members'));
  });

  test('that were refused are asked for by --resume', async () => {
    const {load, emulator, published, truth} = await secondNight(['group_members']);
    emulator.setFaults([{match: /audience.[^/]+.users/, kind: 'status', status: 404, times: always}]);
    await load(['group_members']);
    emulator.setFaults([]);
    expect(await load(['group_members'], {}, {resume: true})).toMatchObject({exitCode: 0, tables: [{tolerated: []}]});
    expect(await published('group_members')).toEqual(truth('group_members'));
  });
});

test('members of groups that have no number are read by the UUID where only that answers', async () => {
  const served = await serve(path => {
    if (path === '/audiences/v1/audience') return pageOf('{"uuid":"a-1","name":"A"}', '{"uuid":"b-2","name":"B"}');
    if (path === '/manage/v1/group/a-1/members') return pageOf('{"user_id":7}', '{"user_id":8}');
    return path === '/manage/v1/group/b-2/members' ? pageOf('{"user_id":7}') : undefined;
  });
  const {exitCode, tables} = await served.load(['group_members']);
  expect(exitCode).toBe(0);
  expect(tables[0]?.route).toBe('/manage/v1/group/{uuid}/members');
  expect(await served.query('SELECT group_id, user_id FROM group_members ORDER BY ALL')).toEqual([
    ['a-1', '7'],
    ['a-1', '8'],
    ['b-2', '7'],
  ]);
});

describe('with a state folder that is new each night, a table', () => {
  const poorer = {name: 'Poor', id: 1};
  const richer = {id_course: 1, name: 'Rich', description: 'yes', credits: 3};
  /** Refuses the first route so many times from now on. */
  const coursesServed = async () => {
    let refusals = 0;
    const served = await serve(path => {
      if (path === '/learn/v1/courses')
        return refusals-- > 0 ? {status: 403, body: '<html>'} : pageOf(JSON.stringify(richer));
      return path === '/course/v1/courses' ? pageOf(JSON.stringify(poorer)) : undefined;
    });
    let nights = 0;
    const night = async (options: Parameters<typeof served.load>[1] = {}) =>
      served.load(['courses'], {stateDir: join(served.folder, `state-${++nights}`), ...options});
    return {...served, night, refuse: (times: number) => (refusals = times)};
  };

  describe.each([
    {scheme: 'duckdb', uri: 'duckdb:///out.duckdb', loadMetadata: true},
    {scheme: 'duckdb', uri: 'duckdb:///out.duckdb', loadMetadata: false},
    ...fileUris.map(each => ({...each, loadMetadata: false})),
  ] as const)('in $scheme, load metadata $loadMetadata', ({scheme, uri, loadMetadata}) => {
    test('is not replaced by what a poorer route gives, unless that is allowed', async () => {
      const {folder, night, refuse, query} = await coursesServed();
      const destination = openDestination(uri, {cwd: folder, lockTimeoutMs: 0});
      const options = {destination, cast: {loadMetadata}};
      const rows = async () =>
        scheme === 'duckdb'
          ? query('SELECT description FROM courses')
          : (await readRowsOf(scheme, join(folder, 'out', `courses.${scheme}`))).map(row => [row['description']]);
      const about = async () =>
        scheme === 'duckdb' ? query("SELECT comment FROM duckdb_tables() WHERE table_name = 'courses'") : [];
      expect(await night(options)).toMatchObject({exitCode: 0, tables: [{warnings: []}]});
      refuse(2);
      const refused = await night({...options, stateDir: join(folder, 'kept')});
      expect(refused).toMatchObject({
        exitCode: 7,
        tables: [{status: 'kept', error: {allowedBy: {'allow-route-change': true}}}],
      });
      expect(refused.tables[0]?.error?.message).toMatch(/courses was read by \/course.*earlier table by \/learn/);
      expect(await rows()).toEqual([['yes']]);
      // What was refused is not remembered for the next run.
      expect(await night({...options, stateDir: join(folder, 'kept')})).toMatchObject({
        exitCode: 0,
        tables: [{route: '/learn/v1/courses', warnings: []}],
      });
      refuse(2);
      const changed = {exitCode: 0, tables: [{warnings: [/not served/, /^Read by \/course.*; until now/]}]};
      const allowed = await night({...options, allowRouteChange: true});
      expect(allowed).toMatchObject({exitCode: 0});
      expect(allowed.tables[0]?.warnings).toEqual(changed.tables[0]?.warnings.map(each => expect.stringMatching(each)));
      expect(await rows()).toEqual([[null]]);
      const back = await night(options);
      expect(back.tables[0]?.warnings).toEqual([expect.stringMatching(/^Read by \/learn.*; until now .*\/course/)]);
      expect(await rows()).toEqual([['yes']]);
      if (loadMetadata) expect(await about()).toEqual([[expect.stringMatching(/ Primary key: id_course\.$/)]]);
    });
  });

  test('of which no route is noted, as in earlier versions, is replaced', async () => {
    const {night, refuse, folder} = await coursesServed();
    await night({cast: {loadMetadata: true}});
    const instance = await DuckDBInstance.create(join(folder, 'out.duckdb'));
    const connection = await instance.connect();
    await connection.run('COMMENT ON COLUMN courses._docebo_load_id IS NULL');
    connection.closeSync();
    instance.closeSync();
    refuse(2);
    expect(await night({cast: {loadMetadata: true}})).toMatchObject({exitCode: 0});
  });
});

describe('on a first night', () => {
  test('a refusal is confirmed before another route is taken', async () => {
    const {load, asked} = await rehearse({faults: [{match: bulkCourses, kind: 'status', status: 403, times: 2}]});
    const {tables, exitCode} = await load(['courses']);
    expect(exitCode).toBe(0);
    expect(tables[0]).toMatchObject({
      route: '/course/v1/courses',
      warnings: ['/learn/v1/courses is not served here (403).'],
    });
    expect(pathsOf(asked())).toEqual(['/learn/v1/courses', '/learn/v1/courses', '/course/v1/courses']);
  });

  test('a route that is refused once serves', async () => {
    const {load} = await rehearse({faults: [{match: bulkCourses, kind: 'status', status: 403}]});
    expect(await load(['courses'])).toMatchObject({tables: [{route: '/learn/v1/courses', warnings: []}]});
  });

  test('a table without another route is not asked for again', async () => {
    const {load, asked} = await rehearse({faults: [{match: 'user', kind: 'status', status: 403, times: always}]});
    await load(['users']);
    expect(asked()).toHaveLength(1);
  });
});

describe('a memory of routes', () => {
  test('that is damaged is said to be, and made anew', async () => {
    const night = await secondNight(['courses']);
    await writeFile(await memoryOf(night, 'courses'), '{"rou');
    const {tables, exitCode} = await night.load(['courses']);
    expect(exitCode).toBe(0);
    expect(tables[0]?.warnings).toEqual([expect.stringMatching(/^The route of an earlier run could not be looked up/)]);
    expect(JSON.parse(await readFile(await memoryOf(night, 'courses'), 'utf8'))).toEqual({route: '/learn/v1/courses'});
  });

  test('of a route that is declared no more leads to another, which the report tells', async () => {
    const night = await secondNight(['courses']);
    await writeFile(await memoryOf(night, 'courses'), '{"route":"/old/v1/courses"}');
    const {tables} = await night.load(['courses']);
    expect(tables[0]).toMatchObject({
      route: '/learn/v1/courses',
      warnings: ['Read by /learn/v1/courses; until now it was read by /old/v1/courses.'],
    });
  });

  test('that cannot be written is said to be', async () => {
    const night = await secondNight(['courses']);
    const file = await memoryOf(night, 'courses');
    await rm(join(file, '..'), {recursive: true});
    await writeFile(join(file, '..'), '');
    const {tables, exitCode} = await night.load(['courses']);
    expect(exitCode).toBe(0);
    expect(tables[0]?.warnings).toContainEqual(expect.stringMatching(/^Its route could not be written down/));
  });

  test('is heeded by plan and check', async () => {
    const {emulator, stateDir} = await secondNight(['courses', 'course_enrollments'], {bulkEnrollments: false});
    emulator.setFaults([{match: bulkCourses, kind: 'status', status: 403, times: always}]);
    const docebo = open(emulator.url);
    const memory = openRouteMemory(stateDir, docebo);
    const plan = await planTables(docebo, [tableNamed('courses')], {memory});
    expect(plan.tables).toMatchObject([
      {
        table: 'courses',
        route: null,
        requests: 2,
        note: expect.stringMatching(/^\/learn\/v1\/courses is not served here \(403\), although/),
      },
    ]);
    const [check] = await checkTables(docebo, [tableNamed('courses')], memory);
    expect(check).toMatchObject({readable: true, detail: expect.stringContaining('--allow-route-change')});
    emulator.setFaults([]);
    const children = await planTables(docebo, [tableNamed('course_enrollments')], {memory});
    expect(children.tables.at(-1)).toMatchObject({route: '/course/v1/courses/{course_id}/enrollments'});
  });
});
