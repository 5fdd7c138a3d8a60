import {mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {writeSourceUri} from '../../src/cli/commands/source-uri.js';
import {type Emulator, startEmulator} from '../../src/emulator/index.js';
import type {Plan} from '../../src/plan.js';
import type {Report} from '../../src/report.js';
import {runCli} from './run-cli.js';

let emulator: Emulator;
let folder: string;

beforeEach(async () => {
  emulator = await startEmulator({users: 450});
  folder = mkdtempSync(join(tmpdir(), 'docebo-plan-'));
});

afterEach(async () => {
  await emulator.close();
  rmSync(folder, {recursive: true, force: true});
});

function run(command: string, ...more: string[]) {
  const source = ['--source-uri', writeSourceUri(emulator), '--state-dir', join(folder, 'state')];
  return runCli([command, ...source, ...more]);
}

function ingest(...more: string[]) {
  return run('ingest', '--dest-uri', `duckdb:///${folder}/docebo.duckdb`, ...more);
}

const asked = () => emulator.requests.filter(({method}) => method === 'GET').map(({path}) => path.split('?')[0]);

describe('docebo-ingest plan', () => {
  it('asks for one page a table and says what all of them take', async () => {
    const {exitCode, stdout} = await run('plan', '--source-table', 'users,course_learning_objects,sessions');
    expect(exitCode).toBe(0);
    expect(asked().sort()).toEqual(['/learn/v1/courses', '/manage/v1/user']);
    expect(stdout).toMatch(/^users +\/manage\/v1\/user +450 +3$/m);
    expect(stdout).toMatch(/^courses: Read for its children only\.$/m);
    expect(stdout.replaceAll('\n', ' ')).toMatch(
      / 4 tables: at least \d+ requests and 1 token request, .*\. The plan itself took 2 requests\. $/,
    );
  });

  it('fails if what answers the token request is not Docebo', async () => {
    emulator.setFaults([{match: '/oauth2/token', kind: 'html', times: Number.POSITIVE_INFINITY}]);
    const {exitCode, stdout, stderr} = await run('plan', '--source-table', 'all');
    expect({exitCode, stdout}).toEqual({exitCode: 5, stdout: ''});
    expect(stderr).toContain('Is base_url the address of a Docebo tenant?');
  });

  it('foretells what a run then does', async () => {
    const planned: Plan = JSON.parse((await run('plan', '--json')).stdout);
    expect(asked()).toHaveLength(planned.planRequests);
    const {stdout} = await ingest('--source-table', 'all', '--json', '--quiet');
    const report: Report = JSON.parse(stdout);
    const requests = new Map(report.tables.map(load => [load.table, load.requests]));
    const exact = planned.tables.filter(({certainty}) => certainty === 'exact');
    expect(exact.length).toBeGreaterThan(10);
    expect(exact.map(table => [table.table, table.requests])).toEqual(
      exact.map(({table}) => [table, requests.get(table)]),
    );
    for (const {table, requests: least} of planned.tables) expect(requests.get(table)).toBeGreaterThanOrEqual(least);
    const rows = new Map(report.tables.map(load => [load.table, load.rows]));
    for (const {table, rows: known} of planned.tables) if (known !== null) expect(rows.get(table)).toBe(known);
  });

  it('prints the plan and fails if the deadline does not allow for it', async () => {
    const rate = ['--max-requests-per-hour', '2', '--deadline', '45m'];
    const {exitCode, stdout, stderr} = await run('plan', '--source-table', 'users', ...rate);
    expect(exitCode).toBe(7);
    expect(stdout).toMatch(/^users +\/manage\/v1\/user +450 +3$/m);
    expect(stderr).toMatch(
      /docebo-ingest: The run needs 3 requests, which take about 1 h; --deadline allows 45 min\. Allow more time, raise --max-requests-per-hour, or leave out what costs most: users\.\n$/,
    );
  });

  it('remembers the calls of the hour from one command to the next', async () => {
    const rate = ['--source-table', 'user_fields', '--max-requests-per-hour', '2', '--json'];
    const first: Plan = JSON.parse((await run('plan', ...rate)).stdout);
    const second: Plan = JSON.parse((await run('plan', ...rate)).stdout);
    expect(first.minutes).toBeLessThan(1);
    expect(second.minutes).toBeGreaterThan(50);
  });
});

describe('a plan whose hour is used up', () => {
  it('is made with the calls that are left, and says what it could not ask for', async () => {
    const rate = ['--source-table', 'users,courses,branches', '--max-requests-per-hour', '2'];
    const first = await run('plan', ...rate);
    expect({exitCode: first.exitCode, calls: asked().length}).toEqual({exitCode: 0, calls: 2});
    expect(first.stdout).toMatch(/^users +\/manage\/v1\/user +450 +3$/m);
    expect(first.stdout).toMatch(/^branches +\/manage\/v1\/orgchart +\? +unknown$/m);
    const told = first.stdout.replaceAll('\n', ' ');
    expect(told).toMatch(/ 2 of the 2 calls an hour of --max-requests-per-hour are used; the next is free at /);
    const why = /No call may be made before .*: the calls of --max-requests-per-hour 2 are used up\./;
    expect(told).toMatch(new RegExp(` Not asked for: branches\\. ${why.source}`));
    for (const args of [rate, [...rate, '--json']]) {
      const again = await run('plan', ...args);
      expect(again.exitCode).toBe(4);
      expect(again.stderr).toMatch(new RegExp(`^docebo-ingest: ${why.source} Ask again then\\.\n$`));
    }
    const dry = await ingest(...rate, '--dry-run', '--json');
    expect(JSON.parse(dry.stdout)).toMatchObject({exitCode: 4, error: {code: 'E_BUSY'}});
    expect(asked()).toHaveLength(2);
  });

  it('does not wait for a Retry-After either', async () => {
    emulator.setFaults([{match: '/manage/v1/user', kind: 'status', status: 429, retryAfter: 600, times: 1}]);
    const {exitCode, stderr} = await run('plan', '--source-table', 'users,branches');
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(
      /: No call may be made before .*: Docebo answered 429 with Retry-After\. Ask again then\.\n$/,
    );
  });
});

describe('docebo-ingest ingest --dry-run', () => {
  it('prints the plan and writes nothing', async () => {
    const {exitCode, stdout} = await ingest('--source-table', 'users', '--dry-run', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({requests: 3, certainty: 'exact', planRequests: 1});
    expect(asked()).toEqual(['/manage/v1/user']);
    expect(readdirSync(folder)).toEqual(['state']);
    expect(readdirSync(join(folder, 'state'))).toEqual(['calls']);
  });

  it('checks the state folder before it asks for anything', async () => {
    writeFileSync(join(folder, 'file'), '');
    const uri = ['--source-uri', writeSourceUri(emulator), '--dest-uri', `duckdb:///${folder}/docebo.duckdb`];
    const args = [...uri, '--source-table', 'users', '--state-dir', join(folder, 'file', 'state')];
    const {exitCode, stderr} = await runCli(['ingest', '--dry-run', ...args]);
    expect(exitCode).toBe(6);
    expect(stderr).toMatch(/The state folder .* cannot be used: .* Choose another one with --state-dir\.\n$/);
    expect(emulator.requests).toEqual([]);
  });

  it('checks the destination before it asks for anything', async () => {
    writeFileSync(join(folder, 'docebo.duckdb'), 'not a database');
    const {exitCode, stderr} = await ingest('--source-table', 'users', '--dry-run');
    expect(exitCode).toBe(6);
    expect(stderr).toContain('is not a DuckDB file');
    expect(emulator.requests).toEqual([]);
  });
});
