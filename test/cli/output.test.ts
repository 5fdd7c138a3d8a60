import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdtempSync, openSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import stringWidth from 'string-width';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {writeSourceUri} from '../../src/cli/commands/source-uri.js';
import {commands} from '../../src/cli/commands.js';
import {type Emulator, startEmulator} from '../../src/emulator/index.js';
import {main, runCli} from './run-cli.js';

const always = Number.POSITIVE_INFINITY;
/** Only Linux has a device that is always full. */
const full = it.skipIf(!existsSync('/dev/full'));

let emulator: Emulator;
let folder: string;

beforeEach(async () => {
  emulator = await startEmulator({users: 30});
  folder = mkdtempSync(join(tmpdir(), 'docebo-output-'));
});

afterEach(async () => {
  await emulator.close();
  rmSync(folder, {recursive: true, force: true});
});

function ingestArgs(...more: string[]): string[] {
  const places = ['--dest-uri', `duckdb:///${folder}/docebo.duckdb`, '--state-dir', join(folder, 'state')];
  return ['ingest', '--source-uri', writeSourceUri(emulator), ...places, '--source-table', 'users', ...more];
}

/** Runs the command with one of its streams on a device that takes nothing. */
async function runOnFull(stream: 'stdout' | 'stderr', args: readonly string[]) {
  const device = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', stream === 'stdout' ? device : 'pipe', stream === 'stderr' ? device : 'pipe'],
  });
  const other = child.stdout ?? child.stderr;
  const said = other === null ? Promise.resolve('') : text(other);
  const [exitCode] = await once(child, 'close');
  return {exitCode, said: await said};
}

const parseLines = (lines: string) =>
  lines
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));

describe('output that cannot be written', () => {
  full('on stderr does not stop a run', async () => {
    for (const progress of ['log', 'json', 'interactive']) {
      const {exitCode, said} = await runOnFull('stderr', ingestArgs('--json', '--progress', progress, '--debug'));
      expect(exitCode).toBe(0);
      expect(JSON.parse(said)).toMatchObject({exitCode: 0, tables: [{status: 'published'}]});
    }
  });

  full('on stdout ends a run that published its tables with 6, and says so', async () => {
    const {exitCode, said} = await runOnFull('stdout', ingestArgs('--json', '--quiet'));
    expect(exitCode).toBe(6);
    expect(said).toMatch(
      /^docebo-ingest: The report of run \S+ could not be written to stdout \(ENOSPC.*\)\. Every table asked for is published\.\n$/,
    );
  });

  full('on stdout does not hide which tables were not published', async () => {
    emulator.setFaults([{match: '/manage/v1/user', kind: 'status', status: 403, times: always}]);
    const {exitCode, said} = await runOnFull('stdout', ingestArgs('--quiet'));
    expect(exitCode).toBe(6);
    expect(said.trimEnd().split('\n').at(-1)).toMatch(/could not be written to stdout .* Nothing was published.*users/);
  });

  full('of a list ends with 6', async () => {
    const {exitCode, said} = await runOnFull('stdout', ['tables', '--json']);
    expect({exitCode, said}).toEqual({
      exitCode: 6,
      said: expect.stringMatching(/^docebo-ingest: The output could not be written: ENOSPC.*\n$/),
    });
  });

  it('because its reader has gone is no failure', async () => {
    const child = spawn('bash', ['-c', '"$0" "$@" | head -1', process.execPath, main, 'tables']);
    expect(await text(child.stdout)).toMatch(/^table .*\n$/);
    expect(await text(child.stderr)).toBe('');
  });
});

it('what a person reads fits 80 columns', async () => {
  const state = ['--state-dir', join(folder, 'state')];
  const source = ['--source-uri', writeSourceUri(emulator), ...state];
  const read = await Promise.all([
    runCli(['tables']),
    runCli(['schema', 'course_enrollments']),
    runCli(['check', ...source]),
    runCli(['plan', ...source]),
    runCli(['capture', ...source, '--source-table', 'users', '--out', join(folder, 'capture')]),
    runCli(ingestArgs('--dest-table', `${'s'.repeat(40)}.${'t'.repeat(40)}`)),
  ]);
  const runs = await runCli(['runs', ...state]);
  for (const {exitCode, stdout} of [...read, runs]) {
    expect(exitCode).toBe(0);
    expect(stdout.split('\n').filter(line => stringWidth(line) > 80)).toEqual([]);
  }
  expect(runs.stdout).toMatch(/^20\S+ +published +1 of 1 +30 .*\n {2}http:.*\n {2}into duckdb:/m);
});

describe('under --json', () => {
  it('every command says one value in one line, what it found and why it failed alike', async () => {
    const state = ['--state-dir', join(folder, 'state')];
    const source = ['--source-uri', writeSourceUri(emulator), ...state];
    const args: Readonly<Record<string, readonly string[]>> = {
      ingest: ingestArgs().slice(1),
      check: [...source, '--source-table', 'users,courses'],
      capture: [...source, '--source-table', 'users', '--out', join(folder, 'capture')],
      plan: [...source, '--source-table', 'users,courses'],
      tables: [],
      schema: ['users'],
      reports: source,
      lookup: [...source, 'example.com'],
      runs: state,
      load: ['last', ...state],
    };
    const names = commands.filter(({options}) => 'json' in options).map(({name}) => name);
    expect(names.sort()).toEqual(Object.keys(args).sort());
    // What the others look into.
    const first = await runCli(['ingest', ...(args['ingest'] ?? []), '--json']);
    const found = await Promise.all(
      names.filter(name => name !== 'ingest').map(async name => runCli([name, ...(args[name] ?? []), '--json'])),
    );
    const failed = await Promise.all(
      names.map(async name => runCli([name, ...(args[name] ?? []), '--json', '--xyzzy'])),
    );
    for (const {exitCode, stdout} of [first, ...found]) {
      expect({exitCode, stdout}).toEqual({exitCode: 0, stdout: expect.stringMatching(/^.+\n$/)});
      expect(JSON.parse(stdout)).toBeTypeOf('object');
      expect(stdout).not.toMatch(/\d\.\d{4}/);
    }
    for (const {exitCode, stdout} of failed) {
      expect({exitCode, stdout}).toEqual({exitCode: 2, stdout: expect.stringMatching(/^.+\n$/)});
      expect(JSON.parse(stdout)).toMatchObject({error: {name: 'UsageError'}, exitCode: 2});
    }
    const loaded = found[names.filter(name => name !== 'ingest').indexOf('load')];
    expect(JSON.parse(loaded?.stdout ?? '')).toMatchObject({resumable: false, exitCode: 0});
  });

  it('runs are told as their user knows them', async () => {
    await runCli(ingestArgs('--json'));
    const {stdout} = await runCli(['runs', '--json', '--state-dir', join(folder, 'state')]);
    expect(JSON.parse(stdout)).toEqual([
      {
        loadId: expect.stringMatching(/^20/),
        startedAt: expect.stringMatching(/Z$/),
        state: 'published',
        tenant: expect.stringContaining(emulator.url),
        destination: `duckdb://${folder}/docebo.duckdb`,
        tables: [{table: 'users', records: 30, complete: true}],
        bytes: expect.any(Number),
      },
    ]);
  });

  it('an error is one line on stdout, beside what stderr says', async () => {
    const refused = await runCli(ingestArgs('--json').map(arg => arg.replace('demo-client-secret', 'wrong')));
    expect(refused.exitCode).toBe(3);
    expect(parseLines(refused.stdout)).toEqual([
      {
        error: {
          name: 'CredentialsError',
          code: 'E_CREDENTIALS',
          exitCode: 3,
          message: expect.stringContaining('refused the credentials'),
          hint: expect.any(String),
        },
        exitCode: 3,
      },
    ]);
    expect(refused.stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^docebo-ingest: Docebo refused the credentials .*: .* Check client id/,
    );
    const misspelt = await runCli(ingestArgs('--json', '--page-siz', '5'));
    expect(parseLines(misspelt.stdout)).toMatchObject([{error: {name: 'UsageError'}, exitCode: 2}]);
    const byVariable = await runCli(['tables', '--xyzzy'], {DOCEBO_INGEST_JSON: '1'});
    expect(parseLines(byVariable.stdout)).toMatchObject([{error: {name: 'UsageError'}, exitCode: 2}]);
  });

  it('an error names the run that can be gone on with', async () => {
    emulator.setFaults([{match: '/learn/v1/courses', kind: 'hang', times: always}]);
    const child = spawn(process.execPath, [
      main,
      ...ingestArgs('--json', '--progress', 'log', '--source-table', 'courses'),
    ]);
    const said = text(child.stdout);
    child.stderr.on('data', chunk => {
      if (String(chunk).includes('users: 30 records in')) child.kill('SIGINT');
    });
    expect(await once(child, 'exit')).toEqual([130, null]);
    const [{error, loadId, exitCode}] = parseLines(await said);
    expect({name: error.name, exitCode}).toEqual({name: 'InterruptedError', exitCode: 130});
    expect(error.hint).toContain(`--resume ${loadId}`);
  });

  it('a plan that does not fit is printed, and no error beside it', async () => {
    const source = ['--source-uri', writeSourceUri(emulator), '--state-dir', join(folder, 'state')];
    const tight = ['--max-requests-per-hour', '2', '--deadline', '10m', '--page-size', '10', '--source-table', 'users'];
    const {exitCode, stdout, stderr} = await runCli(['plan', ...source, ...tight, '--json']);
    expect(exitCode).toBe(7);
    expect(JSON.parse(stdout)).toMatchObject({requests: 3});
    expect(stderr).toMatch(/The run needs 3 requests, which take about 1 h; --deadline allows 10 min\./);
  });

  it('stdout stays empty without it', async () => {
    expect(await runCli(['tables', '--xyzzy'])).toMatchObject({exitCode: 2, stdout: ''});
  });
});

describe('under --progress json', () => {
  it('every line on stderr is an object, concerns and the end included', async () => {
    emulator.setFaults([{match: '/learn/v1/certification', kind: 'status', status: 403, times: always}]);
    const {exitCode, stderr} = await runCli(
      ingestArgs('--source-table', 'certifications', '--progress', 'json', '--schema-contract', 'evolve'),
    );
    expect(exitCode).toBe(7);
    const events = parseLines(stderr);
    expect(events).toContainEqual({
      time: expect.any(String),
      type: 'warning',
      table: 'certifications',
      message: expect.stringContaining('403'),
    });
    expect(events.at(-1)).toMatchObject({type: 'ended', exitCode: 7, error: {code: 'E_UNPUBLISHED'}});
  });

  it('holds for errors of the command line and for bugs of ours', async () => {
    const {stderr} = await runCli(ingestArgs('--progress', 'json', '--page-siz', '5'));
    expect(parseLines(stderr)).toEqual([
      {time: expect.any(String), type: 'ended', exitCode: 2, error: expect.objectContaining({code: 'E_USAGE'})},
    ]);
  });
});

it('--quiet says nothing of tables that were published, and still what failed', async () => {
  // A text under a key that no table declares.
  emulator.setFaults([{match: '/manage/v1/user', kind: 'huge', megabytes: 0.001, times: always}]);
  const loud = await runCli(ingestArgs('--source-table', 'sessions'));
  expect(loud.stderr).toMatch(/^users: 1 undeclared key \(padding\)$/m);
  const quiet = await runCli(ingestArgs('--source-table', 'sessions', '--quiet'));
  expect(quiet).toMatchObject({exitCode: 0, stderr: ''});
  emulator.setFaults([{match: '/manage/v1/user', kind: 'status', status: 403, times: always}]);
  expect((await runCli(ingestArgs('--quiet'))).stderr).toMatch(/^users: Docebo answered .*\ndocebo-ingest: Nothing /);
});
