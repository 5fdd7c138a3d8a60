import {mkdtemp, readdir, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {writeSourceUri} from '../../src/cli/commands/source-uri.js';
import {describeBase, formatBases} from '../../src/cli/printing/print-bases.js';
import {type Emulator, startEmulator} from '../../src/emulator/index.js';
import {listBases} from '../../src/spool/bases.js';
import {runCli} from './run-cli.js';

let folder: string;
let emulator: Emulator;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-bases-'));
  emulator = await startEmulator({users: 60});
});

afterEach(async () => {
  await emulator.close();
  await rm(folder, {recursive: true});
});

const state = () => join(folder, 'state');
const runs = async (...args: readonly string[]) => runCli(['runs', '--state-dir', state(), ...args]);
const ingest = async (...args: readonly string[]) =>
  runCli(
    [
      ...['ingest', '--source-uri', writeSourceUri(emulator), '--dest-uri', 'duckdb:///out.duckdb', '--quiet'],
      ...['--state-dir', state(), ...args],
    ],
    {},
    folder,
  );
const merge = ['--source-table', 'courses,enrollments,groups', '--incremental-strategy', 'merge'];

/** The bytes of all files below a folder, each file once however many names it has. */
async function measure(): Promise<number> {
  const names = await readdir(state(), {recursive: true});
  const files = await Promise.all(names.map(async name => stat(join(state(), name))));
  return [...new Map(files.filter(file => file.isFile()).map(({ino, size}) => [ino, size])).values()].reduce(
    (sum, size) => sum + size,
    0,
  );
}

describe('docebo-ingest runs', () => {
  it('lists what merges build on below the runs, and under --json with --bases alone', async () => {
    await ingest(...merge);
    const {stdout} = await runs();
    expect(stdout).toMatch(/^\S+ +published +3 of 3 /m);
    const courses = [...emulator.truth('courses')].length;
    expect(stdout).toMatch(
      new RegExp(
        `\\n\\nFor merges with http.*:\\nbase +rows +size +age +oldest row\\ncourses +${courses} +[\\d.]+ kB `,
      ),
    );
    expect(JSON.parse((await runs('--json')).stdout)).toMatchObject([{state: 'published'}]);
    const [run] = JSON.parse((await runs('--json')).stdout);
    const bases = JSON.parse((await runs('--bases', '--json')).stdout);
    expect(bases).toMatchObject([
      {table: 'courses', rows: courses, loadId: run.loadId, tenant: run.tenant, damage: null, distrust: null},
      {table: 'enrollments', rows: [...emulator.truth('enrollments')].length},
    ]);
    expect((await runs('--bases')).stdout).toMatch(/^For merges with /);
  });

  it('says why a base is not used', async () => {
    await ingest(...merge);
    const [courses, enrollments] = await listBases(state());
    if (courses === undefined || enrollments === undefined) throw new TypeError('There are no bases.');
    const told = formatBases([
      describeBase({...courses, damage: 'changed on disk'}),
      describeBase({...enrollments, distrust: 'The filter is ignored.'}),
    ]).replaceAll(/\s+/g, ' ');
    expect(told).toContain(' courses: It cannot be used: changed on disk. ');
    expect(told).toContain(
      ' enrollments: The filter is ignored. --full-refresh lets later runs use the filter again. ',
    );
  });

  it('--prune removes runs that have ended and old bases, names them, and says by how much the folder shrank', async () => {
    await ingest(...merge);
    const [{loadId}] = JSON.parse((await runs('--json')).stdout);
    const before = await measure();
    const first = JSON.parse((await runs('--prune', '--json')).stdout);
    expect(first).toMatchObject({runs: [{loadId}], bases: [], bytes: before - (await measure())});
    // What was read of courses stays under the name that the base has for it.
    expect(first.bytes).toBeLessThan(before / 2);
    expect(JSON.parse((await runs('--bases', '--json')).stdout)).toHaveLength(2);
    const {stdout} = await runs('--prune', '--max-age', '0');
    expect(stdout.replaceAll('\n', ' ')).toMatch(
      /^Removed what merges with http\S+ would have built on: courses, enrollments\. .* The state folder is [\d.]+ kB smaller\. $/,
    );
    expect((await runs()).stdout).toBe('No run has left anything.\n');
    expect((await runs('--prune')).stdout).toBe('There was nothing to remove.\n');
  });

  it('--prune leaves a run alone that is going on', async () => {
    emulator.setFaults([{match: '/audiences', kind: 'hang', times: Number.POSITIVE_INFINITY}]);
    const going = ingest(...merge, '--request-timeout', '3');
    await expect.poll(async () => (await runs()).stdout, {timeout: 10_000}).toContain(' running ');
    expect((await runs('--prune')).stdout).toBe('There was nothing to remove.\n');
    emulator.setFaults([]);
    expect((await going).exitCode).toBe(0);
  });

  it('refuses flags that do not go together', async () => {
    expect(await runs('--max-age', '1d')).toMatchObject({exitCode: 2, stderr: expect.stringContaining('--prune')});
    expect(await runs('--bases', '--prune')).toMatchObject({exitCode: 2, stdout: ''});
  });
});
