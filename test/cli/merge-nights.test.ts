import {mkdtemp, readdir, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {writeSourceUri} from '../../src/cli/commands/source-uri.js';
import {type Emulator, startEmulator} from '../../src/emulator/index.js';
import type {Plan} from '../../src/plan.js';
import type {Report} from '../../src/report.js';
import {tenantFolder} from '../../src/source/tenant.js';
import {Bases} from '../../src/spool/bases.js';
import {runCli} from './run-cli.js';

let folder: string;
let emulator: Emulator;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-nights-'));
  emulator = await startEmulator({users: 100});
});

afterEach(async () => {
  await emulator.close();
  await rm(folder, {recursive: true});
});

const tables = 'courses,enrollments,course_learning_objects,sessions,session_events,groups,polls';
const run = async (command: string, ...args: readonly string[]) =>
  runCli([
    ...[command, '--source-uri', writeSourceUri(emulator), '--state-dir', join(folder, 'state'), '--quiet'],
    ...(args.includes('--source-table') ? [] : ['--source-table', tables]),
    // So that lists have several pages.
    ...(args.includes('--page-size') ? [] : ['--page-size', '2']),
    ...[...(command === 'ingest' ? ['--dest-uri', `duckdb:///${folder}/out.duckdb`] : []), ...args],
  ]);
const merge = ['--incremental-strategy', 'merge'];
const ingest = async (...args: readonly string[]): Promise<Report> =>
  JSON.parse((await run('ingest', '--json', ...args)).stdout);
const plan = async (...args: readonly string[]): Promise<Plan> =>
  JSON.parse((await run('plan', '--json', ...args)).stdout);

const strategiesOf = (each: Plan | Report) => each.tables.map(({table, strategy, reason}) => [table, strategy, reason]);
const rowsOf = (table: string) => [...emulator.truth(table)].length;

/** All that the state folder holds, but for the calls of the hour. */
async function readState(): Promise<ReadonlyMap<string, string>> {
  const state = new Map<string, string>();
  for (const entry of await readdir(join(folder, 'state'), {recursive: true, withFileTypes: true}))
    if (entry.isFile() && !entry.parentPath.endsWith('calls') && !entry.name.endsWith('.calls'))
      state.set(join(entry.parentPath, entry.name), await readFile(join(entry.parentPath, entry.name), 'latin1'));
  return state;
}

describe('a merge from the command line', () => {
  test('reads whole tables in the first night and what has changed in the second, as its plan foretells', async () => {
    const planned = await plan(...merge);
    const first = await ingest(...merge);
    expect(first.exitCode).toBe(0);
    expect(strategiesOf(planned)).toEqual(expect.arrayContaining(strategiesOf(first)));
    expect(first.tables.find(({table}) => table === 'courses')).toMatchObject({
      strategy: 'replace',
      reason: 'No earlier run has read the table whole.',
    });

    emulator.edit('courses').touch(3);
    const before = await readState();
    const tonight = await plan(...merge);
    expect(await readState()).toEqual(before);
    // One for each list; the lists of parents are known from what was read last.
    expect(tonight.planRequests).toBe(3);
    const second = await ingest(...merge);
    expect(second).toMatchObject({exitCode: 0});
    expect(strategiesOf(second)).toEqual(expect.arrayContaining(strategiesOf(tonight)));
    const requests = new Map(second.tables.map(table => [table.table, table.requests]));
    for (const {table, requests: planned} of tonight.tables) {
      // A list of sessions, or of their events, may have several pages.
      if (table.startsWith('session')) expect(requests.get(table), table).toBeGreaterThanOrEqual(planned);
      else expect(requests.get(table), table).toBe(planned);
    }
    expect(tonight.tables.find(({table}) => table === 'session_events')).toMatchObject({
      certainty: 'at least',
      requests: rowsOf('sessions'),
    });
    expect(second.tables).toMatchObject([
      {table: 'courses', strategy: 'merge', changed: 1, removed: 0, carriedOver: rowsOf('courses') - 1},
      {table: 'enrollments', strategy: 'merge', changed: 0, carriedOver: rowsOf('enrollments')},
      {table: 'course_learning_objects', strategy: 'merge', requests: 1},
      {table: 'sessions', strategy: 'merge'},
      {table: 'session_events', strategy: 'replace', reason: 'Docebo does not say what has changed in it.'},
      {table: 'groups', strategy: 'replace'},
      {table: 'polls', strategy: 'replace', requests: 0},
    ]);
    expect(second.requests).toBeLessThan(first.requests / 2);

    const {stdout} = await run('ingest', ...merge);
    expect(stdout).toMatch(/^merged +changed +removed +carried over +oldest$/m);
    expect(stdout).toMatch(/^enrollments +0 +0 +[\d,]+ +\d+ (s|min)$/m);
    expect(stdout.replaceAll('\n', ' ')).toContain(
      ' Read whole (Docebo does not say what has changed in it): session_events, groups. ',
    );
  });

  test('with --full-refresh, or rows that are too old, reads whole tables, and so does its plan', async () => {
    await ingest(...merge);
    for (const [flags, reason] of [
      [['--full-refresh'], 'A full refresh was asked for.'],
      [['--max-age', '0'], 'Its oldest rows were read more than 0 s ago.'],
      [['--page-size', '200'], 'To read all of it takes no more calls.'],
    ] as const) {
      const told = ['--source-table', 'courses', ...merge, ...flags];
      expect(strategiesOf(await plan(...told))).toEqual([['courses', 'replace', reason]]);
      expect(strategiesOf(await ingest(...told))).toEqual([['courses', 'replace', reason]]);
    }
  });

  test('is told beforehand that all rows have changed', async () => {
    const users = ['--source-table', 'users', ...merge];
    await ingest(...users);
    for (let position = 0; position < rowsOf('users'); position++) emulator.edit('users').touch(position);
    const planned = await plan(...users);
    const reason = `All of its ${rowsOf('users')} rows are said to have changed.`;
    expect(planned.tables).toMatchObject([{strategy: 'replace', reason, certainty: 'estimate'}]);
    const second = await ingest(...users);
    expect(second).toMatchObject({exitCode: 0, requests: planned.requests, tables: [{strategy: 'replace', reason}]});
  });

  test('tells why a filter is not used, and is planned without it', async () => {
    const courses = ['--source-table', 'courses', ...merge];
    const {tenant} = await ingest(...courses);
    const reason = 'The filter is ignored.';
    await new Bases(tenantFolder(join(folder, 'state'), tenant)).distrust('courses', reason);
    expect(strategiesOf(await plan(...courses))).toEqual([['courses', 'replace', reason]]);
    expect((await plan(...courses, '--full-refresh')).tables[0]?.reason).toBe('A full refresh was asked for.');
    expect(strategiesOf(await ingest(...courses))).toEqual([['courses', 'replace', reason]]);
  });

  test('is told beforehand that Docebo refuses to say what has changed', async () => {
    const courses = ['--source-table', 'courses', ...merge];
    await ingest(...courses);
    emulator.setFaults([{match: 'updated_from', kind: 'status', status: 403, times: Number.POSITIVE_INFINITY}]);
    const planned = await plan(...courses);
    const reason = 'Docebo refuses to say what has changed (403).';
    expect(planned.tables).toMatchObject([{strategy: 'replace', reason, route: '/learn/v1/courses'}]);
    const second = await ingest(...courses);
    expect(second).toMatchObject({exitCode: 0, requests: planned.requests, tables: [{reason}]});
  });

  test('is not resumed as a replacement, and the error says by which flag it is', async () => {
    emulator.setFaults([{match: '/audiences', kind: 'status', status: 409, times: Number.POSITIVE_INFINITY}]);
    const failed = await run('ingest', ...merge);
    expect(failed.exitCode).toBe(7);
    const [, loadId = ''] = /--resume (\S+) asks only for what is missing\.$/.exec(failed.stderr.trimEnd()) ?? [];
    emulator.setFaults([]);
    for (const resume of ['--resume', `--resume=${loadId}`])
      expect(await run('ingest', resume)).toMatchObject({
        exitCode: 2,
        stderr: expect.stringMatching(
          `${loadId} cannot be resumed: it merges tables \\(--incremental-strategy merge\\)\\..* Without --resume a new run begins\\.\n$`,
        ),
      });
    expect((await run('ingest', ...merge, '--resume')).exitCode).toBe(0);
  });
});
