import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {writeSourceUri} from '../../src/cli/commands/source-uri.js';
import {type Emulator, startEmulator} from '../../src/emulator/index.js';
import {main, runCli} from './run-cli.js';

let emulator: Emulator;
let folder: string;

beforeEach(async () => {
  emulator = await startEmulator({users: 30});
  folder = mkdtempSync(join(tmpdir(), 'docebo-cli-'));
});

afterEach(async () => {
  await emulator.close();
  rmSync(folder, {recursive: true, force: true});
});

function ingestArgs(...more: string[]): string[] {
  return [
    'ingest',
    ...['--source-uri', writeSourceUri(emulator)],
    ...['--dest-uri', `duckdb:///${folder}/docebo.duckdb`],
    ...['--state-dir', join(folder, 'state')],
    ...more,
  ];
}

describe('docebo-ingest ingest', () => {
  it('loads a table: the summary on stdout, progress on stderr', async () => {
    const {exitCode, stdout, stderr} = await runCli(
      ingestArgs('--source-table', 'users', '--dest-table', 'dest.users'),
    );
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^users +published +30 /m);
    expect(stdout).toMatch(/^1 of 1 table published: 30 rows, 1 request, /m);
    expect(stdout.replaceAll('\n', '')).toMatch(/Destination: duckdb:.*, dest\.users$/);
    expect(stderr).toContain('users: 30 records in 1 request\n');
  });

  it('prints nothing but the report as JSON under --json --quiet', async () => {
    const {exitCode, stdout, stderr} = await runCli(
      ingestArgs('--source-table', 'course_fields,learning_objects', '--dest-table', 'dest', '--json', '--quiet'),
    );
    expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''});
    expect(JSON.parse(stdout)).toMatchObject({
      exitCode: 0,
      tables: [
        {table: 'course_fields', destination: 'dest.course_fields', status: 'published'},
        {table: 'course_learning_objects', destination: 'dest.learning_objects', status: 'published'},
      ],
    });
  });

  it('tells progress as JSON lines', async () => {
    const {stderr} = await runCli(ingestArgs('--source-table', 'course_fields', '--progress', 'json'));
    const events = stderr
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line).type);
    expect(events).toEqual(['table_started', 'page_landed', 'table_extracted', 'publishing', 'publishing', 'ended']);
  });

  it('publishes the other tables of a run in which one fails, and ends by naming it', async () => {
    emulator.setFaults([
      {match: '/learn/v1/certification', kind: 'status', status: 403, times: Number.POSITIVE_INFINITY},
    ]);
    const {exitCode, stdout, stderr} = await runCli(ingestArgs('--source-table', 'certifications,course_fields'));
    expect(exitCode).toBe(7);
    expect(stdout).toMatch(/^certifications +not loaded /m);
    expect(stdout).toMatch(/^course_fields +published /m);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^docebo-ingest: 1 of 2 tables not published: certifications \(Docebo answered 403: .*\)\. Leave the table out, or give the API user the right; docebo-ingest check, given the same source, says what it can read\.$/,
    );
  });

  it.each(['1', 'yes', 'on', 'TRUE'])('loads nothing if the environment asks for a dry run by %s', async word => {
    const {exitCode} = await runCli(ingestArgs('--source-table', 'users'), {DOCEBO_INGEST_DRY_RUN: word});
    expect(exitCode).toBe(0);
    expect(existsSync(join(folder, 'docebo.duckdb'))).toBe(false);
  });

  it('keeps its runs where --keep-runs is empty, and loads as usual where its variable is', async () => {
    expect((await runCli(ingestArgs('--source-table', 'users'), {DOCEBO_INGEST_KEEP_RUNS: ''})).exitCode).toBe(0);
    const kept = readdirSync(join(folder, 'state', 'runs'));
    expect(kept).toHaveLength(1);
    const {exitCode, stderr} = await runCli(ingestArgs('--source-table', 'users', '--keep-runs', ''));
    expect({exitCode, stderr}).toEqual({exitCode: 2, stderr: 'docebo-ingest: --keep-runs was given nothing.\n'});
    expect(readdirSync(join(folder, 'state', 'runs'))).toEqual(kept);
  });

  it('takes a command of ingestr with its flags', async () => {
    const theirs = [
      '--full-refresh',
      '--yes',
      '--incremental-strategy',
      'replace',
      '--no-load-timestamp',
      '--progress',
      'log',
    ];
    const {exitCode, stdout} = await runCli(
      ingestArgs('--source-table', 'users', '--dest-table', 'main.users', ...theirs),
    );
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^users +published +30 /m);
  });

  it('names the status and what to do where several tables lack the right, and does not ask to repeat it', async () => {
    const match = /certification|external_training/;
    emulator.setFaults([{match, kind: 'status', status: 403, times: Number.POSITIVE_INFINITY}]);
    const {exitCode, stderr} = await runCli(ingestArgs('--source-table', 'certifications,external_training'));
    expect(exitCode).toBe(5);
    // Whichever is answered first has the reason.
    expect(stderr).toMatch(/ failed for the same reason: (certifications|external_training)\n/);
    expect(stderr).toContain('\nNot published for the same reason: external_training\n');
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^docebo-ingest: Nothing was published, every table is as it was: certifications, external_training \(Docebo answered 403: .*\)\. Leave the table out, or give the API user the right; docebo-ingest check, given the same source, says what it can read\.$/,
    );
  });

  it('exits 3 if Docebo refuses the credentials, and shows none of them', async () => {
    const {exitCode, stdout, stderr} = await runCli(
      ingestArgs('--source-table', 'users', '--debug').map(arg => arg.replace('demo-client-secret', 'wr0ng')),
    );
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^docebo-ingest: .*refused the credentials|^docebo-ingest: .*Check client id/m);
    expect(stdout + stderr).not.toContain('wr0ng');
  });

  it('exits 130 on SIGINT, with nothing left behind', async () => {
    emulator.setFaults([{match: '/manage/v1/user', kind: 'hang', times: Number.POSITIVE_INFINITY}]);
    const child = spawn(process.execPath, [main, ...ingestArgs('--source-table', 'users')]);
    const stderr = text(child.stderr);
    while (!emulator.requests.some(({path}) => path.includes('/manage/v1/user'))) await sleep(20);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
    expect(await stderr).toContain('docebo-ingest: Stopped by SIGINT: nothing was published');
    expect(existsSync(join(folder, 'docebo.duckdb'))).toBe(false);
    expect(readdirSync(folder, {recursive: true}).filter(name => String(name).endsWith('.ndjson'))).toEqual([]);
  });
});

describe('docebo-ingest check', () => {
  it('says which tables the credential can read', async () => {
    emulator.setFaults([
      {match: '/learn/v1/certification', kind: 'status', status: 403, times: Number.POSITIVE_INFINITY},
    ]);
    const uri = writeSourceUri(emulator);
    const {exitCode, stdout, stderr} = await runCli([
      'check',
      '--source-uri',
      uri,
      '--source-table',
      'users,certifications',
      ...['--state-dir', join(folder, 'state')],
    ]);
    expect(exitCode).toBe(5);
    expect(stdout).toMatch(/^users +yes +\/manage\/v1\/user$/m);
    expect(stdout).toMatch(/^certifications +no /m);
    expect(stderr).toBe(
      'docebo-ingest: The credential lacks the right to read certifications (403). Leave these tables out, or give the API user the right.\n',
    );
  });
});
