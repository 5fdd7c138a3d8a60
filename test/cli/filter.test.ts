import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, it} from 'vitest';
import {type Emulator, startEmulator} from '../../src/emulator/index.js';
import {query} from '../helpers/served.js';
import {runCli} from './run-cli.js';

let emulator: Emulator;
let folder: string;

beforeAll(async () => {
  emulator = await startEmulator({users: 40});
  folder = await mkdtemp(join(tmpdir(), 'docebo-filter-'));
});
afterAll(async () => {
  await emulator.close();
  await rm(folder, {recursive: true});
});

const run = async (...args: readonly string[]) => {
  const {clientId, clientSecret} = emulator.credentials;
  const env = {DOCEBO_BASE_URL: emulator.url, DOCEBO_CLIENT_ID: clientId, DOCEBO_CLIENT_SECRET: clientSecret};
  return runCli([...args, '--state-dir', join(folder, 'state')], env);
};
const ingest = async (...args: readonly string[]) =>
  run('ingest', '--source-table', 'users', '--dest-uri', `duckdb:///${folder}/out.duckdb`, ...args);

it('loads some rows into a table of another name, says so, and loads them again', async () => {
  const [first] = [...emulator.truth('users')];
  const username = String(first?.['username']);
  const args = [
    '--filter',
    `search_text=${username}`,
    '--filter',
    'match_type=full',
    '--dest-table',
    'docebo.users_one',
  ];
  const planned = await ingest(...args, '--dry-run');
  expect(planned).toMatchObject({exitCode: 0, stdout: expect.stringContaining('users_one')});
  const told = await ingest(...args);
  expect(told.exitCode).toBe(0);
  expect(told.stdout.replaceAll(/\s+/g, ' ')).toContain(
    `Filtered: users_one holds only what search_text=${username}, match_type=full lets in.`,
  );
  const again = await run('load', 'last', '--dest-uri', `duckdb:///${folder}/copy.duckdb`, '--json');
  expect(JSON.parse(again.stdout)).toMatchObject({
    exitCode: 0,
    tables: [{table: 'users_one', rows: 1, filtered: {search_text: [username], match_type: ['full']}}],
  });
  for (const file of ['out', 'copy'])
    expect(await query(join(folder, `${file}.duckdb`), 'SELECT username FROM docebo.users_one')).toEqual([[username]]);
});

it('says that the filter is to be corrected where Docebo knows nothing with it', async () => {
  const courses = ['--source-table', 'course_enrollments', '--dest-uri', `duckdb:///${folder}/none.duckdb`];
  const {exitCode, stderr} = await run('ingest', ...courses, '--filter', 'course_id=999999', '--dest-table', 'x.some');
  expect(exitCode).toBe(5);
  expect(stderr.trimEnd()).toMatch(/\. Docebo may know nothing with course_id=999999: correct the filter\.$/);
});

it('says that a filter has let no row in', async () => {
  const told = await ingest('--filter', 'search_text=nobody-at-all', '--dest-table', 'none.users_none');
  expect(told.exitCode).toBe(0);
  expect(told.stdout.replaceAll(/\s+/g, ' ')).toContain(
    'Filtered: users_none holds no row, since search_text=nobody-at-all lets none in.',
  );
});

it.each([
  [['--filter', 'search_text=a'], 'A filtered table needs a name of its own'],
  [['--filter', 'search_text=a', '--dest-table', 'x.users'], 'A filtered table needs a name of its own'],
  [['--filter', 'search_text=a', '--dest-table', 'x.courses'], 'A filtered table needs a name of its own'],
  [['--filter', 'search_text=a', '--dest-table', 'x.*'], 'A filtered table needs a name of its own'],
  [['--filter', 'search_text= ', '--dest-table', 'x.some'], 'The filter search_text of users is empty.'],
  [['--filter', 'searchtext', '--dest-table', 'x.some'], '--filter takes a filter and its value.'],
  [['--filter', 'email=a', '--dest-table', 'x.some'], 'users has no filter email.'],
  [['--source-table', 'courses', '--filter', 'search_text=a', '--dest-table', 'x'], '--filter limits one table'],
  [
    ['--filter', 'search_text=a', '--dest-table', 'x.some', '--incremental-strategy', 'merge'],
    'A filtered table cannot be merged.',
  ],
])('%j is a mistake', async (args, message) => {
  const before = emulator.requests.length;
  const {exitCode, stderr} = await ingest(...args);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
  expect(emulator.requests).toHaveLength(before);
});

it('is not called as the whole table by load either', async () => {
  expect((await ingest('--filter', 'search_text=example.com', '--dest-table', 'docebo.users_com')).exitCode).toBe(0);
  const file = `duckdb:///${folder}/whole.duckdb`;
  const told = await run('load', 'last', '--dest-uri', file, '--dest-table', 'docebo.users');
  expect(told).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('A filtered table needs a name of its own'),
  });
  expect((await run('load', 'last', '--dest-uri', file, '--dest-table', 'docebo.users_2')).exitCode).toBe(0);
});
