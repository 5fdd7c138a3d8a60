import {generateKeyPairSync} from 'node:crypto';
import {decodeJwt, jwtVerify} from 'jose';
import {describe, expect, test} from 'vitest';
import {CredentialsError, ResponseError} from '../../src/errors.js';
import {Secret} from '../../src/secret.js';
import type {Credentials} from '../../src/source/settings.js';
import {FakeClock} from './fake-clock.js';
import {clientCredentials, emulate, listen, open, parse} from './tenant.js';

const users = '/manage/v1/user?page_size=1';
const app = {clientId: 'docebo-demo', clientSecret: new Secret('demo-client-secret')};
const person = {username: 'admin@example.com', password: new Secret('demo-password')};

const {privateKey, publicKey} = generateKeyPairSync('rsa', {modulusLength: 2048});
const pem = privateKey.export({type: 'pkcs8', format: 'pem'}).toString();

async function askRefreshToken(url: string): Promise<{accessToken: string; refreshToken: string}> {
  const body = new URLSearchParams({
    grant_type: 'password',
    client_id: app.clientId,
    client_secret: app.clientSecret.reveal(),
    username: person.username,
    password: person.password.reveal(),
  });
  const reply = await fetch(`${url}/oauth2/token`, {method: 'POST', body});
  const tokens = (await reply.json()) as {access_token: string; refresh_token: string};
  return {accessToken: tokens.access_token, refreshToken: tokens.refresh_token};
}

const statuses = (requests: readonly {method: string; status: number}[]) =>
  requests.map(({method, status}) => `${method} ${status}`);

describe('a token', () => {
  const listenForTokens = async (answer: (token: number) => string) => {
    const asked = {tokens: 0};
    const url = await listen((request, response) => {
      response.end(request.method === 'POST' ? answer(++asked.tokens) : '{"data":{"count":1}}');
    });
    return {url, asked};
  };

  test.each([-1, 0, '', 'soon', null])('that is to live for %j lives for an hour', async lifetime => {
    const {url, asked} = await listenForTokens(() => JSON.stringify({access_token: 't', expires_in: lifetime}));
    const clock = new FakeClock();
    const {client} = open(url, {clock});
    for (let call = 0; call < 5; call++) await client.get(users, parse);
    clock.advance(3_500_000);
    await client.get(users, parse);
    expect(asked.tokens).toBe(1);
  });

  test('is asked for again if a page of maintenance came in its place, once it is known to be Docebo', async () => {
    const {url, asked} = await listenForTokens(token => (token === 2 ? '<html></html>' : '{"access_token":"t"}'));
    const clock = new FakeClock();
    const {client} = open(url, {clock});
    await client.get(users, parse);
    clock.advance(3_600_000);
    expect(await client.get(users, parse)).toHaveProperty('data.count', 1);
    expect(asked.tokens).toBe(3);
  });
});

describe('the API is opened by', () => {
  test.each<[string, Credentials]>([
    ['client credentials', clientCredentials],
    ['a password', {grant: 'password', ...app, ...person}],
    [
      'a signed assertion',
      {grant: 'jwt_bearer', clientId: 'docebo-demo', username: 'ann', privateKey: new Secret(pem)},
    ],
  ])('%s', async (_, credentials) => {
    const emulator = await emulate();
    const {client} = open(emulator.url, {}, credentials);
    expect(await client.get(users, parse)).toHaveProperty('data.count', 1);
    expect(statuses(emulator.requests)).toEqual(['POST 200', 'GET 200']);
    expect({tokenRequests: client.tokenRequests, ...client.counts}).toEqual({
      tokenRequests: 1,
      requests: 1,
      retries: 0,
      rateLimited: 0,
    });
  });

  test('a refresh token, each renewal by the one that the last brought', async () => {
    const clock = new FakeClock();
    const emulator = await emulate({now: clock.now, tokenLifetimeSeconds: 600});
    const {refreshToken} = await askRefreshToken(emulator.url);
    const {client} = open(
      emulator.url,
      {clock},
      {grant: 'refresh_token', ...app, refreshToken: new Secret(refreshToken)},
    );
    for (let renewal = 0; renewal < 3; renewal++) {
      await client.get(users, parse);
      clock.advance(600_000);
    }
    expect(statuses(emulator.requests.slice(1))).toEqual([
      ...['POST 200', 'GET 200'],
      ...['POST 200', 'GET 200'],
      ...['POST 200', 'GET 200'],
    ]);
  });

  test('a ready token, without a token request', async () => {
    const emulator = await emulate();
    const {accessToken} = await askRefreshToken(emulator.url);
    const {client} = open(emulator.url, {}, {grant: 'token', token: new Secret(accessToken)});
    await client.get(users, parse);
    expect({requests: statuses(emulator.requests.slice(1)), tokens: client.tokenRequests}).toEqual({
      requests: ['GET 200'],
      tokens: 0,
    });
  });
});

test('an assertion names the app, the user and the host, and is signed by the key', async () => {
  const assertions: string[] = [];
  const url = await listen(async (request, response) => {
    let form = '';
    for await (const chunk of request) form += chunk;
    if (request.method === 'POST') assertions.push(new URLSearchParams(form).get('assertion') ?? '');
    response.end('{"access_token":"t","data":[]}');
  });
  const clock = new FakeClock();
  const {client} = open(
    url,
    {clock},
    {
      grant: 'jwt_bearer',
      clientId: 'the-app',
      username: 'ann',
      privateKey: new Secret(pem),
    },
  );
  await client.get(users, parse);
  const [assertion = ''] = assertions;
  const now = clock.now() / 1000;
  expect(decodeJwt(assertion)).toEqual({
    iss: 'the-app',
    sub: 'ann',
    aud: new URL(url).host,
    iat: now,
    exp: now + 300,
  });
  const {protectedHeader} = await jwtVerify(assertion, publicKey, {currentDate: new Date(clock.now())});
  expect(protectedHeader).toEqual({alg: 'RS256', typ: 'JWT'});
});

describe('a token is renewed', () => {
  test('once for fifty requests that wait for it', async () => {
    const emulator = await emulate({latencyMs: 10});
    const {client} = open(emulator.url, {parallelism: 50});
    await Promise.all(Array.from({length: 50}, async () => client.get(users, parse)));
    expect({data: client.counts.requests, tokens: client.tokenRequests}).toEqual({data: 50, tokens: 1});
  });

  test('a minute before it expires', async () => {
    const clock = new FakeClock();
    const emulator = await emulate({now: clock.now, tokenLifetimeSeconds: 3600});
    const {client} = open(emulator.url, {clock});
    await client.get(users, parse);
    clock.advance(3_539_999);
    await client.get(users, parse);
    expect(client.tokenRequests).toBe(1);
    clock.advance(1);
    await client.get(users, parse);
    expect(client.tokenRequests).toBe(2);
    expect(statuses(emulator.requests)).toEqual(['POST 200', 'GET 200', 'GET 200', 'POST 200', 'GET 200']);
  });

  test('a tenth before it expires if it is short-lived', async () => {
    const clock = new FakeClock();
    const emulator = await emulate({now: clock.now, tokenLifetimeSeconds: 100});
    const {client} = open(emulator.url, {clock});
    await client.get(users, parse);
    clock.advance(89_999);
    await client.get(users, parse);
    clock.advance(1);
    await client.get(users, parse);
    expect(client.tokenRequests).toBe(2);
  });

  test('after a 401, and the request is repeated at once', async () => {
    const clock = new FakeClock();
    const emulator = await emulate({faults: [{match: '/manage/v1/user', kind: 'status', status: 401}]});
    const {client} = open(emulator.url, {clock});
    expect(await client.get(users, parse)).toHaveProperty('data.count', 1);
    expect(statuses(emulator.requests)).toEqual(['POST 200', 'GET 401', 'POST 200', 'GET 200']);
    expect(clock.slept).toEqual([]);
  });

  test('once for fifty requests that it was refused to', async () => {
    let tokens = 0;
    let deadToken = '';
    const url = await listen((request, response) => {
      if (request.method === 'POST') return response.end(JSON.stringify({access_token: `t${++tokens}`}));
      if (request.headers.authorization === deadToken) response.statusCode = 401;
      return response.end('{"data":{"count":1}}');
    });
    const {client} = open(url, {parallelism: 50});
    const askFifty = async () => Promise.all(Array.from({length: 50}, async () => client.get(users, parse)));
    // As many as that are in flight only after a while.
    await askFifty();
    deadToken = 'Bearer t1';
    await askFifty();
    expect({tokens, counted: client.tokenRequests}).toEqual({tokens: 2, counted: 2});
  });
});

describe('a token that dies before its time', () => {
  /** Serves a request only if `isGood` says so of its token, the first of which is 1. */
  const serve = async (isGood: (token: number, use: number) => boolean) => {
    const uses = new Map<string, number>();
    let tokens = 0;
    const url = await listen((request, response) => {
      if (request.method === 'POST') return response.end(JSON.stringify({access_token: `t${++tokens}`}));
      const token = request.headers.authorization ?? '';
      uses.set(token, (uses.get(token) ?? 0) + 1);
      if (!isGood(Number(token.slice('Bearer t'.length)), uses.get(token) ?? 0)) response.statusCode = 401;
      return response.end('{"data":{"count":1}}');
    });
    return open(url, {parallelism: 8}).client;
  };

  test('after every five requests is renewed as often', async () => {
    const client = await serve((_, use) => use <= 5);
    const all = await Promise.all(Array.from({length: 200}, async () => client.get(users, parse)));
    expect(all).toHaveLength(200);
    expect(client.tokenRequests).toBe(40);
  });

  test('before its first request is renewed once', async () => {
    const client = await serve(token => token % 2 === 0);
    const all = await Promise.all(Array.from({length: 20}, async () => client.get(users, parse)));
    expect(all).toHaveLength(20);
  });

  test.each([1, 2, 3])('after every %i requests, is renewed as often as it takes', async good => {
    const client = await serve((_, use) => use <= good);
    const all = await Promise.all(Array.from({length: 60}, async () => client.get(users, parse)));
    expect(all).toHaveLength(60);
    expect(client.tokenRequests).toBeLessThanOrEqual(60);
  });

  test('is not blamed for a request that was served last and refused first', async () => {
    const uses = new Map<string, number>();
    let tokens = 0;
    const url = await listen((request, response) => {
      if (request.method === 'POST') return response.end(JSON.stringify({access_token: `t${++tokens}`}));
      const token = request.headers.authorization ?? '';
      const use = (uses.get(token) ?? 0) + 1;
      uses.set(token, use);
      if (use > 2) return response.writeHead(401).end('{}');
      // What is served takes longer than what is refused.
      return setTimeout(() => response.end('{"data":{"count":1}}'), 50);
    });
    const {client} = open(url, {parallelism: 8});
    const all = await Promise.all(Array.from({length: 40}, async () => client.get(users, parse)));
    expect(all).toHaveLength(40);
  });

  test('is not blamed for one request that every token is refused for', async () => {
    const url = await listen((request, response) => {
      if (request.method === 'POST') return response.end('{"access_token":"t"}');
      if (request.url?.includes('forbidden')) response.statusCode = 401;
      return response.end('{"data":{"count":1}}');
    });
    const {client} = open(url, {parallelism: 8});
    let isOver = false;
    const askOthers = async () => {
      while (!isOver) await client.get(users, parse);
    };
    await client.get(users, parse);
    const others = Promise.all([askOthers(), askOthers(), askOthers()]);
    const forbidden = client.get('/forbidden', parse).catch((error: unknown) => error);
    void forbidden.finally(() => {
      isOver = true;
    });
    expect(await forbidden).toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('refuses a fresh token (401) for GET /forbidden'),
      hint: expect.stringContaining('Other requests are served'),
    });
    await others;
    expect(client.tokenRequests).toBeLessThanOrEqual(4);
  });
});

describe('the credentials are at fault', () => {
  const failure = async (url: string, credentials?: Credentials): Promise<unknown> =>
    open(url, {}, credentials)
      .client.get(users, parse)
      .catch((error: unknown) => error);

  test('if a fresh token is refused as well', async () => {
    const fault = {match: '/manage/v1/user', kind: 'status', status: 401, times: Number.POSITIVE_INFINITY} as const;
    const emulator = await emulate({faults: [fault]});
    expect(await failure(emulator.url)).toBeInstanceOf(CredentialsError);
    expect(statuses(emulator.requests)).toEqual(['POST 200', 'GET 401', 'POST 200', 'GET 401']);
  });

  test('if a ready token is refused', async () => {
    const emulator = await emulate();
    const error = await failure(emulator.url, {grant: 'token', token: new Secret('0'.repeat(40))});
    expect(error).toBeInstanceOf(CredentialsError);
    expect(error).toMatchObject({message: 'Docebo refused the token (401).', exitCode: 3});
    expect(statuses(emulator.requests)).toEqual(['GET 401']);
  });

  test.each<[Credentials, string]>([
    [{grant: 'client_credentials', ...app, clientId: 'wrong'}, 'invalid_client: The client credentials are invalid'],
    [
      {grant: 'password', ...app, ...person, password: new Secret('wr0ng')},
      'invalid_grant: Invalid username and password combination',
    ],
    [{grant: 'refresh_token', ...app, refreshToken: new Secret('wr0ng')}, 'invalid_grant: Invalid refresh token'],
  ])('as Docebo says: %j', async (credentials, said) => {
    const emulator = await emulate();
    const error = await failure(emulator.url, credentials);
    expect(error).toBeInstanceOf(CredentialsError);
    expect(error).toMatchObject({message: `Docebo refused the credentials (400): ${said}.`});
    expect(statuses(emulator.requests)).toEqual(['POST 400']);
  });

  test('if the key is none, which is not repeated', async () => {
    const emulator = await emulate();
    const privateKey = new Secret('-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----');
    const error = await failure(emulator.url, {grant: 'jwt_bearer', clientId: 'a', username: 'b', privateKey});
    expect(error).toBeInstanceOf(CredentialsError);
    expect(error).toMatchObject({message: 'private_key_file does not hold a PKCS #8 RSA key in PEM form.'});
    expect(emulator.requests).toEqual([]);
  });
});

describe('the token endpoint', () => {
  test.each([
    ['<html>Welcome</html>', 200],
    ['<html>Not found</html>', 404],
    ['[]', 200],
    ['', 200],
  ])('of a host that is no Docebo is told as such: %j with %i', async (body, status) => {
    const url = await listen((_, response) => response.writeHead(status).end(body));
    const error = await open(url)
      .client.get(users, parse)
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ResponseError);
    expect(error).toMatchObject({message: `${url} answered the token request with ${status} and no JSON object.`});
  });

  test.each([301, 307, 404, 410])('that answers %i with a token has given none', async status => {
    const asked: unknown[] = [];
    const url = await listen((request, response) => {
      asked.push(request.method);
      response.writeHead(status, {location: '/x'}).end('{"access_token":"of-a-redirect"}');
    });
    const error = await open(url)
      .client.get(users, parse)
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ResponseError);
    expect(error).toMatchObject({message: `${url} answered the token request with ${status} and no token.`});
    expect(asked).toEqual(['POST']);
  });

  test.each([
    {match: '/oauth2/token', kind: 'status', status: 429, retryAfter: 7},
    {match: '/oauth2/token', kind: 'status', status: 500},
    {match: '/oauth2/token', kind: 'status', status: 503},
    {match: '/oauth2/token', kind: 'reset'},
    {match: '/oauth2/token', kind: 'truncated'},
  ] as const)('in trouble once is asked again: %j', async fault => {
    const emulator = await emulate({faults: [fault]});
    const {client} = open(emulator.url);
    expect(await client.get(users, parse)).toHaveProperty('data.count', 1);
    expect(client.tokenRequests).toBe(2);
  });
});
