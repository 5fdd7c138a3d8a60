import {execFile} from 'node:child_process';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DuckDBInstance} from '@duckdb/node-api';
import {expect, test} from 'vitest';
import {writeSourceUri} from '../../src/cli/commands/source-uri.js';
import {type Emulator, startEmulator} from '../../src/emulator/index.js';
import {listRuns} from '../../src/spool/runs.js';
import {main, runCli} from './run-cli.js';

function ingestArgs(emulator: Emulator, folder: string, table: string): readonly string[] {
  const places = ['--dest-uri', `duckdb:///${folder}/out.duckdb`, '--state-dir', join(folder, 'state')];
  return ['ingest', '--source-uri', writeSourceUri(emulator), '--source-table', table, ...places, '--quiet'];
}

/** The shell's file size limit stands in for a full disk: writes past it fail in the same place. */
function runWithFileLimit(kilobytes: number, args: readonly string[]) {
  return new Promise<{exitCode: number | null; stderr: string}>(resolve => {
    const script = `ulimit -f ${kilobytes}; exec "$@"`;
    const child = execFile(
      'bash',
      ['-c', script, 'bash', process.execPath, main, ...args],
      (_error, _stdout, stderr) => {
        resolve({exitCode: child.exitCode, stderr});
      },
    );
  });
}

async function countUsers(folder: string): Promise<unknown> {
  const instance = await DuckDBInstance.create(join(folder, 'out.duckdb'));
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll('SELECT count(*)::INT FROM users')).getRowsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

test('a disk that fills up while records land ends the run with 6, keeps the earlier table and says what to do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'docebo-full-'));
  const small = await startEmulator({users: 20});
  const large = await startEmulator({users: 3000});
  try {
    expect((await runCli(ingestArgs(small, folder, 'users'))).exitCode).toBe(0);
    const {exitCode, stderr} = await runWithFileLimit(1000, ingestArgs(large, folder, 'users'));
    expect(exitCode).toBe(6);
    // Whether a write is refused or cut short depends on where the pages' ends fall.
    expect(stderr).toMatch(/The spool in .* cannot be written: (EFBIG|only \d+ of \d+ bytes)/);
    expect(stderr.trimEnd().split('\n').at(-1)).toContain('choose another place with --state-dir');
    expect(await countUsers(folder)).toEqual([[20]]);
    const states = (await listRuns(join(folder, 'state'))).map(({state}) => state);
    expect(states.sort()).toEqual(['incomplete', 'published']);
  } finally {
    await Promise.all([small.close(), large.close()]);
    await rm(folder, {recursive: true});
  }
});
