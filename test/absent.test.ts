import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {Fault} from '../src/emulator/index.js';
import type {Report} from '../src/report.js';
import {listRuns} from '../src/spool/runs.js';
import {runCli} from './cli/run-cli.js';
import {rehearse, tableNamed} from './helpers/rehearsal.js';
import {pageOf, serve} from './helpers/served.js';

const groups = /^\/(audiences\/v1\/audience|manage\/v1\/group)/;

const refusal: Fault = {kind: 'status', status: 403, match: groups, times: Number.POSITIVE_INFINITY};

function loadsOf(names: readonly string[], mayBeAbsent = true) {
  return names.map(name => ({table: tableNamed(name), target: {schema: null, name}, mayBeAbsent}));
}

function statusesOf({tables}: Pick<Report, 'tables'>) {
  return Object.fromEntries(tables.map(({table, status}) => [table, status]));
}

const asked = ['users', 'groups', 'group_members'];

describe('tables that a tenant does not have', () => {
  test.each([403, 404])('are absent if they were asked for by a set: %i', async status => {
    const rehearsal = await rehearse({faults: [{...refusal, status} as Fault]});
    const report = await rehearsal.load(asked, {}, {loads: loadsOf(asked), allOrNothing: true});
    expect(statusesOf(report)).toEqual({users: 'published', groups: 'absent', group_members: 'absent'});
    expect(report).toMatchObject({exitCode: 0, resumable: false});
    expect(report.tables[1]?.absence).toContain(String(status));
    expect(report.tables[1]?.error).toBeUndefined();
    expect(await rehearsal.published('users')).toEqual(rehearsal.truth('users'));
    expect(await rehearsal.published('groups')).toBeNull();

    const [run] = await listRuns(rehearsal.stateDir);
    expect(run?.record.absent).toEqual(['groups', 'group_members']);
  });

  interface Odd {
    readonly isNamed?: boolean;
    readonly names?: readonly string[];
    /** Whether a run has loaded the tables, perhaps with another state folder. */
    readonly loadedFrom?: string;
    readonly fault?: Partial<Fault>;
  }
  const cases: readonly (readonly [string, Odd])[] = [
    ['named outright', {isNamed: true}],
    ['refused in another way', {fault: {status: 400} as Partial<Fault>}],
    ['read before', {loadedFrom: 'state'}],
    ['in the destination', {loadedFrom: 'other'}],
    ['all that was asked for', {names: ['groups', 'group_members']}],
    ['refused only after some lists were answered', {fault: {match: /audience\/.*\/users\?/, after: 2}}],
  ];
  test.each(cases)('fail if they are %s', async (_, {isNamed = false, names = asked, loadedFrom, fault}) => {
    const rehearsal = await rehearse();
    const loads = loadsOf(names, !isNamed);
    if (loadedFrom !== undefined)
      await rehearsal.load(names, {}, {loads, stateDir: join(rehearsal.folder, loadedFrom)});
    rehearsal.emulator.setFaults([{...refusal, ...fault} as Fault]);
    const report = await rehearsal.load(names, {}, {loads});
    expect(report.exitCode).not.toBe(0);
    expect(Object.values(statusesOf(report))).not.toContain('absent');
  });

  test('are left out when their run is loaded', async () => {
    const rehearsal = await rehearse({faults: [refusal]});
    await rehearsal.load(asked, {}, {loads: loadsOf(asked)});
    const args = ['load', 'last', '--dest-uri', `duckdb:///${rehearsal.folder}/again.duckdb`, '--json'];
    const {exitCode, stdout} = await runCli([...args, '--state-dir', rehearsal.stateDir]);
    expect(exitCode).toBe(0);
    expect(statusesOf(JSON.parse(stdout))).toEqual({users: 'published'});
  });

  test('are told by ingest and check, and count as failures only by name', async () => {
    const {emulator, folder} = await rehearse({faults: [refusal]});
    const {clientId, clientSecret} = emulator.credentials;
    const env = {DOCEBO_BASE_URL: emulator.url, DOCEBO_CLIENT_ID: clientId, DOCEBO_CLIENT_SECRET: clientSecret};
    const run = async (...args: string[]) => runCli([...args, '--allow-http', '--state-dir', `${folder}/state`], env);
    const checked = await run('check', '--source-table', 'users,area:organisation');
    expect(checked).toMatchObject({exitCode: 0, stderr: ''});
    expect(checked.stdout).toMatch(/^organisation:\n(.*\n)*groups +absent +Docebo/m);
    expect((await run('check', '--source-table', 'users,groups,area:organisation')).exitCode).toBe(5);
    const destination = ['--dest-uri', `duckdb:///${folder}/out.duckdb`];
    const loaded = await run('ingest', '--source-table', 'users,gr*', ...destination);
    expect(loaded.exitCode).toBe(0);
    expect(loaded.stdout).toContain('1 of 1 table published');
    expect(loaded.stdout).toMatch(/^Absent \(Docebo answered 403: [^)]*\): groups, group_members\.$/m);
  });
});

describe('a refusal that is not known to be Docebo’s own, or not to be about the whole table', () => {
  const course = (id: number) => `{"id_course":${id},"course_type":"elearning"}`;
  const load = async (courses: number, refusal: {status: number; headers?: Record<string, string>; body: string}) => {
    const served = await serve(path => {
      if (path !== '/learn/v1/courses') return refusal;
      return pageOf(...Array.from({length: courses}, (_, index) => course(index + 1)));
    });
    const names = ['courses', 'course_details', 'groups'];
    return statusesOf(await served.load(names, {loads: loadsOf(names)}));
  };
  const page = {headers: {'content-type': 'text/html'}, body: '<html>Attention Required!</html>'};
  const json = {headers: {'content-type': 'application/json'}, body: '{"name":"Not Found","message":["not here"]}'};

  test.each([403, 404])('is a failure if it came as a page of HTML: %i', async status => {
    const statuses = await load(5, {status, ...page});
    expect(statuses).toEqual({courses: 'published', course_details: 'not_loaded', groups: 'not_loaded'});
  });

  test('is a failure for the lists of a few parents, which may all have been deleted', async () => {
    expect(await load(2, {status: 404, ...json})).toMatchObject({course_details: 'not_loaded', groups: 'absent'});
    expect(await load(3, {status: 404, ...json})).toMatchObject({course_details: 'absent', groups: 'absent'});
  });
});
