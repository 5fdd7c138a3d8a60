import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DuckDBInstance} from '@duckdb/node-api';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {readAccepted} from '../../src/cli/options/values.js';
import type {Report} from '../../src/report.js';
import {listen} from '../source/tenant.js';
import {runCli} from './run-cli.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'docebo-accept-'));
});

afterEach(() => {
  rmSync(folder, {recursive: true, force: true});
});

test('whatever word stands for a table is read as one', () => {
  const accepted = readAccepted(['__proto__=count', 'constructor=count', 'users=count', 'users=null-keys']);
  expect(Object.entries(accepted)).toEqual([
    ['__proto__', ['count']],
    ['constructor', ['count']],
    ['users', ['count', 'null-keys']],
  ]);
});

const users = [1, 2, 3].map(id => ({user_id: id, username: `user ${id}`}));
const page = (items: readonly unknown[], total = items.length) =>
  JSON.stringify({
    data: {items, count: items.length, has_more_data: false, current_page_size: 200, total_count: total},
  });

const faults = {
  duplicates: page([...users, {user_id: 2, username: 'the later one'}]),
  'null-keys': page([...users, {user_id: null, username: 'nobody'}]),
  count: page(users, 4),
} as const;

type Name = keyof typeof faults;
const names = Object.keys(faults) as Name[];

/** A tenant whose one list is as told; how often it was asked. */
async function serve(body: string) {
  const asked = {lists: 0};
  const url = await listen((request, response) => {
    if (request.method === 'POST') return response.end('{"access_token":"t"}');
    asked.lists++;
    const isFirst = new URL(request.url ?? '', url).searchParams.get('page') === '1';
    return response.end(isFirst ? body : page([], JSON.parse(body).data.total_count));
  });
  return {url, asked};
}

async function ingest(url: string, destUri: string, ...more: string[]) {
  const source = ['--source-uri', `docebo://?base_url=${url}&client_id=a&client_secret=b`, '--source-table', 'users'];
  const {exitCode, stdout, stderr} = await runCli([
    ...['ingest', ...source, '--dest-uri', destUri, '--state-dir', join(folder, 'state'), '--json', ...more],
  ]);
  const report: Report | undefined = stdout.includes('"tables"') ? JSON.parse(stdout) : undefined;
  return {exitCode, stderr, warnings: report?.tables[0]?.warnings ?? []};
}

async function readNames(destUri: string): Promise<readonly unknown[] | undefined> {
  if (destUri.startsWith('jsonl:')) {
    const file = join(folder, 'out', 'users.jsonl');
    if (!existsSync(file)) return undefined;
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    return lines.map(line => JSON.parse(line).username).sort();
  }
  const file = join(folder, 'docebo.duckdb');
  if (!existsSync(file)) return undefined;
  const instance = await DuckDBInstance.create(file, {access_mode: 'READ_ONLY'});
  const connection = await instance.connect();
  const rows = await connection.runAndReadAll('SELECT username FROM users ORDER BY username');
  connection.closeSync();
  instance.closeSync();
  return rows.getRowsJson().flat();
}

const destinations = () => [`jsonl:///${folder}/out`, `duckdb:///${folder}/docebo.duckdb`];
const expected = {
  duplicates: ['the later one', 'user 1', 'user 3'],
  'null-keys': ['user 1', 'user 2', 'user 3'],
  count: ['user 1', 'user 2', 'user 3'],
} as const;

describe('a list that has a fault in every reading', () => {
  test.each(names)(
    '%s: is published only where that fault is accepted, with a warning',
    async name => {
      const {url, asked} = await serve(faults[name]);
      // What stages the rows is one for all destinations: once each by the files and by DuckDB.
      for (const destination of name === 'duplicates' ? destinations() : destinations().slice(1)) {
        expect((await ingest(url, destination)).exitCode).toBe(7);
        const others = names.filter(each => each !== name).join(',');
        expect((await ingest(url, destination, '--accept', `users=${others}`)).exitCode).toBe(7);
        expect(await readNames(destination)).toBeUndefined();

        asked.lists = 0;
        const accepted = await ingest(url, destination, '--accept', `users=${name}`);
        expect(accepted).toMatchObject({
          exitCode: 0,
          warnings: expect.arrayContaining([expect.stringContaining(`(--accept users=${name})`)]),
        });
        expect(await readNames(destination)).toEqual(expected[name]);
        // What may be drift is read once more before it is accepted.
        if (name !== 'count') expect(asked.lists).toBe(name === 'duplicates' ? 2 : 1);
      }
    },
    180_000,
  );

  test('may have several', async () => {
    const {url} = await serve(
      page([...users, {user_id: 2, username: 'the later one'}, {user_id: null}, {user_id: null}]),
    );
    for (const destination of destinations()) {
      const {exitCode, warnings} = await ingest(url, destination, '--accept', 'users=duplicates,null-keys');
      expect({exitCode, warnings}).toMatchObject({exitCode: 0});
      expect(warnings.join('\n')).toMatch(/2 records without a key were left out/);
      expect(await readNames(destination)).toEqual(expected.duplicates);
    }
  });

  test('is loaded again as it was accepted', async () => {
    const {url} = await serve(faults['null-keys']);
    const [destination = ''] = destinations();
    await ingest(url, destination, '--accept', 'users=null-keys');
    rmSync(join(folder, 'out'), {recursive: true});
    const {exitCode, stderr} = await runCli(['load', 'last', '--state-dir', join(folder, 'state')]);
    expect({exitCode, stderr}).toMatchObject({exitCode: 0});
    expect(await readNames(destination)).toEqual(expected['null-keys']);
  });
});

test('a list without the fault is published as always', async () => {
  const {url, asked} = await serve(page(users));
  const [destination = ''] = destinations();
  const {exitCode, warnings} = await ingest(url, destination, '--accept', 'users=duplicates,null-keys,count');
  expect({exitCode, warnings, lists: asked.lists}).toEqual({exitCode: 0, warnings: [], lists: 1});
});

test.each(['users', 'users=', 'users=all', 'usrs=duplicates', '=count'])('--accept %s is refused', async word => {
  const {exitCode, stderr} = await ingest('http://127.0.0.1:9', `jsonl:///${folder}/out`, '--accept', word);
  expect({exitCode, stderr}).toMatchObject({exitCode: 2});
});
