import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {makeFolder} from '../engine/spool.js';
import {runCli} from './run-cli.js';

const uri = 'docebo://?base_url=https://tenant.invalid&client_id=me&client_secret=s3cr3t';
const destination = ['--dest-uri', 'duckdb:///never-written.duckdb'];

describe('docebo-ingest', () => {
  it('prints its version on stdout', async () => {
    const {exitCode, stdout, stderr} = await runCli(['--version']);
    expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''});
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('prints help on stdout, with every command', async () => {
    const {exitCode, stdout, stderr} = await runCli(['--help']);
    expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''});
    for (const command of ['ingest', 'tables', 'schema', 'check', 'plan', 'emulator', 'demo']) {
      expect(stdout).toContain(`docebo-ingest ${command}`);
    }
  });

  it('asks for a command', async () => {
    const {exitCode, stdout, stderr} = await runCli([]);
    expect({exitCode, stdout}).toEqual({exitCode: 2, stdout: ''});
    expect(stderr).toContain('docebo-ingest: Say what to do');
  });

  it('refuses an unknown command, flag and repeated flag', async () => {
    for (const args of [['injest'], ['tables', '--jsn'], ['tables', 'users'], ['demo', '--seed', '1', '--seed', '2']]) {
      expect(await runCli(args)).toMatchObject({exitCode: 2, stdout: ''});
    }
  });

  it('suggests the nearest table for an unknown one', async () => {
    const {exitCode, stdout, stderr} = await runCli([
      'ingest',
      ...['--source-uri', uri],
      ...['--source-table', 'user'],
      ...destination,
    ]);
    expect({exitCode, stdout}).toEqual({exitCode: 2, stdout: ''});
    expect(stderr).toMatch(/^docebo-ingest: There is no table user\. Did you mean users\? Tables: users, /);
  });

  it('refuses a destination it does not know', async () => {
    const args = ['ingest', '--source-uri', uri, '--source-table', 'users', '--dest-uri', 'nowhere://x'];
    const {exitCode, stdout, stderr} = await runCli(args);
    expect({exitCode, stdout}).toEqual({exitCode: 2, stdout: ''});
    expect(stderr).toMatch(/^docebo-ingest: .*nowhere/);
  });

  it('says which credentials are missing', async () => {
    const {exitCode, stdout, stderr} = await runCli(['ingest', '--source-table', 'users', ...destination]);
    expect({exitCode, stdout}).toEqual({exitCode: 2, stdout: ''});
    expect(stderr).toMatch(/base_url.*client_id.*client_secret/);
  });

  it.each([
    ['--page-size', '201'],
    ['--page-size', 'many'],
    ['--extract-parallelism', '0'],
    ['--schema-contract', 'strict'],
    ['--max-requests-per-hour', '0'],
    ['--deadline', 'soon'],
    ['--idle-timeout', '0.5'],
  ])('refuses %s %s', async (flag, value) => {
    const args = ['ingest', '--source-uri', uri, '--source-table', 'users', ...destination, flag, value];
    const {exitCode, stderr} = await runCli(args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(flag.slice(2));
  });

  it('reads flags from the environment, and ignores those of other commands', async () => {
    const {exitCode, stdout} = await runCli(['tables'], {
      DOCEBO_INGEST_JSON: 'Yes',
      DOCEBO_INGEST_SOURCE_URI: uri,
      DOCEBO_INGEST_PAGE_SIZE: '100',
    });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({name: 'users', primary_key: ['user_id']}));
  });

  it.each([
    ['--dotenv', undefined],
    ['--env-file', undefined],
    [undefined, 'DOCEBO_INGEST_DOTENV'],
    [undefined, 'DOCEBO_INGEST_ENV_FILE'],
  ])('reads flags from a file that %s or %s names', async (flag, variable) => {
    const file = join(await makeFolder(), '.env');
    writeFileSync(file, 'DOCEBO_INGEST_SOURCE_TABLE=nosuch\nDOCEBO_INGEST_DEST_URI=duckdb:///never-written.duckdb\n');
    const env = variable === undefined ? {} : {[variable]: file};
    const {exitCode, stderr} = await runCli(['ingest', ...(flag === undefined ? [] : [flag, file])], env);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('There is no table nosuch.');
  });

  it('says which variables of a file do not count, since others are set', async () => {
    const file = join(await makeFolder(), '.env');
    writeFileSync(file, 'DOCEBO_CLIENT_ID=mine\nDOCEBO_CLIENT_SECRET=abcdefgh\nDOCEBO_USERNAME=ann\n');
    const env = {DOCEBO_CLIENT_ID: 'another', DOCEBO_CLIENT_SECRET: 'ijklmnop', DOCEBO_USERNAME: 'ann'};
    const told = `${file} sets DOCEBO_CLIENT_ID, DOCEBO_CLIENT_SECRET, but another value was set before, which counts.`;
    const {exitCode, stderr} = await runCli(['tables', '--dotenv', file], env);
    expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: `${told}\n`});
    expect((await runCli(['tables', '--dotenv', file, '--quiet'], env)).stderr).toBe('');
    const {stderr: event} = await runCli(['plan', '--dotenv', file, '--progress', 'json'], env);
    expect(JSON.parse(event.split('\n')[0] ?? '')).toMatchObject({type: 'warning', table: null, message: told});
  });

  it('says in its own words that a file of variables is not there', async () => {
    const byFlag = await runCli(['tables', '--dotenv', '/no/such/file']);
    const byVariable = await runCli(['tables'], {DOCEBO_INGEST_DOTENV: '/no/such/file'});
    const told = {exitCode: 2, stdout: '', stderr: 'docebo-ingest: --dotenv /no/such/file does not exist.\n'};
    expect([byFlag, byVariable]).toEqual([told, told]);
  });

  it('lists the tables on stdout, as text and as JSON', async () => {
    const [text, json] = await Promise.all([runCli(['tables']), runCli(['tables', '--json'])]);
    expect([text.exitCode, text.stderr, json.exitCode, json.stderr]).toEqual([0, '', 0, '']);
    for (const {name} of JSON.parse(json.stdout)) expect(text.stdout).toContain(name);
  });

  it('shows a table as columns and as JSON Schema', async () => {
    const [text, json] = await Promise.all([runCli(['schema', 'users']), runCli(['schema', 'users', '--json'])]);
    expect(text.stdout).toMatch(/^user_id\s+integer\s+yes/m);
    expect(JSON.parse(json.stdout)).toMatchObject({
      title: 'users',
      required: ['user_id'],
      properties: {user_id: {type: 'integer'}, email: {type: ['string', 'null']}},
    });
  });
});
