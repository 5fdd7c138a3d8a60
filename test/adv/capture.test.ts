import {mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, it} from 'vitest';
import {readCapture} from '../../src/capture/read-capture.js';
import {refuseFullFolder, writeCapture} from '../../src/capture/write-capture.js';
import {startReplay} from '../../src/emulator/replay.js';
import {UsageError} from '../../src/errors.js';
import {tables} from '../../tables/index.js';
import {capture, listenAs} from '../capture/taking.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-adv-'));
});
afterEach(async () => {
  await rm(folder, {recursive: true, force: true});
});

const named = (...names: readonly string[]) => tables.filter(({name}) => names.includes(name));

async function textOf(
  body: unknown,
  headers: Readonly<Record<string, string>> = {'content-type': 'application/json'},
  status = 200,
) {
  const served = await listenAs(() => ({
    status,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers,
  }));
  try {
    const captured = join(folder, 'capture');
    await capture(served, captured, {tables: named('users'), maxAttempts: 1});
    const files = (await readdir(captured)).filter(name => name !== 'README.txt');
    return (await Promise.all(files.map(async name => readFile(join(captured, name), 'utf8')))).join('\n');
  } finally {
    await served.close();
  }
}
const list = (record: object, around: object = {}) => ({
  data: {
    items: [{user_id: '51153', username: 'zelda', ...record}],
    count: 1,
    has_more_data: false,
    total_count: 1,
    ...around,
  },
});

it.each<[string, unknown]>([
  ['current_page around the list', list({}, {current_page: 'https://siemens.docebosaas.com/manage?page=1'})],
  ['current_page in a record', list({current_page: {title: 'Siemens onboarding'}})],
  ['current_page_size as a text', list({}, {current_page_size: 'siemens'})],
  ['a lone map with one known key', list({multidomains: {name: 'x', siemens: 'y'}})],
  ['a map of user names at the root', {success: true, siemens: {level: 'user'}}],
  ['a map from additional fields by slug', list({additional_fields: {field_12: 'x', siemens: 'y'}})],
  ['a message with a version', list({version: '12.05.79.33'})],
  ['a key of a record', list({siemens_region: 'north'})],
  ['an error', {name: 'Forbidden', message: ['no'], siemens: 1}],
])('%s does not leave a name of the tenant', async (_, body) => {
  expect(await textOf(body)).not.toMatch(/siemens|onboarding|12\.05\.79\.33/i);
});

it.each(['application/vnd.siemens+json', 'application/json; charset=siemens'])(
  'a content type does not leave it: %s',
  async type => {
    expect(await textOf(list({}), {'content-type': type})).not.toMatch(/siemens/i);
  },
);

it('an IP address in a header that names a version does not stay', async () => {
  expect(
    await textOf(list({}), {
      'content-type': 'application/json',
      'x-docebo-api-version': '10.44.17.203',
      server: 'nginx/10.44.17.203',
    }),
  ).not.toContain('10.44.17.203');
});

it('an id of one digit in a name of members does not stay', async () => {
  expect(await textOf(list({fullname: 'Room 7', username: '0000000007'}))).not.toMatch(/Room 7|0000000007/);
});

it.each([
  ['nested', list({note: JSON.stringify({inner: JSON.stringify({who: 'siemens'})})})],
  ['base64', list({note: Buffer.from('siemens and zelda sign this contract').toString('base64')})],
  ['html', list({note: '<a href="https://siemens.com/x?u=zelda">siemens</a>'})],
  ['escaped', list({note: 'si\u00admens s\u200biemens &#115;iemens'})],
  ['percent', list({note: '%73%69%65%6d%65%6e%73'})],
  ['url with userinfo', list({note: 'https://zelda:siemens@example.com/siemens'})],
  ['mailto', list({note: 'mailto:zelda@siemens.com'})],
  ['unc', list({note: '\\\\siemens\\share'})],
  ['json keys', list({note: '{"siemens": {"zelda": 1}}'})],
  ['php', list({note: 'a:1:{s:7:"siemens";i:1;}'})],
  ['math letters', list({note: '𝓼𝓲𝓮𝓶𝓮𝓷𝓼'})],
  ['zone', list({timezone: 'Europe/Siemens', creation_date: '2024-05-06 07:08:09 +05:45'})],
])('held: %s', async (_, body) => {
  expect(await textOf(body)).not.toMatch(/siemens|zelda|%73|&#115|𝓼|05:45|2024/i);
});

it('takes an empty folder behind a symbolic link, or refuses it before a call', async () => {
  await mkdir(join(folder, 'real'));
  await symlink(join(folder, 'real'), join(folder, 'link'));
  const refused = await refuseFullFolder(join(folder, 'link')).then(
    () => false,
    () => true,
  );
  if (!refused) await writeCapture(join(folder, 'link'), new Map(), {tool: 'x', day: '2026-01-01'});
});

const whole = {
  request: '/manage/v1/user',
  status: 200,
  headers: {},
  counted: {},
  is_json: true,
  body: {data: []},
};
async function replay(change: object, others: object | null = null, more: readonly string[] = []) {
  await writeFile(
    join(folder, 'capture.json'),
    JSON.stringify({format: 1, tool: 'x', day: '2026-01-01', tables: {users: {file: 'users.json', seen: 'read'}}}),
  );
  await writeFile(
    join(folder, 'users.json'),
    JSON.stringify({
      table: 'users',
      routes: [
        {
          route: '/manage/v1/user',
          shape: {},
          replies: [{...whole, ...change}],
          others,
          ...('route' in change ? {route: change.route} : {}),
        },
      ],
    }),
  );
  // Damage is told as such.
  const recording = await readCapture(folder).catch((error: unknown) => {
    expect(error).toBeInstanceOf(UsageError);
    return undefined;
  });
  if (recording === undefined) return;
  const server = await startReplay(recording).catch((error: unknown) => {
    expect(error).toBeInstanceOf(UsageError);
    return undefined;
  });
  if (server === undefined) return;
  try {
    const {clientId, clientSecret} = server.credentials;
    const token = await fetch(`${server.url}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
        scope: 'api',
      }),
    });
    const {access_token: bearer} = (await token.json()) as {access_token: string};
    for (const path of ['/manage/v1/user', '/manage/v1/other', ...more]) {
      const answer = await fetch(server.url + path, {
        headers: {authorization: `Bearer ${bearer}`},
        signal: AbortSignal.timeout(2000),
      });
      expect([200, 404]).toContain(answer.status);
    }
  } finally {
    await server.close();
  }
}

it.each<[string, object, object | null]>([
  ['status 0', {status: 0}, null],
  ['status 99999', {status: 99_999}, null],
  ['status 101', {status: 101}, null],
  ['a request that is no URL', {request: 'http://['}, null],
  ['a route that is no URL', {route: 'http://['}, {status: 200, body: {}, fill: {}}],
  ['a route with a bad escape', {route: '/manage/%zz/{x}'}, {status: 200, body: {}, fill: {}}],
  [
    'a route and a prototype',
    {route: '/manage/v1/{x}'},
    {status: 200, body: {a: {}}, fill: {'__proto__.x': 'x', 'constructor.prototype.y': 'x'}},
  ],
  ['others of status 7', {route: '/manage/v1/{x}'}, {status: 7, body: {}, fill: {}}],
])('a tampered capture is refused as damaged, or served: %s', async (_, change, others) => {
  await replay(change, others);
  const bare: Record<string, unknown> = {};
  const polluted = bare['x'];
  // Other tests must not see it.
  Reflect.deleteProperty(Object.prototype, 'x');
  expect(polluted).toBeUndefined();
});

it('a file of a capture is none outside it', async () => {
  await mkdir(join(folder, 'c'));
  await writeFile(join(folder, 'users.json'), '{"routes":[]}');
  await writeFile(
    join(folder, 'c', 'capture.json'),
    JSON.stringify({format: 1, tool: 'x', day: 'x', tables: {users: {file: '../users.json', seen: ''}}}),
  );
  await expect(readCapture(join(folder, 'c'))).rejects.toThrow(UsageError);
});

it('a surname that is also a word for no is invented', async () => {
  expect(await textOf(list({last_name: 'No', first_name: 'Null'}))).not.toMatch(/"No"|"Null"/);
});

it('a capture takes odd JSON without a crash', async () => {
  const deep = `${'['.repeat(3000)}1${']'.repeat(3000)}`;
  for (const body of [
    deep,
    '{"data":{"items":[{"__proto__":{"x":"siemens"},"constructor":"siemens","user_id":1e400,"username":"\\ud800"}]}}',
    '[]',
    'null',
    '"siemens"',
    '12345678',
    '\ufeff{"data":{"items":[{"user_id":1,"username":"siemens"}]}}',
  ]) {
    expect(await textOf(body)).not.toMatch(/siemens|12345678/i);
    await rm(join(folder, 'capture'), {recursive: true});
  }
});

it('a request with a bad escape is answered with 404', async () => {
  await replay({route: '/manage/v1/{x}'}, {status: 200, body: {}, fill: {}}, ['/manage/v1/%zz']);
});
