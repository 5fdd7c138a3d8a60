import {execFile} from 'node:child_process';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DuckDBInstance} from '@duckdb/node-api';
import {afterEach, beforeEach, expect, it} from 'vitest';
import {writeSourceUri} from '../../src/cli/commands/source-uri.js';
import {type Emulator, startEmulator} from '../../src/emulator/index.js';
import {main, runCli} from './run-cli.js';

let folder: string;
let stateDir: string;
let emulator: Emulator;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-hints-'));
  stateDir = join(folder, `~it's a "state" $HOME`);
  await mkdir(join(folder, 'bin'));
  await mkdir(join(folder, 'elsewhere'));
  await writeFile(join(folder, 'bin', 'docebo-ingest'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`, {
    mode: 0o755,
  });
  emulator = await startEmulator({users: 60});
});

afterEach(async () => {
  await emulator.close();
  await rm(folder, {recursive: true});
});

const ingest = async (...args: readonly string[]) =>
  runCli(
    // As it is typed: relative, to be found from anywhere, and in the form that is recommended where a name begins with ~.
    [
      'ingest',
      '--source-uri',
      writeSourceUri(emulator),
      '--dest-uri',
      'duckdb:///out.duckdb',
      '--state-dir',
      `./~it's a "state" $HOME`,
      '--quiet',
      ...args,
    ],
    {},
    folder,
  );

/** Runs what the last line says to run, in a shell and from another folder. */
async function paste(stderr: string, pattern: RegExp) {
  const [, command = ''] = pattern.exec(stderr.trimEnd()) ?? [];
  const env = {PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, NO_COLOR: '1', HOME: folder};
  return new Promise<{command: string; exitCode: number | null; stdout: string; stderr: string}>(resolve => {
    const child = execFile('sh', ['-c', command], {env, cwd: join(folder, 'elsewhere')}, (_, stdout, said) =>
      resolve({command, exitCode: child.exitCode, stdout, stderr: said}),
    );
  });
}

const loadCommand = /: (docebo-ingest load .*)$/;

async function count(file: string): Promise<number> {
  const instance = await DuckDBInstance.create(join(folder, file), {access_mode: 'READ_ONLY'});
  const connection = await instance.connect();
  const [row] = (await connection.runAndReadAll('SELECT count(*)::INT FROM users')).getRows();
  connection.closeSync();
  instance.closeSync();
  return Number(row?.[0]);
}

it('load is told so that it publishes what was read, once the destination is free', async () => {
  const holder = await DuckDBInstance.create(join(folder, 'out.duckdb'));
  const failed = await ingest('--source-table', 'users', '--lock-timeout', '0', '--no-load-metadata');
  holder.closeSync();
  expect(failed.exitCode).toBe(6);
  const asked = emulator.requests.length;
  expect(await paste(failed.stderr, loadCommand)).toMatchObject({exitCode: 0});
  expect({rows: await count('out.duckdb'), asked: emulator.requests.length}).toEqual({rows: 60, asked});
});

it('load is told with what allows the tables that were refused', async () => {
  await ingest('--source-table', 'users,courses');
  for (const [table, left] of [
    ['users', 10],
    ['courses', 0],
  ] as const) {
    const edits = emulator.edit(table);
    for (let rows = [...emulator.truth(table)].length; rows > left; rows--) edits.remove(0);
  }
  const failed = await ingest('--source-table', 'users,courses');
  expect(failed.exitCode).toBe(7);
  const pasted = await paste(failed.stderr, loadCommand);
  expect(pasted).toMatchObject({exitCode: 0, command: expect.stringMatching(/ --max-shrink 84 --allow-empty$/)});
  expect(await count('out.duckdb')).toBe(10);
});

it('runs is told where a run cannot be resumed, or no run was named', async () => {
  await ingest('--source-table', 'users');
  const refused = await ingest('--source-table', 'groups', '--resume');
  expect(refused.exitCode).toBe(2);
  const list = /(docebo-ingest runs .*) lists/;
  const [{stdout}, unnamed] = [await paste(refused.stderr, list), await runCli(['load', '--state-dir', stateDir])];
  expect(stdout).toMatch(/^\d{8}T\d{6}Z-\w+ +published/m);
  // Below the runs stand ages, which go on.
  const [runs] = stdout.split('\n\n');
  expect((await paste(unnamed.stderr, list)).stdout.split('\n\n')[0]).toBe(runs);
});

it('the flag that resumes is told, and the command with it goes on', async () => {
  emulator.setFaults([{match: '/manage/v1/orgchart', kind: 'status', status: 409, times: Number.POSITIVE_INFINITY}]);
  const failed = await ingest('--source-table', 'users,branches');
  const [, loadId = ''] = /The same command with --resume (\S+) asks only/.exec(failed.stderr) ?? [];
  // What was not read is not there to be loaded: the run is to be taken up.
  const loaded = await runCli([
    'load',
    loadId,
    '--state-dir',
    stateDir,
    '--dest-uri',
    `duckdb:///${folder}/copy.duckdb`,
  ]);
  expect(loaded).toMatchObject({exitCode: 7, stderr: expect.stringContaining(`--resume ${loadId} --state-dir '`)});
  emulator.setFaults([]);
  expect(await ingest('--source-table', 'users,branches', '--resume', loadId)).toMatchObject({exitCode: 0});
});

it('load says by which flag it is allowed to put older rows over newer ones', async () => {
  const {stdout} = await ingest('--source-table', 'users', '--json');
  await ingest('--source-table', 'users');
  const load = ['load', JSON.parse(stdout).loadId, '--state-dir', stateDir];
  const refused = await runCli(load);
  const [, flag = ''] = /The same command with (--\S+) allows it\.$/.exec(refused.stderr.trimEnd()) ?? [];
  expect(await runCli([...load, flag])).toMatchObject({exitCode: 0});
});
