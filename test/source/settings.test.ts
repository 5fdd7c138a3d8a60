import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {inspect} from 'node:util';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {UsageError} from '../../src/errors.js';
import type {Secret} from '../../src/secret.js';
import {leaveOutOtherTenant, readSettings, type SettingsInput} from '../../src/source/settings.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-ingest-'));
});

afterEach(async () => {
  await rm(folder, {recursive: true});
});

const settings = async (input: Partial<SettingsInput>) => readSettings({env: {}, allowHttp: false, ...input});

/** Base address and credentials with their secrets laid open. */
async function revealed(input: Partial<SettingsInput>) {
  const {baseUrl, credentials} = await settings(input);
  const entries = Object.entries<string | Secret>(credentials);
  return {
    baseUrl: baseUrl.href,
    ...Object.fromEntries(entries.map(([name, value]) => [name, typeof value === 'string' ? value : value.reveal()])),
  };
}

async function refusal(input: Partial<SettingsInput>): Promise<UsageError> {
  const error: unknown = await settings(input).catch((caught: unknown) => caught);
  if (error instanceof UsageError) return error;
  throw new TypeError(`These settings were taken: ${inspect(error)}`);
}

const base = {DOCEBO_BASE_URL: 'https://acme.docebosaas.com'};
const app = {...base, DOCEBO_CLIENT_ID: 'id', DOCEBO_CLIENT_SECRET: 'secret'};
const baseUrl = 'https://acme.docebosaas.com/';

describe('the source URI and variables that name two tenants', () => {
  const sourceUri = 'docebo://?base_url=https://other.example.com&client_id=other&client_secret=shared-secret';

  test('are not mixed: no password of one goes to the other', async () => {
    const env = {...app, DOCEBO_USERNAME: 'ann', DOCEBO_PASSWORD: 'pass-of-ann'};
    const uri = {baseUrl: 'https://other.example.com/', clientId: 'other', clientSecret: 'shared-secret'};
    expect(await revealed({env, sourceUri})).toEqual({...uri, grant: 'client_credentials'});
    for (const address of ['other.example.com', 'other.example.com:443', 'HTTPS://OTHER.example.com/']) {
      const same = {...env, DOCEBO_BASE_URL: address};
      expect(await revealed({env: same, sourceUri})).toMatchObject({...uri, grant: 'password', username: 'ann'});
    }
  });

  test('leave what is missing missing, and say why', async () => {
    const {message, hint} = await refusal({
      env: app,
      sourceUri: 'docebo://?base_url=https://other.example.com&client_id=x',
    });
    expect(message).toContain('client_secret is missing');
    expect(hint).toContain('another tenant, acme.docebosaas.com');
  });

  test('are refused where both are variables, without their secrets', async () => {
    const env = {...app, DOCEBO_BASE_URL: 'https://me:my-secret@acme.example.com', DOCEBO_INGEST_SOURCE_URI: sourceUri};
    const {message, hint} = await refusal({env, sourceUri});
    expect(message).toBe(
      'DOCEBO_INGEST_SOURCE_URI and DOCEBO_BASE_URL name two tenants: other.example.com and acme.example.com.',
    );
    expect(hint).toContain('Unset one of them');
  });

  test('nor does a config get what the variables say of another tenant', () => {
    const env = {...app, DOCEBO_PASSWORD: 'p', HTTPS_PROXY: 'http://p:1'};
    expect(leaveOutOtherTenant(env, {DOCEBO_BASE_URL: 'https://other.example.com'})).toEqual({
      HTTPS_PROXY: 'http://p:1',
    });
    expect(leaveOutOtherTenant(env, {DOCEBO_CLIENT_ID: 'x'})).toBe(env);
  });
});

describe('the grant follows from what is given', () => {
  test.each([
    ['client_credentials', {}, {clientId: 'id', clientSecret: 'secret'}],
    [
      'password',
      {DOCEBO_USERNAME: 'ann', DOCEBO_PASSWORD: 'pass'},
      {clientId: 'id', clientSecret: 'secret', username: 'ann', password: 'pass'},
    ],
    ['refresh_token', {DOCEBO_REFRESH_TOKEN: 'again'}, {clientId: 'id', clientSecret: 'secret', refreshToken: 'again'}],
    ['token', {DOCEBO_TOKEN: 'ready'}, {token: 'ready'}],
  ])('%s', async (grant, env, credentials) => {
    expect(await revealed({env: {...app, ...env}})).toEqual({baseUrl, grant, ...credentials});
  });

  test('jwt_bearer, with the key read from its file', async () => {
    const file = join(folder, 'key.pem');
    await writeFile(file, 'the key\n');
    const env = {...base, DOCEBO_CLIENT_ID: 'id', DOCEBO_USERNAME: 'ann', DOCEBO_PRIVATE_KEY_FILE: file};
    expect(await revealed({env})).toEqual({
      baseUrl,
      grant: 'jwt_bearer',
      clientId: 'id',
      username: 'ann',
      privateKey: 'the key\n',
    });
  });
});

describe('a setting', () => {
  const around = ['\n', '\r\n', '\r', ' ', '\t\n', '\ufeff'];

  test.each(around)('may stand between %j in a variable, a file and the URI', async blank => {
    const file = join(folder, 'secret');
    await writeFile(file, `${blank}se cret${blank}`);
    const sourceUri = `docebo://?client_secret=${encodeURIComponent(`${blank}se cret${blank}`)}`;
    const variables = {...base, DOCEBO_CLIENT_ID: `id${blank}`};
    for (const input of [
      {env: {...variables, DOCEBO_CLIENT_SECRET: `${blank}se cret${blank}`}},
      {env: {...variables, DOCEBO_CLIENT_SECRET_FILE: file}},
      {env: variables, sourceUri},
    ]) {
      expect(await revealed(input)).toMatchObject({clientId: 'id', clientSecret: 'se cret'});
    }
  });

  test('keeps the blanks of a password that the URI spells out', async () => {
    const sourceUri = 'docebo://?username=ann&password=%20pass%20';
    expect(await revealed({env: app, sourceUri})).toMatchObject({password: ' pass '});
  });

  test.each(['se\ncret', 'se\u0000cret', 'se\u0085cret'])('%j is refused by name, and not repeated', async secret => {
    const file = join(folder, 'secret');
    await writeFile(file, secret);
    const {DOCEBO_CLIENT_SECRET: _, ...others} = app;
    for (const [input, name] of [
      [{env: {...app, DOCEBO_CLIENT_SECRET: secret}}, 'DOCEBO_CLIENT_SECRET'],
      [{env: {...others, DOCEBO_CLIENT_SECRET_FILE: file}}, 'DOCEBO_CLIENT_SECRET_FILE'],
      [{env: app, sourceUri: `docebo://?client_secret=${encodeURIComponent(secret)}`}, 'client_secret'],
    ] as const) {
      const {message} = await refusal(input);
      expect(message).toContain(`${name} holds a line break`);
      expect(message).not.toContain(secret);
    }
  });

  test.each(['to ken', 'tökén'])('%j is no token that a header takes', async token => {
    expect((await refusal({env: {...base, DOCEBO_TOKEN: token}})).message).toContain('no token has');
  });

  test('is read from a file that the environment names', async () => {
    const file = join(folder, 'secret');
    await writeFile(file, 'secret\n');
    const env = {...base, DOCEBO_CLIENT_ID: 'id', DOCEBO_CLIENT_SECRET_FILE: file};
    expect(await revealed({env})).toEqual({
      baseUrl,
      grant: 'client_credentials',
      clientId: 'id',
      clientSecret: 'secret',
    });
  });

  test('of the URI wins over the environment, and the rest is taken from there', async () => {
    const sourceUri = 'docebo://?base_url=https://acme.docebosaas.com&client_secret=ours';
    expect(await revealed({sourceUri, env: app})).toEqual({
      baseUrl,
      grant: 'client_credentials',
      clientId: 'id',
      clientSecret: 'ours',
    });
  });

  test('that is empty counts as left out', async () => {
    const env = {...app, DOCEBO_TOKEN: '', DOCEBO_PASSWORD: '', DOCEBO_PASSWORD_FILE: ''};
    expect((await settings({sourceUri: 'docebo://?client_id=', env})).credentials.grant).toBe('client_credentials');
  });

  test('whose file cannot be read is refused by the name of the variable', async () => {
    const file = join(folder, 'absent');
    const {message} = await refusal({env: {...base, DOCEBO_CLIENT_ID: 'id', DOCEBO_CLIENT_SECRET_FILE: file}});
    expect(message).toBe(`DOCEBO_CLIENT_SECRET_FILE names a file that cannot be read (ENOENT).`);
  });
});

describe('whatever is missing is named at once', () => {
  test.each([
    [{}, 'base_url, client_id, client_secret are missing.'],
    [{DOCEBO_TOKEN: 's3cret'}, 'base_url is missing.'],
    [{DOCEBO_CLIENT_SECRET: 's3cret'}, 'base_url, client_id are missing.'],
    [{...base, DOCEBO_USERNAME: 'ann'}, 'client_id, client_secret, password are missing.'],
    [{...app, DOCEBO_PASSWORD: 's3cret'}, 'username is missing.'],
    [{DOCEBO_PRIVATE_KEY_FILE: '/absent', DOCEBO_PASSWORD: 's3cret'}, 'base_url, client_id, username are missing.'],
  ])('%j: %s', async (env, missing) => {
    const {message, hint} = await refusal({env});
    expect(message).toBe(`Docebo's credentials are incomplete: ${missing}`);
    expect(`${message} ${hint}`).not.toContain('s3cret');
  });

  test('with the variables to set', async () => {
    expect((await refusal({env: {}})).hint).toContain('DOCEBO_BASE_URL, DOCEBO_CLIENT_ID, DOCEBO_CLIENT_SECRET');
  });
});

describe('base_url', () => {
  const read = async (address: string, allowHttp = false) =>
    (await settings({env: {...app, DOCEBO_BASE_URL: address}, allowHttp})).baseUrl.href;

  test.each([
    ['https://acme.docebosaas.com', 'https://acme.docebosaas.com/'],
    ['HTTPS://Acme.DoceboSaas.com/lms/', 'https://acme.docebosaas.com/lms/'],
    ['acme.docebosaas.com', 'https://acme.docebosaas.com/'],
    ['acme.docebosaas.com/', 'https://acme.docebosaas.com/'],
    ['acme.docebosaas.com:8443', 'https://acme.docebosaas.com:8443/'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/'],
    ['http://127.9.9.9', 'http://127.9.9.9/'],
    ['http://localhost:1', 'http://localhost:1/'],
    ['http://[::1]:1', 'http://[::1]:1/'],
  ])('%s is taken as %s', async (address, url) => {
    expect(await read(address)).toBe(url);
  });

  test.each([
    'http://acme.docebosaas.com',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'http://10.0.0.1',
  ])('%s is taken only if http is allowed', async address => {
    const {message, hint} = await refusal({env: {...app, DOCEBO_BASE_URL: address}});
    expect(message).toBe(`base_url ${address} is not https, so the credentials would travel in the clear.`);
    expect(hint).toContain('--allow-http');
    expect(await read(address, true)).toBe(`${address}/`);
  });

  test.each([
    'ftp://acme.docebosaas.com',
    'acme',
    'https://',
    'https://ann:s3cret@acme.docebosaas.com',
    'https://acme.docebosaas.com?token=s3cret',
    'https://acme.docebosaas.com#s3cret',
    'file:///etc/s3cret',
  ])('%s is refused without repeating it', async address => {
    const {message, hint} = await refusal({env: {...app, DOCEBO_BASE_URL: address}});
    expect(message).toBe('base_url is not the address of a Docebo tenant.');
    expect(hint).not.toContain('s3cret');
  });
});

test('settings printed, serialised or inspected show no secret', async () => {
  const env = {...app, DOCEBO_CLIENT_SECRET: 's3cret', DOCEBO_USERNAME: 'ann', DOCEBO_PASSWORD: 's3cret'};
  const read = await settings({env});
  expect(`${JSON.stringify(read)} ${inspect(read, {depth: 9, showHidden: true})}`).not.toContain('s3cret');
});
