import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {type Emulator, startEmulator} from '../../src/emulator/index.js';
import {tokenForm} from './client.js';

let emulator: Emulator;
let clock = 0;
beforeEach(async () => {
  emulator = await startEmulator({users: 50, now: () => clock, tokenLifetimeSeconds: 60});
});
afterEach(() => emulator.close());

type Token = Record<string, unknown>;

async function ask(body: URLSearchParams | FormData | string, headers: Record<string, string> = {}) {
  const reply = await fetch(`${emulator.url}/oauth2/token`, {method: 'POST', body, headers});
  return {status: reply.status, body: (await reply.json()) as Token};
}

const list = (token: unknown): Promise<Response> =>
  fetch(`${emulator.url}/manage/v1/user`, {headers: {authorization: `Bearer ${token}`}});

describe('a token', () => {
  test('comes with a refresh token for a password', async () => {
    const {status, body} = await ask(tokenForm(emulator));
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^[0-9a-f]{40}$/),
      expires_in: 60,
      token_type: 'Bearer',
      scope: 'api',
      refresh_token: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
  });

  test('is given for each encoding of the request', async () => {
    const fields = Object.fromEntries(tokenForm(emulator));
    const multipart = new FormData();
    for (const [name, value] of Object.entries(fields)) multipart.set(name, value);
    expect((await ask(multipart)).status).toBe(200);
    expect((await ask(JSON.stringify(fields), {'content-type': 'application/json'})).status).toBe(200);
    const {clientId, clientSecret} = emulator.credentials;
    const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
    expect((await ask(new URLSearchParams({grant_type: 'client_credentials'}), {authorization: basic})).status).toBe(
      200,
    );
  });

  test('comes without a refresh token for client credentials and for a signed assertion', async () => {
    const client = await ask(tokenForm(emulator, {grant_type: 'client_credentials'}));
    expect(client.body).not.toHaveProperty('refresh_token');
    const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
    const bearer = await ask(new URLSearchParams({grant_type, assertion: 'aaa.bbb.ccc', scope: 'api'}));
    expect(bearer.body).toHaveProperty('access_token');
    expect(bearer.body).not.toHaveProperty('refresh_token');
    expect((await ask(new URLSearchParams({grant_type, assertion: 'nonsense'}))).status).toBe(400);
  });

  test('can be refreshed once', async () => {
    const {body} = await ask(tokenForm(emulator));
    const form = tokenForm(emulator, {grant_type: 'refresh_token', refresh_token: String(body['refresh_token'])});
    expect((await ask(form)).status).toBe(200);
    expect(await ask(form)).toMatchObject({status: 400, body: {error: 'invalid_grant'}});
  });

  test.each([
    [{client_secret: 'wrong'}, 'invalid_client'],
    [{client_id: 'wrong'}, 'invalid_client'],
    [{password: 'wrong'}, 'invalid_grant'],
    [{grant_type: 'magic'}, 'unsupported_grant_type'],
  ])('is refused for %j', async (changes, error) => {
    const refused = await ask(tokenForm(emulator, changes));
    expect(refused).toEqual({status: 400, body: {error, error_description: expect.any(String)}});
  });

  test('opens the API until it expires', async () => {
    const {body} = await ask(tokenForm(emulator));
    expect((await list(body['access_token'])).status).toBe(200);
    clock += 59_000;
    expect((await list(body['access_token'])).status).toBe(200);
    clock += 1000;
    const late = await list(body['access_token']);
    expect(late.status).toBe(401);
    expect(await late.json()).toEqual({name: 'Unauthorized', message: [expect.any(String)], code: 0, status: 401});
  });
});

test('without a token nothing is answered', async () => {
  expect((await fetch(`${emulator.url}/manage/v1/user`)).status).toBe(401);
  expect((await list('0'.repeat(40))).status).toBe(401);
});
