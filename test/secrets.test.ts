import {generateKeyPairSync} from 'node:crypto';
import {mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import type {IncomingMessage, ServerResponse} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {type Emulator, type Fault, startEmulator} from '../src/emulator/index.js';
import {runCli} from './cli/run-cli.js';
import {listen} from './source/tenant.js';

const secrets = {clientSecret: 's3cret-of-the-client', password: 'pa55-word-of-admin'};
const credentials = {clientId: 'the-client', username: 'admin@example.com', ...secrets};

let emulator: Emulator;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-secrets-'));
  emulator = await startEmulator({users: 20, credentials});
});

afterEach(async () => {
  await emulator.close();
  await rm(folder, {recursive: true});
});

const always = Number.POSITIVE_INFINITY;
const troubles: Readonly<Record<string, readonly Fault[]>> = {
  'a run without trouble': [],
  'a refused token': [{match: '/manage/v1/user', kind: 'status', status: 401, times: always}],
  'a forbidden table': [{match: '/manage/v1/user', kind: 'status', status: 403, times: always}],
  'a page of HTML': [{match: '/learn/v1/certification', kind: 'html'}],
  'a connection reset': [{match: '/learn/v1/certification', kind: 'reset'}],
};

test.each(Object.entries(troubles))(
  '%s shows no secret, whatever is logged and however it is signed in',
  async (_, faults) => {
    const {privateKey} = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: {type: 'pkcs8', format: 'pem'},
      publicKeyEncoding: {type: 'spki', format: 'pem'},
    });
    await writeFile(join(folder, 'key.pem'), privateKey);
    const base = {DOCEBO_BASE_URL: emulator.url, DOCEBO_CLIENT_ID: credentials.clientId};
    const allWays: readonly Readonly<Record<string, string>>[] = [
      {...base, DOCEBO_CLIENT_SECRET: secrets.clientSecret},
      {
        ...base,
        DOCEBO_CLIENT_SECRET: secrets.clientSecret,
        DOCEBO_USERNAME: credentials.username,
        DOCEBO_PASSWORD: secrets.password,
      },
      {...base, DOCEBO_USERNAME: credentials.username, DOCEBO_PRIVATE_KEY_FILE: join(folder, 'key.pem')},
      {...base, DOCEBO_CLIENT_SECRET: `${secrets.clientSecret}-wrong`},
      {DOCEBO_BASE_URL: emulator.url, DOCEBO_TOKEN: 'a-token-that-is-not-good'},
    ];
    // How it is signed in matters to the first request, what goes wrong to those that follow.
    const ways = faults.length === 0 ? allWays : allWays.slice(1, 2);
    const body = /^[\w+/=]{60,}$/m.exec(privateKey)?.[0] ?? privateKey;
    const hidden = [...Object.values(secrets), 'a-token-that-is-not-good', body];
    for (const env of ways) {
      emulator.setFaults(faults);
      const {stdout, stderr} = await runCli(
        [
          'ingest',
          ...['--source-table', 'users,certifications', '--dest-uri', `duckdb:///${folder}/out.duckdb`],
          ...['--state-dir', join(folder, 'state'), '--debug', '--progress', 'log'],
        ],
        env,
      );
      expect(stderr).not.toBe('');
      for (const secret of hidden) expect(`${stdout}${stderr}`).not.toContain(secret);
      for (const token of tokensIn(stdout + stderr)) expect.fail(`a token is shown: ${token}`);
    }
    const files = await readdir(join(folder, 'state'), {recursive: true, withFileTypes: true});
    for (const file of files.filter(entry => entry.isFile())) {
      const text = await readFile(join(file.parentPath, file.name), 'utf8');
      for (const secret of hidden) expect(text).not.toContain(secret);
    }
  },
);

/** Docebo's tokens are 40 hexadecimal digits (tables/API.md#tokens). */
function tokensIn(output: string): readonly string[] {
  return output.match(/\b[0-9a-f]{40}\b/g) ?? [];
}

const token = 'tok-"4f/e1+d2=c3';
const quoting = 'p\'4 "ss"/w+rd&<é>';

/** What a Docebo may answer that repeats all it was sent, in any spelling. */
const echoes: Readonly<Record<string, (said: readonly string[], response: ServerResponse) => void>> = {
  'in a message': (said, response) =>
    response.writeHead(403, {'content-type': 'application/json'}).end(JSON.stringify({message: said})),
  'in a passing error': (said, response) =>
    response.writeHead(500, {'content-type': 'application/json'}).end(JSON.stringify({message: said})),
  'in a redirect': (said, response) => response.writeHead(302, {location: `https://${said.at(-1)}.example/`}).end(),
  'in the content type': (said, response) =>
    response.writeHead(404, {'content-type': encodeURI(said.join(' '))}).end('no'),
  'in a success': (said, response) =>
    response.end(JSON.stringify({success: false, message: said.map(encodeURIComponent)})),
  'in a key that is not declared': (said, response) =>
    response.end(
      JSON.stringify({
        data: {items: [{user_id: 1, [said[0] ?? '']: 1}], count: 1, total_count: 1, has_more_data: false},
      }),
    ),
  'in base64': (said, response) =>
    response
      .writeHead(403, {'content-type': 'application/json'})
      .end(JSON.stringify({message: said.map(each => `Basic ${Buffer.from(`client:${each}`).toString('base64')}`)})),
};

test.each(Object.entries(echoes))('what Docebo repeats %s is not shown', async (_, echo) => {
  let calls = 0;
  const url = await listen(async (request, response) => {
    if (request.url === '/oauth2/token') response.end(JSON.stringify({access_token: token}));
    // A second try would only take time.
    else if (calls++ % 2 === 0) echo([token, `Bearer ${token}`, quoting, 'the-client-secret'], response);
    else response.writeHead(403).end();
  });
  const shown = await load({
    DOCEBO_BASE_URL: url,
    DOCEBO_CLIENT_ID: 'client',
    DOCEBO_CLIENT_SECRET: 'the-client-secret',
    DOCEBO_USERNAME: 'ann',
    DOCEBO_PASSWORD: quoting,
  });
  expect(shown).toContain('***');
  expectHidden(shown, [token, quoting, 'the-client-secret']);
});

test('what the token endpoint repeats of a request is not shown, a signed assertion neither', async () => {
  const url = await listen(async (request: IncomingMessage, response) => {
    const sent = await text(request);
    const form = new URLSearchParams(sent);
    const description = [form.get('assertion'), form.get('client_secret'), form.get('password'), sent].join(' ');
    response.writeHead(400).end(JSON.stringify({error: 'invalid', error_description: description}));
  });
  const {privateKey} = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: {type: 'pkcs8', format: 'pem'},
    publicKeyEncoding: {type: 'spki', format: 'pem'},
  });
  await writeFile(join(folder, 'key.pem'), privateKey);
  const base = {DOCEBO_BASE_URL: url, DOCEBO_CLIENT_ID: 'client', DOCEBO_USERNAME: 'ann'};
  const byPassword = await load({...base, DOCEBO_CLIENT_SECRET: 'the-client-secret', DOCEBO_PASSWORD: quoting});
  // Of what it says only its code is told.
  expect(byPassword).toContain('(400): invalid.');
  expectHidden(byPassword, ['the-client-secret', quoting]);
  const byKey = await load({...base, DOCEBO_PRIVATE_KEY_FILE: join(folder, 'key.pem')});
  expect(byKey).toContain('(400): invalid.');
  expect(byKey).not.toMatch(/eyJ[\w-]{10}/);
});

test('a token in a reply that is no HTTP is not shown', async () => {
  let calls = 0;
  const url = await listen((request, response) => {
    const reply = JSON.stringify({access_token: 'a-token-never-read'});
    if (calls++ > 0) response.writeHead(401).end();
    else response.socket?.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${reply}\r\n`);
    request.resume();
  });
  const env = {DOCEBO_BASE_URL: url, DOCEBO_CLIENT_ID: 'client', DOCEBO_CLIENT_SECRET: 'the-client-secret'};
  const {stdout, stderr} = await runCli(['check', '--debug', '--source-table', 'users'], env);
  expect(stderr).toContain('HTTP_PARSER');
  expect(stdout + stderr).not.toContain('never-read');
});

const uri = 'docebo://?base_url=https://tenant-7.docebosaas.com&client_id=client-7&client_secret=abc';
const into = ['--dest-uri', 'duckdb://x.duckdb'];

test.each<[string, readonly string[]]>([
  ['that ends at a blank', ['ingest', '--source-uri', uri, 'REST', '--source-table', 'users', ...into]],
  ['that ends at a blank before the command', ['--source-uri', uri, 'REST', 'check']],
  ['that ends at a blank, and a dash follows', ['ingest', '--source-uri', uri, '--REST', ...into]],
  ['that goes on behind two dashes', ['ingest', '--source-uri', uri, '--', 'REST', ...into]],
  ['that ends at a quote', ['ingest', '--source-uri', `${uri}&password=p'REST' --source-table users`, ...into]],
  ['with a blank, as a table', ['ingest', '--source-table', `${uri} REST`, ...into]],
  ['with a comma and an exclamation mark, as a table', ['ingest', '--source-table', `${uri},!REST`, ...into]],
  ['as an argument', ['check', `${uri} REST`]],
  ['as a command', [`${uri} REST`]],
  ['as a run', ['load', `${uri}REST`]],
  ['as a flag', ['check', `--${uri} REST`]],
  ['as a destination', ['ingest', '--source-table', 'users', '--dest-uri', `${uri}REST`]],
  ['without its slashes, as a destination', ['ingest', '--dest-uri', `docebo:?client_secret=abc REST`]],
  ['misspelt, as a destination', ['ingest', '--source-table', 'users', '--dest-uri', 'docbo//client_secret=REST']],
  ['as a schema', ['ingest', '--source-table', 'users', ...into, '--dest-table', `${uri}.REST`]],
  ['as a choice', ['ingest', '--progress', `${uri}REST`]],
  ['as a switch', ['ingest', `--json=${uri}REST`]],
  ['as a number', ['ingest', '--page-size', `${uri}REST`]],
  ['with an & in its secret', ['check', '--source-uri', `${uri}&REST=1`]],
  ['with a % in its secret', ['check', '--source-uri', `${uri}%REST`]],
  ['with a # in its secret', ['check', '--source-uri', `${uri}#REST`]],
])('a source URI %s is not repeated', async (_, args) => {
  const {exitCode, stdout, stderr} = await runCli([...args, '--debug', '--json'], {HOME: folder}, folder);
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({error: {code: 'E_USAGE'}});
  expect(stdout + stderr).not.toMatch(/REST|abc\b|tenant-7|client-7/);
});

/** All that a run says and writes down of a table, but for its records. */
async function load(env: Readonly<Record<string, string>>): Promise<string> {
  const args = ['ingest', '--source-table', 'users', '--dest-uri', `duckdb:///${folder}/out.duckdb`];
  const kept = ['--state-dir', join(folder, 'state'), '--debug'];
  let shown = '';
  for (const how of [
    ['--progress', 'log'],
    ['--progress', 'json', '--json'],
  ]) {
    const {stdout, stderr} = await runCli([...args, ...kept, ...how], env);
    shown += stdout + stderr;
  }
  return shown;
}

function expectHidden(shown: string, secrets: readonly string[]): void {
  for (const secret of secrets) {
    const spelt = [
      secret,
      secret.toLowerCase(),
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1),
      Buffer.from(`client:${secret}`).toString('base64').slice(8, -4),
    ];
    for (const each of spelt) expect(shown).not.toContain(each);
  }
}
