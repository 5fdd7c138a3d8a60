import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, it} from 'vitest';
import {type Emulator, startEmulator} from '../../src/emulator/index.js';
import {pageOf, serve} from '../helpers/served.js';
import {runCli} from './run-cli.js';

let emulator: Emulator;
let folder: string;

beforeAll(async () => {
  emulator = await startEmulator({users: 40});
  folder = await mkdtemp(join(tmpdir(), 'docebo-lookup-'));
});
afterAll(async () => {
  await emulator.close();
  await rm(folder, {recursive: true});
});

const lookup = async (args: readonly string[], {url = emulator.url, secret = 'demo-client-secret'} = {}) =>
  runCli(['lookup', '--state-dir', folder, ...args], {
    DOCEBO_BASE_URL: url,
    DOCEBO_CLIENT_ID: 'docebo-demo',
    DOCEBO_CLIENT_SECRET: secret,
  });

it('lists the users who hold the text, in words and as JSON, and the one whose id it is', async () => {
  const [first] = [...emulator.truth('users')];
  const {username, user_id: id} = first ?? expect.fail();
  const told = await lookup([String(username).toUpperCase().slice(0, -3)]);
  expect(told).toMatchObject({exitCode: 0, stderr: ''});
  expect(told.stdout).toMatch(new RegExp(`${id} +${username}`));
  const {stdout} = await lookup([String(id), '--json']);
  expect(JSON.parse(stdout)).toEqual([
    expect.objectContaining({user_id: Number(id), username, status: expect.anything()}),
  ]);
});

it('shows no more than asked for, and says that there are more', async () => {
  const {exitCode, stdout, stderr} = await lookup(['example.com', '--limit', '3', '--json']);
  expect([exitCode, JSON.parse(stdout).length]).toEqual([0, 3]);
  expect(stderr).toContain('There are more than 3 of them: --limit shows more.');
});

it('finds nothing without failing', async () => {
  expect(await lookup(['nobody-is-called-this', '--json'])).toMatchObject({exitCode: 0, stdout: '[]\n'});
  const told = await lookup(['nobody-is-called-this']);
  expect(told).toMatchObject({exitCode: 0, stdout: ''});
  expect(told.stderr).toContain('No user holds "nobody-is-called-this".');
});

it('leaves out blanks around the text, and says why two names together are found with nobody', async () => {
  const [first] = [...emulator.truth('users')];
  const {first_name: firstName, last_name: lastName} = first ?? expect.fail();
  expect((await lookup([` ${firstName} `])).stdout).toContain(String(lastName));
  const {exitCode, stderr} = await lookup([`${firstName}  ${lastName}`]);
  expect({exitCode, stderr}).toEqual({
    exitCode: 0,
    stderr: `No user holds "${firstName}  ${lastName}". A first and a last name are two fields: look for one of them.\n`,
  });
});

it.each(['--ann', '-&', '--quiet', '--help', '-5', '\\\\--x', '--limit=3'])(
  'takes %j after two dashes for a text',
  async text => {
    const {exitCode, stdout, stderr} = await lookup(['--limit', '2', '--', text]);
    expect([exitCode, stdout]).toEqual([0, '']);
    expect(stderr).toContain(`No user holds ${JSON.stringify(text)}.`);
  },
);

it.each([
  [[], 'lookup needs a text to look for.'],
  [['  '], 'lookup needs a text to look for.'],
  [['ann', 'bob'], 'Unknown argument: bob.'],
  [['ann', '--limit', '0'], '--limit takes a whole number from 1'],
  [['ann', '--limit', 'x'], '--limit takes a whole number from 1'],
])('%j is a mistake', async (args, message) => {
  const {exitCode, stderr} = await lookup(args);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
});

it('with bad credentials fails to authenticate, and without any says what is missing', async () => {
  const {exitCode, stderr, stdout} = await lookup(['ann', '--json'], {secret: 'wr0ng-secret'});
  expect([exitCode, JSON.parse(stdout).error.code]).toEqual([3, 'E_CREDENTIALS']);
  expect(stderr).toContain('Failed to authenticate: Docebo refused the credentials (400): invalid_client');
  expect(stderr + stdout).not.toContain('wr0ng-secret');
  const none = await runCli(['lookup', 'ann', '--state-dir', folder]);
  expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining('credentials are incomplete')]);
});

it('says what failed by the exit codes of a load', async () => {
  emulator.setFaults([{match: '/manage/v1/user', kind: 'status', status: 403, times: Number.POSITIVE_INFINITY}]);
  expect(await lookup(['ann'])).toMatchObject({exitCode: 5, stderr: expect.stringContaining('403')});
  emulator.setFaults([]);
});

it('spells out what a terminal would obey', async () => {
  const {url} = await serve(() =>
    pageOf('{"user_id":"1","username":"a\\u001b[2Jnn","fullname":"A\\u202e\\u0000N","email":"x\\ny"}'),
  );
  const told = await lookup(['ann'], {url});
  expect(told.exitCode).toBe(0);
  expect(told.stdout).toContain('a\\u001b[2Jnn');
  expect(told.stdout).toContain('A\\u202e\\u0000N');
  expect(told.stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  const {stdout} = await lookup(['ann', '--json'], {url});
  expect(stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  expect(JSON.parse(stdout)[0].username).toBe('a\u001b[2Jnn');
});

it('refuses a search that Docebo ignores, unless a value anywhere may explain what it found', async () => {
  const users = (...names: readonly string[]) =>
    pageOf(...names.map((name, index) => `{"user_id":${index + 1},"username":"${name}","more":{"x":["José"]}}`));
  const {url} = await serve((_, ask) => (ask.get('page_size') === '2' ? users('zoe', 'bob') : users('zoe')));
  const ignored = await lookup(['ann', '--limit', '1', '--json'], {url});
  expect(ignored.exitCode).toBe(5);
  expect(JSON.parse(ignored.stdout).error.message).toContain('Docebo ignores its search_text');
  for (const args of [['ann'], ['JOSE', '--limit', '1'], ['& zo', '--limit', '1']])
    expect(await lookup(args, {url})).toMatchObject({exitCode: 0, stdout: expect.stringContaining('zoe')});
});

it('takes only 404 for nobody of that id', async () => {
  const tenant = async (status: number) =>
    serve(path => (path === '/manage/v1/user' ? pageOf() : {status, body: '{"message":["no right"]}'}));
  expect(await lookup(['51153'], await tenant(404))).toMatchObject({exitCode: 0, stdout: ''});
  expect(await lookup(['51153'], await tenant(403))).toMatchObject({
    exitCode: 5,
    stderr: expect.stringContaining('no right'),
  });
});
