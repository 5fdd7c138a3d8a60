import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {Destination} from '../src/destination/destination.js';
import {openDestination} from '../src/destination/open.js';
import {DestinationError, exitCodes, InterruptedError} from '../src/errors.js';
import {load} from '../src/load.js';
import type {Report} from '../src/report.js';
import {isDerived} from '../src/routes.js';
import {loadManifest} from '../src/spool/load-manifest.js';
import {findRun, listRuns} from '../src/spool/runs.js';
import {tables} from '../tables/index.js';
import {rehearse, tableNamed} from './helpers/rehearsal.js';

const always = Number.POSITIVE_INFINITY;
const all = tables.map(({name}) => name);
const cast = {invalidDates: 'epoch', onCastError: 'null', schemaContract: 'evolve', loadMetadata: true} as const;

const frozenPaths = tables.flatMap(({routes}) =>
  routes.flatMap(route => (!isDerived(route) && route.cursor ? [route.path] : [])),
);
const mostInFlight = 8;

/** What was landed in a run, by the requests of its manifests. */
async function landedRequests(stateDir: string): Promise<readonly string[]> {
  const requests: string[] = [];
  for (const run of await readdir(join(stateDir, 'runs'))) {
    for (const {name} of tables) {
      const {lines} = await loadManifest(join(stateDir, 'runs', run, name, 'manifest.ndjson')).catch(() => ({
        lines: [],
      }));
      for (const line of lines) if ('request' in line) requests.push(line.request.replace(/^GET /, ''));
    }
  }
  return requests;
}

describe('a run that was stopped', () => {
  test('goes on where it was, in every table, as often as it is stopped', async () => {
    let interrupt = new AbortController();
    let [answered, stopsAt] = [0, 0];
    const rehearsal = await rehearse({
      users: 450,
      onAnswered: () => {
        if (++answered >= stopsAt) interrupt.abort();
      },
    });
    const {load: ingest, emulator, stateDir, asked, published, truth} = rehearsal;
    // Of a list that was frozen the pages on which it was left are read again: from there on it is another one.
    const isFrozen = (request: string) => frozenPaths.some(path => request.startsWith(`${path}?`));
    let durable: readonly string[] = [];
    let before = 0;
    const expectToGoOn = () => {
      const again = asked(before).filter(request => durable.includes(request));
      expect(again.filter(request => !isFrozen(request))).toEqual([]);
      expect(again.length).toBeLessThanOrEqual(mostInFlight);
    };
    for (const [index, replies] of [4, 7, 15, 40].entries()) {
      interrupt = new AbortController();
      [answered, stopsAt] = [0, replies];
      const stopped = ingest(all, {signal: interrupt.signal}, index === 0 ? {} : {resume: true});
      await expect(stopped).rejects.toThrow(InterruptedError);
      await expect(stopped).rejects.toMatchObject({hint: expect.stringContaining('--resume 20')});
      expectToGoOn();
      durable = await landedRequests(stateDir);
      before = emulator.requests.length;
    }
    stopsAt = Number.POSITIVE_INFINITY;
    const report = await ingest(all, {}, {resume: true});
    expect(report.exitCode).toBe(exitCodes.ok);
    expectToGoOn();
    for (const name of all) expect(await published(name), name).toEqual(truth(name));
  }, 120_000);

  test('goes on inside a fan-out after the credential was given the right', async () => {
    const {load: ingest, emulator, stateDir, asked, published, truth} = await rehearse({users: 300});
    const names = ['courses', 'course_learning_objects', 'polls', 'survey_answers'];
    emulator.setFaults([{match: /courses\/\d+\/los/, kind: 'status', status: 403, after: 9, times: always}]);
    const failed = await ingest(names);
    expect(failed.exitCode).toBe(exitCodes.incomplete);
    const durable = await landedRequests(stateDir);
    expect(durable.filter(request => request.includes('/los')).length).toBeGreaterThanOrEqual(9);
    emulator.setFaults([]);
    const before = emulator.requests.length;
    const report = await ingest(names, {}, {resume: failed.loadId});
    expect({exitCode: report.exitCode, loadId: report.loadId}).toEqual({exitCode: 0, loadId: failed.loadId});
    expect(asked(before).filter(request => durable.includes(request))).toEqual([]);
    for (const name of names) expect(await published(name), name).toEqual(truth(name));
  });

  test('in the middle of a frozen list misses no row that has moved since, though their number is the same', async () => {
    const interrupt = new AbortController();
    let answered = 0;
    const rehearsal = await rehearse({
      users: 60,
      onAnswered: () => {
        if (++answered === 6) interrupt.abort();
      },
    });
    const {load: ingest, emulator, published, truth} = rehearsal;
    const options = {pageSize: 5, parallelism: 1};
    await expect(ingest(['users'], {...options, signal: interrupt.signal})).rejects.toThrow(InterruptedError);
    const before = truth('users');
    emulator.edit('users').remove(2);
    emulator.edit('users').insert(59);
    await ingest(['users'], options, {resume: true});
    const stayed = before.filter(row => truth('users').includes(row));
    const rows = (await published('users')) ?? [];
    expect({stayed: stayed.length, missed: stayed.filter(row => !rows.includes(row))}).toEqual({
      stayed: 59,
      missed: [],
    });
  });

  test('in the middle of a list does not take a part of it for the whole if its parent is gone by then', async () => {
    const {load: ingest, emulator, published} = await rehearse({users: 300, bulkEnrollments: false});
    const list = /\/course\/v1\/courses\/102\/enrollments/;
    emulator.setFaults([
      {match: new RegExp(`${list.source}.*[?&]page=2&`), kind: 'status', status: 503, times: always},
    ]);
    const failed = await ingest(['course_enrollments'], {pageSize: 20, maxAttempts: 2});
    emulator.setFaults([{match: list, kind: 'status', status: 404, times: always}]);
    const report = await ingest(['course_enrollments'], {pageSize: 20}, {resume: failed.loadId});
    expect(report.tables[0]?.error?.message).toMatch(/broke off after \d+ records/);
    expect(await published('course_enrollments')).toBeNull();
  });

  test('in the middle of a list does not go on with another one if that is refused by then', async () => {
    const {load: ingest, emulator, published} = await rehearse({users: 300});
    const list = '/course/v1/courses/enrollments';
    emulator.setFaults([{match: /courses\/enrollments.*[?&]page=[3-9]/, kind: 'status', status: 503, times: always}]);
    const failed = await ingest(['course_enrollments'], {pageSize: 100, maxAttempts: 2});
    emulator.setFaults([{match: list, kind: 'status', status: 403, times: always}]);
    const report = await ingest(['course_enrollments'], {pageSize: 100}, {resume: failed.loadId});
    expect(report.tables[0]?.error).toMatchObject({
      exitCode: exitCodes.rejected,
      message: expect.stringContaining('403'),
    });
    expect(await published('course_enrollments')).toBeNull();
  });

  test('needs no more time for what it has read', async () => {
    const {load: ingest, emulator, published, truth} = await rehearse({users: 300});
    const names = ['course_learning_objects'];
    emulator.setFaults([{match: /courses\/\d+\/los/, kind: 'status', status: 403, after: 12, times: always}]);
    const failed = await ingest(names);
    emulator.setFaults([]);
    const limits = {maxRequestsPerHour: 8, deadlineMs: 30 * 60_000};
    const report = await ingest(names, limits, {resume: failed.loadId});
    expect(report.tables.map(({error}) => error)).toEqual([undefined]);
    expect(await published('course_learning_objects')).toEqual(truth('course_learning_objects'));
  });

  test('before anything landed leaves nothing behind, and says to start again', async () => {
    const {load: ingest, stateDir} = await rehearse();
    const interrupt = new AbortController();
    interrupt.abort();
    await expect(ingest(all, {signal: interrupt.signal})).rejects.toMatchObject({
      name: 'InterruptedError',
      hint: 'Run the same command again.',
    });
    expect(await listRuns(stateDir)).toEqual([]);
  });

  test('by a destination that could not be written asks nothing again', async () => {
    const {load: ingest, file, stateDir, asked, published, truth, emulator} = await rehearse();
    const broken: Destination = {
      ...openDestination(`duckdb:///${file}`),
      publish: async () => {
        throw new DestinationError('It is held by another process.', {hint: 'Close that.'});
      },
    };
    const failure = ingest(['users', 'groups'], {}, {destination: broken});
    await expect(failure).rejects.toThrow('It is held by another process.');
    const [last] = await listRuns(stateDir);
    const loadId = last?.record.loadId ?? '';
    const complete = [...(last?.tables ?? [])].flatMap(([name, {complete}]) => (complete ? [name] : []));
    expect({state: last?.state, complete}).toEqual({state: 'failed', complete: ['groups', 'users']});
    await expect(failure).rejects.toMatchObject({
      hint: `Close that. What was read is kept: docebo-ingest load ${loadId} --state-dir ${stateDir}`,
    });
    const before = emulator.requests.length;
    const again = await ingest(['users', 'groups'], {}, {resume: true});
    expect({asked: asked(before), exitCode: again.exitCode}).toEqual({asked: [], exitCode: 0});
    expect(await published('users')).toEqual(truth('users'));
  });

  test('keeps the tolerated lists tolerated, and says so again', async () => {
    const {load: ingest, emulator, asked} = await rehearse({users: 300});
    const names = ['courses', 'sessions'];
    const first = await ingest(names);
    const before = emulator.requests.length;
    const second = await ingest(names, {}, {resume: first.loadId});
    expect(asked(before)).toEqual([]);
    const tolerated = (report: typeof first) => report.tables.map(table => table.tolerated);
    expect(tolerated(second)).toEqual(tolerated(first));
    expect(tolerated(first).flat().length).toBeGreaterThan(0);
  });
});

describe('a run that is older than what stands', () => {
  test('and is taken up late brings only the tables that it lacked', async () => {
    const {load: ingest, emulator, published, truth} = await rehearse({users: 300});
    const names = ['users', 'courses', 'course_learning_objects', 'polls', 'groups'];
    emulator.setFaults([{match: '/audiences', kind: 'status', status: 500, times: always}]);
    const first = await ingest(names, {maxAttempts: 1});
    const second = await ingest(names, {maxAttempts: 1});
    expect(second.exitCode).toBe(exitCodes.incomplete);
    emulator.setFaults([]);
    const late = await ingest(names, {}, {resume: first.loadId});
    const kept = late.tables.filter(({status}) => status === 'kept').map(({table}) => table);
    expect(kept).toEqual(['users', 'courses', 'course_learning_objects', 'polls']);
    expect(late.exitCode).toBe(exitCodes.incomplete);
    for (const {error} of late.tables.slice(0, 4)) expect(error?.message).toContain(`(load ${second.loadId})`);
    for (const name of names) expect(await published(name), name).toEqual(truth(name));
    const wanted = await ingest(names, {}, {resume: first.loadId, allowOlder: true});
    expect(wanted.exitCode).toBe(exitCodes.ok);
  });

  test.each([true, false])(
    'and ends after one that began later leaves its tables (metadata: %s)',
    async loadMetadata => {
      const {load: ingest, file} = await rehearse();
      const choices = {cast: {...cast, loadMetadata}};
      const place = openDestination(`duckdb:///${file}`);
      let faster: Promise<Report> | undefined;
      const destination: Destination = {
        ...place,
        publish: async (...what) => {
          faster = ingest(['users'], {}, choices);
          await faster;
          return place.publish(...what);
        },
      };
      const slower = await ingest(['users', 'groups'], {}, {destination, ...choices});
      expect((await faster)?.exitCode).toBe(exitCodes.ok);
      expect(slower.tables.map(({table, status}) => `${table} ${status}`)).toEqual(['users kept', 'groups published']);
    },
  );
});

describe('a spool is loaded again', () => {
  test('without a call, into another file', async () => {
    const {load: ingest, emulator, folder, stateDir, asked, truth} = await rehearse();
    const {loadId} = await ingest(['users', 'branches']);
    const before = emulator.requests.length;
    const record = await findRun(stateDir, loadId);
    const report = await load({
      record,
      destination: openDestination(`jsonl:///${folder}/lines`),
      loads: ['users', 'branches'].map(name => ({table: tableNamed(name), target: {schema: null, name}})),
      stateDir,
      cast,
      allOrNothing: false,
    });
    expect({asked: asked(before), exitCode: report.exitCode}).toEqual({asked: [], exitCode: 0});
    expect(report.tables.map(({rows}) => rows)).toEqual([truth('users').length, truth('branches').length]);
  });

  test('but not by a program that lands records in another way', async () => {
    const {load: ingest, folder, stateDir} = await rehearse();
    const {loadId} = await ingest(['users']);
    const loading = load({
      record: {...(await findRun(stateDir, loadId)), version: 0},
      destination: openDestination(`jsonl:///${folder}/lines`),
      loads: [{table: tableNamed('users'), target: {schema: null, name: 'users'}}],
      stateDir,
      cast,
      allOrNothing: false,
    });
    await expect(loading).rejects.toThrow(`Run ${loadId} cannot be loaded: its spool has version 0`);
  });

  test('but for the tables that were not read to their end', async () => {
    const {load: ingest, emulator, stateDir, file} = await rehearse();
    emulator.setFaults([{match: '/manage/v1/orgchart', kind: 'status', status: 403, times: always}]);
    const {loadId} = await ingest(['users', 'branches']);
    const report = await load({
      record: await findRun(stateDir, loadId),
      destination: openDestination(`duckdb:///${file}`),
      loads: ['users', 'branches'].map(name => ({table: tableNamed(name), target: {schema: null, name}})),
      stateDir,
      cast,
      allOrNothing: false,
    });
    expect(report.tables.map(({table, status}) => [table, status])).toEqual([
      ['users', 'published'],
      ['branches', 'not_loaded'],
    ]);
    expect(report.exitCode).toBe(exitCodes.incomplete);
  });
});
