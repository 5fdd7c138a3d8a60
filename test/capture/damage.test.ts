import {mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {readCapture} from '../../src/capture/read-capture.js';
import {refuseFullFolder, writeCapture} from '../../src/capture/write-capture.js';
import {startReplay} from '../../src/emulator/index.js';
import {UsageError} from '../../src/errors.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-capture-'));
});

afterEach(async () => {
  await rm(folder, {recursive: true, force: true});
});

const reply = {request: '/manage/v1/user', status: 200, headers: {}, counted: {}, is_json: true, body: {data: []}};
const other = {status: 200, body: {a: {}}, fill: {}};

interface Changed {
  readonly route?: string;
  readonly reply?: object;
  readonly others?: object;
  readonly file?: string;
}

/** A capture of one reply, as somebody has changed it. */
async function readChanged({route = '/manage/v1/{x}', reply: changed = {}, others = {}, file = 'users.json'}: Changed) {
  const head = {format: 1, tool: 'x', day: '2026-01-01', tables: {users: {file, seen: 'read'}}};
  await writeFile(join(folder, 'capture.json'), JSON.stringify(head));
  const routes = [{route, shape: {}, replies: [{...reply, ...changed}], others: {...other, ...others}}];
  await writeFile(join(folder, 'users.json'), JSON.stringify({table: 'users', routes}));
  return readCapture(folder);
}

test.each<[string, Changed]>([
  ['a status of 0', {reply: {status: 0}}],
  ['a status of five digits', {reply: {status: 99_999}}],
  ['a status that ends no answer', {reply: {status: 101}}],
  ['a status of others that is none', {others: {status: 7}}],
  ['a request that is no URL', {reply: {request: 'http://['}}],
  ['a request to another server', {reply: {request: '//example.com/manage/v1/user'}}],
  ['a request that cannot be decoded', {reply: {request: '/manage/%zz'}}],
  ['a route that is no URL', {route: 'http://['}],
  ['a route that cannot be decoded', {route: '/manage/%zz/{x}'}],
  ['a path to a prototype', {others: {fill: {'__proto__.x': 'x'}}}],
  ['a path to the prototype of all', {others: {fill: {'constructor.prototype.y': 'x'}}}],
  ['a path to nothing', {others: {fill: {'a.b': 'x'}}}],
  ['a file outside the folder', {file: '../users.json'}],
])('%s is told as damage', async (_, change) => {
  const error = await readChanged(change).catch((refusal: unknown) => refusal);
  expect(error).toBeInstanceOf(UsageError);
  expect(error).toMatchObject({message: expect.stringContaining('is damaged'), hint: expect.stringMatching(/^Copy/)});
});

/** Asks a replay as a client does. */
async function ask({url, credentials}: Awaited<ReturnType<typeof startReplay>>, path: string) {
  const {clientId, clientSecret} = credentials;
  const form = {grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, scope: 'api'};
  const token = await fetch(`${url}/oauth2/token`, {method: 'POST', body: new URLSearchParams(form)});
  const {access_token: bearer} = JSON.parse(await token.text());
  return fetch(url + path, {headers: {authorization: `Bearer ${bearer}`}});
}

test('a request that cannot be decoded is answered with 404', async () => {
  const replay = await startReplay(await readChanged({}));
  try {
    expect((await ask(replay, '/manage/v1/user')).status).toBe(200);
    expect((await ask(replay, '/manage/v1/other')).status).toBe(200);
    expect((await ask(replay, '/manage/v1/%zz')).status).toBe(404);
  } finally {
    await replay.close();
  }
});

test('a replay writes to members of the body only', async () => {
  const fill = {'__proto__.polluted': 'x', 'constructor.prototype.polluted': 'x', 'a.toString': 'x', id: 'x'};
  const others = [{route: '/manage/v1/{x}', status: 200, body: '{"id":"1","a":{}}', fill}];
  const replay = await startReplay({replies: [], others});
  try {
    expect(await (await ask(replay, '/manage/v1/17')).json()).toEqual({id: '17', a: {}});
    expect(Reflect.has({}, 'polluted')).toBe(false);
  } finally {
    // Other tests must not see it.
    Reflect.deleteProperty(Object.prototype, 'polluted');
    await replay.close();
  }
});

test('a replay that fills in an id leaves all numbers as they were recorded', async () => {
  const body = String.raw`{"id":1,"code":"7","big":12345678901234567890,"part":1.0,"none":null,"say \"n1":"n\"2","list":[0.50,{"id":3}]}`;
  const others = [{route: '/manage/v1/{x}', status: 200, body, fill: {id: 'x', code: 'x', none: 'x'}}];
  const replay = await startReplay({replies: [], others});
  try {
    const filled = body.replace('"id":1', '"id":9007199254740993').replaceAll(/"7"|null/g, '"9007199254740993"');
    expect(await (await ask(replay, '/manage/v1/9007199254740993')).text()).toBe(filled);
  } finally {
    await replay.close();
  }
});

test('a folder that is there stays that folder, as one that a container has mounted', async () => {
  const out = join(folder, 'mounted');
  await mkdir(out, {mode: 0o755});
  const before = await stat(out);
  await writeCapture(out, new Map(), {tool: 'x', day: '2026-01-01'});
  const {ino, mode} = await stat(out);
  expect([ino, mode]).toEqual([before.ino, before.mode]);
  expect((await readdir(out)).sort()).toEqual(['README.txt', 'capture.json']);
  expect(await readdir(folder)).toEqual(['mounted']);
  await expect(writeCapture(out, new Map(), {tool: 'x', day: '2026-01-01'})).rejects.toThrow('is not empty');
});

describe('a symbolic link', () => {
  const facts = {tool: 'x', day: '2026-01-01'};

  test('to an empty folder leads to the capture', async () => {
    await mkdir(join(folder, 'real'));
    await symlink(join(folder, 'real'), join(folder, 'link'));
    await refuseFullFolder(join(folder, 'link'));
    await writeCapture(join(folder, 'link'), new Map(), facts);
    expect((await readdir(join(folder, 'real'))).sort()).toEqual(['README.txt', 'capture.json']);
    expect((await readdir(folder)).sort()).toEqual(['link', 'real']);
    await expect(refuseFullFolder(join(folder, 'link'))).rejects.toThrow('is not empty');
  });

  test('to nothing is refused before a call', async () => {
    await symlink(join(folder, 'gone'), join(folder, 'link'));
    await expect(refuseFullFolder(join(folder, 'link'))).rejects.toThrow('leads nowhere');
  });
});
