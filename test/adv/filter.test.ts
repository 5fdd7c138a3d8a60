import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, it, onTestFinished} from 'vitest';
import {defaultMerge} from '../../src/choices.js';
import {startEmulator} from '../../src/emulator/index.js';
import {UsageError} from '../../src/errors.js';
import {filterTable} from '../../src/filter-table.js';
import {runCli} from '../cli/run-cli.js';
import {rehearse, tableNamed} from '../helpers/rehearsal.js';
import {pageOf, query, serve} from '../helpers/served.js';

const target = {schema: null, name: 'people'};
const three = [
  '{"user_id":1,"last_update":"2024-01-01 00:00:00"}',
  '{"user_id":2,"last_update":"2024-01-01 00:00:00"}',
  '{"user_id":3,"last_update":"2024-01-01 00:00:00"}',
];
const tenant = async () =>
  serve((path, ask) =>
    path === '/manage/v1/user' ? pageOf(...(ask.get('search_text') === null ? three : three.slice(0, 2))) : undefined,
  );
const some = {table: filterTable(tableNamed('users'), {search_text: ['x']}, 'people'), target};
const whole = {table: tableNamed('users'), target};

it('a filtered load does not replace a whole table that was loaded under a name of its own', async () => {
  const {load, query: ask} = await tenant();
  expect((await load([], {loads: [whole]})).exitCode).toBe(0);
  await load([], {loads: [some]});
  expect(await ask('SELECT count(*)::INT FROM people')).toEqual([[3]]);
});

it('a filtered table is no base of a merge', async () => {
  const {load, query: ask} = await tenant();
  expect((await load([], {loads: [whole]})).exitCode).toBe(0);
  await load([], {loads: [some]});
  await load([], {loads: [whole], merge: defaultMerge, random: () => 0});
  expect(await ask('SELECT count(*)::INT FROM people')).toEqual([[3]]);
});

it('a filtered load is not put in the place of the whole table by load', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'adv-filter-'));
  const emulator = await startEmulator({users: 30});
  onTestFinished(async () => {
    await emulator.close();
    await rm(folder, {recursive: true});
  });
  const {clientId, clientSecret} = emulator.credentials;
  const env = {DOCEBO_BASE_URL: emulator.url, DOCEBO_CLIENT_ID: clientId, DOCEBO_CLIENT_SECRET: clientSecret};
  const run = async (...args: readonly string[]) =>
    runCli([...args, '--state-dir', join(folder, 'state'), '--dest-uri', `duckdb:///${folder}/out.duckdb`], env);
  expect((await run('ingest', '--source-table', 'users', '--dest-table', 'docebo.users')).exitCode).toBe(0);
  const before = await query(join(folder, 'out.duckdb'), 'SELECT count(*)::INT FROM docebo.users');
  // A text that most users hold, and not all: no shrinkage that is noticed.
  const users = [...emulator.truth('users')];
  const held = (text: string) =>
    users.filter(user =>
      ['first_name', 'last_name', 'username', 'email'].some(name => String(user[name]).toLowerCase().includes(text)),
    ).length;
  const letter = [...'bdfghijkuvwyz'].find(each => held(each) > users.length / 2 && held(each) < users.length);
  const filtered = await run(
    'ingest',
    '--source-table',
    'users',
    '--filter',
    `search_text=${letter}`,
    '--dest-table',
    'docebo.users_one',
  );
  expect(filtered.exitCode).toBe(0);
  await run('load', 'last', '--dest-table', 'docebo.users');
  expect(await query(join(folder, 'out.duckdb'), 'SELECT count(*)::INT FROM docebo.users')).toEqual(before);
});

const lookup = async (url: string, ...args: readonly string[]) => {
  const folder = await mkdtemp(join(tmpdir(), 'adv-lookup-'));
  onTestFinished(async () => rm(folder, {recursive: true}));
  return runCli(['lookup', ...args, '--state-dir', folder], {
    DOCEBO_BASE_URL: url,
    DOCEBO_CLIENT_ID: 'x',
    DOCEBO_CLIENT_SECRET: 'served-s3cret',
  });
};

it.each([
  ['\u001b[2J\u202e', 0],
  ['ann\nbob', 0],
])('held: control characters of names and of the text reach no terminal', async text => {
  const {url} = await serve(path =>
    path === '/manage/v1/user'
      ? pageOf(JSON.stringify({user_id: 1, username: `a${text}b`, first_name: text, fullname: text, email: text}))
      : undefined,
  );
  const told = await lookup(url, `q${text}`);
  expect(told.stdout + told.stderr).not.toMatch(/\u001b|\u202e/);
  const none = await serve(path => (path === '/manage/v1/user' ? pageOf() : undefined));
  const nobody = await lookup(none.url, `q${text}`);
  expect(nobody.stdout + nobody.stderr).not.toMatch(/\u001b|\u202e/);
});

it.each(['', '   '])('held: an empty text %j is a usage error', async text => {
  const {url} = await serve(() => pageOf());
  expect((await lookup(url, text)).exitCode).toBe(2);
});

it('a search that Docebo ignores finds nobody who does not hold the text', async () => {
  const {url} = await serve(path =>
    path === '/manage/v1/user'
      ? pageOf('{"user_id":1,"username":"zoe","first_name":"Zoe","email":"z@x.org"}')
      : undefined,
  );
  const told = await lookup(url, 'ann', '--json');
  expect(JSON.parse(told.stdout)).toEqual([]);
});

it('a right that is lacking for the detail by id is told, and is no "nobody"', async () => {
  const {url} = await serve(path =>
    path === '/manage/v1/user' ? pageOf() : {status: 403, body: '{"message":["no right"]}'},
  );
  const told = await lookup(url, '51153');
  expect(told.stderr).toMatch(/right|403/);
});

it('a run is not resumed with another filter whose words are the same', async () => {
  let broken = true;
  const {load} = await serve((path, ask) => {
    if (path !== '/manage/v1/user') return undefined;
    if (ask.get('page') === '2' && broken) return {status: 500, body: '{}'};
    const more = ask.get('page') === '1';
    return `{"data":{"items":[{"user_id":${ask.get('page')}}],"has_more_data":${more},"current_page":${ask.get('page')},"current_page_size":1}}`;
  });
  const by = (filters: Record<string, readonly string[]>) => ({
    loads: [{table: filterTable(tableNamed('users'), filters, 'people'), target}],
    docebo: {pageSize: 1},
  });
  expect((await load([], by({search_text: ['a'], match_type: ['full']}))).exitCode).not.toBe(0);
  broken = false;
  const other = await load([], {...by({search_text: ['a, match_type=full']}), resume: true}).then(
    report => report.exitCode,
    (error: unknown) => error,
  );
  expect(other).toBeInstanceOf(UsageError);
});

it('a filtered table is no base of a merge that saves calls', async () => {
  const {load, file, emulator} = await rehearse({users: 60});
  const run = {
    loads: [whole],
    cast: {invalidDates: 'epoch', onCastError: 'null', schemaContract: 'evolve', loadMetadata: false} as const,
  };
  expect((await load([], {pageSize: 5}, {...run, merge: defaultMerge})).exitCode).toBe(0);
  const users = [...emulator.truth('users')];
  const held = (text: string) =>
    users.filter(user =>
      ['first_name', 'last_name', 'username', 'email'].some(name => String(user[name]).toLowerCase().includes(text)),
    ).length;
  const letter = [...'bdfghijkuvwyz'].find(each => held(each) > users.length / 2 && held(each) < users.length) ?? '';
  const partial = await load(
    [],
    {pageSize: 5},
    {...run, loads: [{...some, table: filterTable(tableNamed('users'), {search_text: [letter]}, 'people')}]},
  );
  expect(partial.tables[0]?.rows).toBeLessThan(60);
  await load([], {pageSize: 5}, {...run, merge: defaultMerge});
  expect(await query(file, 'SELECT count(*)::INT FROM people')).toEqual([[60]]);
});

it('control characters of names reach no terminal as JSON either', async () => {
  const text = 'x\u009b2J\u202ey';
  const {url} = await serve(path =>
    path === '/manage/v1/user' ? pageOf(JSON.stringify({user_id: 1, username: text})) : undefined,
  );
  const told = await lookup(url, 'x', '--json');
  expect(JSON.parse(told.stdout)[0].username).toBe(text);
  expect(told.stdout).not.toMatch(/[\u0080-\u009f\u202e]/);
});
