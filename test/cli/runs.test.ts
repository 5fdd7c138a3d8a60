import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {request} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DuckDBInstance} from '@duckdb/node-api';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {writeSourceUri} from '../../src/cli/source-uri.js';
import {type Emulator, startEmulator} from '../../src/emulator/index.js';
import {listen} from '../source/tenant.js';
import {runCli} from './run-cli.js';

let folder: string;
let emulator: Emulator;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-runs-'));
  emulator = await startEmulator({users: 60});
});

afterEach(async () => {
  await emulator.close();
  await rm(folder, {recursive: true});
});

const run = async (command: string, ...args: readonly string[]) =>
  runCli([command, ...args, '--state-dir', join(folder, 'state')], {}, folder);
const ingest = async (...args: readonly string[]) =>
  run('ingest', '--source-uri', writeSourceUri(emulator), '--dest-uri', 'duckdb:///out.duckdb', '--quiet', ...args);

async function count(file: string, table: string): Promise<number> {
  const instance = await DuckDBInstance.create(join(folder, file), {access_mode: 'READ_ONLY'});
  const connection = await instance.connect();
  const [row] = (await connection.runAndReadAll(`SELECT count(*)::INT FROM ${table}`)).getRows();
  connection.closeSync();
  instance.closeSync();
  return Number(row?.[0]);
}

describe('a run whose records were changed on disk', () => {
  it('is not loaded, and asks for what was changed when it is resumed', async () => {
    const {stdout} = await ingest('--source-table', 'users,branches', '--json');
    const {loadId} = JSON.parse(stdout);
    const records = join(folder, 'state', 'runs', loadId, 'users', 'records.ndjson');
    const text = await readFile(records, 'utf8');
    await writeFile(records, text.replace(/"first_name":"./, '"first_name":"#'));
    const loaded = await run('load', loadId, '--dest-uri', 'duckdb:///other.duckdb');
    expect(loaded).toMatchObject({
      exitCode: 7,
      stderr: expect.stringContaining('users has changed on disk since it was read'),
    });
    expect(await count('other.duckdb', 'branches')).toBeGreaterThan(0);
    await expect(count('other.duckdb', 'users')).rejects.toThrow('users');
    const asked = emulator.requests.length;
    expect((await ingest('--source-table', 'users,branches', '--resume', loadId)).exitCode).toBe(0);
    expect(emulator.requests.slice(asked).map(({path}) => path)).toContainEqual(
      expect.stringMatching(/^.manage.v1.user/),
    );
    expect(await count('out.duckdb', `users WHERE first_name LIKE '#%'`)).toBe(0);
  });
});

describe('a run that is not complete', () => {
  it('is listed, resumed by what its last line says, and then listed as published', async () => {
    emulator.setFaults([{match: '/manage/v1/orgchart', kind: 'status', status: 409, times: Number.POSITIVE_INFINITY}]);
    const failed = await ingest('--source-table', 'users,branches');
    expect(failed.exitCode).toBe(7);
    const [, loadId = ''] = /--resume (\S+) asks only for what is missing\.$/.exec(failed.stderr.trimEnd()) ?? [];
    expect((await run('runs')).stdout).toMatch(new RegExp(`^${loadId} +incomplete +1 of 2 +60 `, 'm'));
    emulator.setFaults([]);
    const asked = emulator.requests.length;
    const resumed = await ingest('--source-table', 'users,branches', '--resume');
    expect(resumed.exitCode).toBe(0);
    expect(emulator.requests.slice(asked).filter(({path}) => path.includes('/manage/v1/user'))).toEqual([]);
    expect((await run('runs', '--json')).stdout).toContain('"state": "published"');
    expect(await count('out.duckdb', 'branches')).toBeGreaterThan(0);
  });

  it.each([
    ['below another path of the same address', '/b', {}],
    ['read by another user', '/a', {username: 'jane@example.com', password: 'secret'}],
    ['read by a token, whose user nobody knows', '/a', {token: 'another'}],
  ])('is not resumed for a tenant %s', async (_, path, user) => {
    const origin = await listen((incoming, reply) => {
      const {method, url = '', headers} = incoming;
      const onward = request(emulator.url + url.replace(/^\/[ab]/, ''), {method, headers}, answer => {
        reply.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(reply);
      });
      incoming.pipe(onward);
    });
    const {clientId: client_id, clientSecret: client_secret} = emulator.credentials;
    const ingestFrom = async (
      base: string,
      credentials: Readonly<Record<string, string>>,
      ...args: readonly string[]
    ) => {
      const uri = `docebo://?${new URLSearchParams({base_url: `${origin}${base}`, ...credentials})}`;
      return run(
        'ingest',
        '--source-uri',
        uri,
        '--source-table',
        'users,branches',
        '--dest-uri',
        'duckdb:///out.duckdb',
        ...args,
      );
    };
    emulator.setFaults([{match: '/manage/v1/orgchart', kind: 'status', status: 409, times: Number.POSITIVE_INFINITY}]);
    const failed = await ingestFrom('/a/', {client_id, client_secret});
    const [, loadId = ''] = /--resume (\S+)/.exec(failed.stderr.trimEnd()) ?? [];
    emulator.setFaults([]);
    const other = {...('token' in user ? {} : {client_id, client_secret}), ...user};
    for (const resume of ['--resume', `--resume=${loadId}`]) {
      expect((await ingestFrom(path, other, resume)).exitCode).toBe(2);
    }
    expect((await ingestFrom('/a', {client_id, client_secret}, '--resume')).exitCode).toBe(0);
  });

  it('is not resumed for other tables, and the error says what is there', async () => {
    await ingest('--source-table', 'users');
    const refused = await ingest('--source-table', 'groups', '--resume');
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('There is no run to be resumed for this tenant and these tables');
  });
});

describe('load', () => {
  it('publishes a run again where it was to go, or elsewhere, without a call', async () => {
    const {stdout} = await ingest('--source-table', 'users', '--dest-table', 'dest.people', '--json');
    const {loadId} = JSON.parse(stdout);
    await rm(join(folder, 'out.duckdb'));
    const asked = emulator.requests.length;
    expect((await run('load', loadId)).exitCode).toBe(0);
    expect(await count('out.duckdb', 'dest.people')).toBe(60);
    expect((await run('load', loadId, '--dest-uri', 'duckdb:///other.duckdb', '--dest-table', 'u')).exitCode).toBe(0);
    expect(await count('other.duckdb', 'u')).toBe(60);
    expect(emulator.requests.length).toBe(asked);
  });

  it('last is the last run, and says so where there is none', async () => {
    expect((await run('load', 'last')).stderr).toContain('There is no run to be loaded.');
    const {stdout} = await ingest('--source-table', 'users', '--json');
    await rm(join(folder, 'out.duckdb'));
    const again = await run('load', 'last', '--json');
    expect(JSON.parse(again.stdout).loadId).toBe(JSON.parse(stdout).loadId);
    expect(await count('out.duckdb', 'users')).toBe(60);
  });

  it('into one table for several does not speak of flags it has not', async () => {
    const {stdout} = await ingest('--source-table', 'users,groups', '--json');
    const refused = await run('load', JSON.parse(stdout).loadId, '--dest-table', 'a.b');
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).not.toContain('--source-table');
  });

  it('of a run that is not there names those that are', async () => {
    const {stdout} = await ingest('--source-table', 'users', '--json');
    const refused = await run('load', 'nothing');
    expect({exitCode: refused.exitCode, stderr: refused.stderr}).toEqual({
      exitCode: 2,
      stderr: `docebo-ingest: There is no run nothing. Runs: ${JSON.parse(stdout).loadId}.\n`,
    });
  });
});

it('no run is listed where none was made', async () => {
  expect((await run('runs')).stdout).toBe('No run has left anything.\n');
});

it('--keep-runs 0 leaves no record behind', async () => {
  await ingest('--source-table', 'users', '--keep-runs', '0');
  expect((await run('runs')).stdout).toBe('No run has left anything.\n');
});
