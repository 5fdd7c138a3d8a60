import {mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {request} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DuckDBInstance} from '@duckdb/node-api';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {writeSourceUri} from '../../src/cli/commands/source-uri.js';
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
  run(
    'ingest',
    '--source-uri',
    writeSourceUri(emulator),
    ...(args.includes('--dest-uri') ? [] : ['--dest-uri', 'duckdb:///out.duckdb']),
    '--quiet',
    ...args,
  );

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
    expect((await run('runs', '--json')).stdout).toContain('"state":"published"');
    expect((await run('runs')).stdout).toMatch(new RegExp(`^${loadId} +published +2 of 2 `, 'm'));
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

  it('is loaded as far as it came, and why the rest was not read is told once', async () => {
    const refused = {kind: 'status', status: 403, times: 100} as const;
    emulator.setFaults([
      {match: '/manage/v1/orgchart', ...refused},
      {match: '/audiences', ...refused},
    ]);
    await ingest('--source-table', 'users,branches,groups');
    const {exitCode, stderr} = await run('load', 'last', '--quiet');
    expect({exitCode, stderr}).toEqual({
      exitCode: 7,
      stderr: expect.stringContaining(
        'not read before the run ended\nNot published for the same reason: branches, groups\ndocebo-ingest: 2 of 3 tables not published: branches, groups (not read before the run ended).',
      ),
    });
  });

  it('is not resumed for other tables, and the error says what is there', async () => {
    await ingest('--source-table', 'users');
    const refused = await ingest('--source-table', 'groups', '--resume');
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('There is no run to resume for this tenant and these tables');
  });
});

describe('load', () => {
  it.each([
    ['duckdb', '%41 ?#.duckdb'],
    ['jsonl', '%41 ?#'],
    ['csv', '%41 ?#'],
    ['parquet', '%41 *[?#'],
  ])('writes to the %s place that the run was given, whatever its name holds', async (scheme, name) => {
    const uri = `${scheme}://${encodeURIComponent(name)}`;
    const {stdout} = await ingest('--dest-uri', uri, '--source-table', 'users', '--json');
    await rm(join(folder, name), {recursive: true});
    const told = JSON.parse((await run('load', 'last', '--json')).stdout);
    expect((await readdir(folder)).sort()).toEqual([name, 'state']);
    // What the report calls it leads to the same place.
    expect(told.destination).toBe(JSON.parse(stdout).destination);
    await rm(join(folder, name), {recursive: true});
    expect((await run('load', 'last', '--dest-uri', told.destination)).exitCode).toBe(0);
    expect((await readdir(folder)).sort()).toEqual([name, 'state']);
  });

  it('casts as the run was told, unless it is told otherwise', async () => {
    const read = async () => {
      const lines = (await readFile(join(folder, 'out', 'course_enrollments.jsonl'), 'utf8')).trimEnd().split('\n');
      const rows: Record<string, unknown>[] = lines.map(line => JSON.parse(line));
      const dates = rows.flatMap(row => Object.values(row)).filter(value => /^1970-01-01/.test(String(value)));
      return {hasEpochs: dates.length > 0, isMarked: rows.every(row => '_docebo_load_id' in row)};
    };
    await ingest(
      ...'--dest-uri jsonl:///out --source-table course_enrollments --invalid-dates null --no-load-metadata'.split(' '),
    );
    expect(await read()).toEqual({hasEpochs: false, isMarked: false});
    await run('load', 'last');
    expect(await read()).toEqual({hasEpochs: false, isMarked: false});
    await run('load', 'last', '--invalid-dates', 'epoch', '--load-metadata');
    expect(await read()).toEqual({hasEpochs: true, isMarked: true});
    // What was chosen for one load is not the run's choice.
    await run('load', 'last');
    expect(await read()).toEqual({hasEpochs: false, isMarked: false});
  });

  it('publishes by the guards that the run was told', async () => {
    await ingest(
      '--source-table',
      'users,branches',
      '--max-shrink',
      '0',
      '--publish',
      'all-or-nothing',
      '--allow-empty',
    );
    const [{loadId}] = JSON.parse((await run('runs', '--json')).stdout);
    const runFolder = join(folder, 'state', 'runs', loadId);
    const {choices} = JSON.parse(await readFile(join(runFolder, 'run.json'), 'utf8'));
    expect(choices).toMatchObject({allOrNothing: true, maxShrinkPercent: 0, allowEmpty: true});
    const table = join(runFolder, 'branches');
    await rm(table, {recursive: true});
    const refused = await run('load', 'last', '--json');
    expect(JSON.parse(refused.stdout).tables.map(({status}: {status: string}) => status)).toEqual(['kept', 'kept']);
    expect((await run('load', 'last', '--publish', 'per-table', '--json')).stdout).toContain('"status":"published"');
  });

  it('refuses a run of another version by name, and runs lists it', async () => {
    const {stdout} = await ingest('--source-table', 'users', '--json');
    const {loadId} = JSON.parse(stdout);
    const file = join(folder, 'state', 'runs', loadId, 'run.json');
    const {choices: _, ...record} = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({...record, version: 2, destination: 'duckdb:///x/y.duckdb'}));
    const refused = await run('load', loadId);
    expect({exitCode: refused.exitCode, stderr: refused.stderr}).toEqual({
      exitCode: 2,
      stderr: expect.stringContaining('its spool has version 2'),
    });
    expect((await run('runs')).stdout).toContain(loadId);
  });

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

  it('of a run that is older than what stands keeps that, unless older records are wanted', async () => {
    const first = JSON.parse((await ingest('--source-table', 'users', '--json')).stdout);
    await ingest('--source-table', 'users');
    const refused = await run('load', first.loadId);
    expect({exitCode: refused.exitCode, stderr: refused.stderr}).toEqual({
      exitCode: 7,
      stderr: expect.stringContaining('--allow-older'),
    });
    expect((await run('load', first.loadId, '--allow-older')).exitCode).toBe(0);
  });

  it('last is the last run, and says so where there is none', async () => {
    expect((await run('load', 'last')).stderr).toContain('There is no run to load.');
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
  expect(await runCli(['runs'], {HOME: folder})).toMatchObject({exitCode: 0, stdout: 'No run has left anything.\n'});
  expect(await runCli(['runs', '--json'], {HOME: folder})).toMatchObject({exitCode: 0, stdout: '[]\n'});
});

it('no list is given of a state folder that is named and not there, or none', async () => {
  expect(await run('runs', '--json')).toMatchObject({
    exitCode: 2,
    stderr: `docebo-ingest: The state folder ${join(folder, 'state')} does not exist.\n`,
  });
  await writeFile(join(folder, 'state'), '');
  expect(await run('runs')).toMatchObject({exitCode: 2, stderr: expect.stringContaining('cannot be read: ENOTDIR')});
});

it('--keep-runs 0 leaves no record behind', async () => {
  await ingest('--source-table', 'users', '--keep-runs', '0');
  expect((await run('runs')).stdout).toBe('No run has left anything.\n');
});
