import type {ServerResponse} from 'node:http';
import {brotliCompressSync, deflateRawSync, deflateSync, gzipSync} from 'node:zlib';
import {describe, expect, test} from 'vitest';
import type {Fault} from '../../src/emulator/index.js';
import {InterruptedError, RejectedError, ResponseError, UnavailableError} from '../../src/errors.js';
import {InvalidBodyError} from '../../src/json/scanner.js';
import type {RunEvent} from '../../src/report.js';
import type {DoceboOptions} from '../../src/source/docebo.js';
import {FakeClock} from './fake-clock.js';
import {clientCredentials, emulate, listen, open} from './tenant.js';

const path = '/manage/v1/user';
const users = `${path}?page_size=1`;
const always = Number.POSITIVE_INFINITY;

/** As the slicer does: a body that is no JSON is refused. */
function read(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new InvalidBodyError('no JSON', {cause});
  }
}

const failureOf = async (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => {
      throw new TypeError('It succeeded.');
    },
    (error: unknown) => error,
  );

describe('quiet that Docebo asks for', () => {
  const listenRefusing = async (...retryAfter: readonly string[]) => {
    const left = [...retryAfter];
    return listen((request, response) => {
      if (request.method === 'POST') return response.end('{"access_token":"t"}');
      const wait = left.shift();
      if (wait !== undefined) response.writeHead(429, {'retry-after': wait});
      return response.end('{"data":{"count":1}}');
    });
  };

  test('for hours is kept, and does not try the patience', async () => {
    const clock = new FakeClock();
    const {client} = open(await listenRefusing('7200', '60'), {clock});
    expect(await client.get(users, read)).toHaveProperty('data.count', 1);
    expect(clock.slept).toEqual([7_200_000, 60_000]);
  });

  test('again and again, and nothing else for a day, is an outage', async () => {
    const clock = new FakeClock();
    const startMs = clock.now();
    const {client} = open(await listenRefusing(...Array.from({length: 40}, () => '7200')), {clock});
    const failure = await failureOf(client.get(users, read));
    expect(failure).toBeInstanceOf(UnavailableError);
    expect(clock.now() - startMs).toBe(24 * 3_600_000);
  });

  test('for years is an outage', async () => {
    const clock = new FakeClock();
    const {client} = open(await listenRefusing('500000000'), {clock});
    const failure = await failureOf(client.get(users, read));
    expect(failure).toBeInstanceOf(UnavailableError);
    expect(failure).toMatchObject({message: expect.stringContaining('Docebo asks for quiet until 20')});
    expect(clock.slept).toEqual([]);
  });
});

describe('what goes wrong once is asked again', () => {
  test.each<Fault>([
    ...[408, 425, 429, 500, 502, 503, 504].map(status => ({match: path, kind: 'status', status}) as const),
    {match: path, kind: 'html'},
    {match: path, kind: 'truncated'},
    {match: path, kind: 'garbage-gzip'},
    {match: path, kind: 'reset'},
  ])('%j', async fault => {
    const clock = new FakeClock();
    const emulator = await emulate({faults: [fault]});
    const events: RunEvent[] = [];
    const {client} = open(emulator.url, {clock, onEvent: event => events.push(event)});
    let calls = 0;
    expect(await client.get(users, read, () => calls++)).toHaveProperty('data.count', 1);
    const rateLimited = fault.kind === 'status' && fault.status === 429 ? 1 : 0;
    expect({calls, ...client.counts}).toEqual({calls: 2, requests: 2, retries: 1, rateLimited});
    expect(clock.slept).toEqual([500]);
    expect(events.filter(({type}) => type === 'retrying')).toEqual([
      {type: 'retrying', request: `GET ${users}`, attempt: 1, reason: expect.any(String)},
    ]);
  });

  test('and a slow answer is waited for', async () => {
    const emulator = await emulate({faults: [{match: path, kind: 'slow', delayMs: 100}]});
    const {client} = open(emulator.url);
    expect(await client.get(users, read)).toHaveProperty('data.count', 1);
    expect(client.counts.retries).toBe(0);
  });
});

describe('a body is read', () => {
  const json = Buffer.from('{"whole":true}');
  const zipped = gzipSync(json);
  const wrongSum = Buffer.from(zipped).fill(7, zipped.length - 8, zipped.length - 4);
  const behind = (...more: readonly (Buffer | string)[]) =>
    Buffer.concat([gzipSync(json), ...more.map(each => Buffer.from(each))]);

  test.each<[string, string, Buffer]>([
    ['gzipped', 'gzip', gzipSync(json)],
    ['gzipped, by its old name', 'X-GZIP', gzipSync(json)],
    ['gzipped in two parts', 'gzip', Buffer.concat([gzipSync('{"whole"'), gzipSync(':true}')])],
    ['gzipped, with a line end behind it', 'gzip', behind('\r\n')],
    ['gzipped, with a comment behind it', 'gzip', behind('\n<!-- cached -->\n')],
    ['gzipped, with zeros behind it', 'gzip', behind(Buffer.alloc(100))],
    ['gzipped, with the beginning of another behind it', 'gzip', behind(Buffer.of(0x1f, 0x8b))],
    ['gzipped, with a broken one behind it', 'gzip', behind(Buffer.of(0x1f, 0x8b), 'no gzip at all')],
    ['deflated with a header', 'deflate', deflateSync(json)],
    ['deflated without', 'deflate', deflateRawSync(json)],
    ['in brotli', 'br', brotliCompressSync(json)],
    ['as it is', 'identity', json],
    ['in one coding inside another', 'deflate, gzip', gzipSync(deflateSync(json))],
    ['with a byte order mark', 'identity', Buffer.from(`\ufeff${json.toString()}`)],
    ['gzipped with a byte order mark', 'gzip', gzipSync(`\ufeff${json.toString()}`)],
    ['gzipped without a word', 'identity', zipped],
    ['that a proxy has unzipped without a word', 'gzip', Buffer.from(`\n ${json.toString()}`)],
    ['that is empty, whatever coding it names', 'gzip', Buffer.alloc(0)],
  ])('%s', async (_, coding, body) => {
    const url = await listen((request, response) => {
      if (request.method === 'POST') return response.end('\ufeff{"access_token":"t"}');
      return response.writeHead(200, {'content-encoding': coding}).end(body);
    });
    const expected = body.length === 0 ? '' : json.toString();
    expect(await open(url).client.get('/x', received => received.toString().trim())).toBe(expected);
  });

  test.each<[string, string, Buffer]>([
    ['garbled', 'gzip', gzipSync(json).fill(7, 12, 16)],
    ['with a wrong sum', 'gzip', wrongSum],
    ['with a wrong sum and more behind it', 'gzip', Buffer.concat([wrongSum, Buffer.from('\n')])],
    ['cut', 'gzip', gzipSync(json).subarray(0, -9)],
    ['in a coding that was not asked for', 'zstd', json],
  ])('not if it is %s', async (_, coding, body) => {
    const url = await listen((request, response) => {
      if (request.method === 'POST') return response.end('{"access_token":"t"}');
      return response.writeHead(200, {'content-encoding': coding}).end(body);
    });
    expect(await failureOf(open(url, {maxAttempts: 2}).client.get('/x', read))).toBeInstanceOf(ResponseError);
  });

  test('without deflate being asked for, which is understood in two ways', async () => {
    let asked: string | string[] | undefined;
    const url = await listen((request, response) => {
      if (request.method === 'GET') asked = request.headers['accept-encoding'];
      return response.end('{"access_token":"t"}');
    });
    await open(url).client.get('/x', read);
    expect(asked).toBe('gzip, br');
  });

  test.each([202, 206])('not if its status is %i', async status => {
    let calls = 0;
    const url = await listen((request, response) => {
      if (request.method === 'POST') return response.end('{"access_token":"t"}');
      return response.writeHead(calls++ === 0 ? status : 200).end(`{"calls":${calls}}`);
    });
    expect(await open(url).client.get('/x', read)).toEqual({calls: 2});
  });
});

describe('a reply that does not come is not waited for', () => {
  /** The first call hangs as told, the others are answered. */
  const answerSecond = (hang: (response: ServerResponse) => void): Promise<string> => {
    let calls = 0;
    return listen((request, response) => {
      if (request.method === 'POST') return response.end('{"access_token":"t"}');
      if (calls++ === 0) return hang(response);
      return response.end('{"whole":true}');
    });
  };

  test.each<[string, DoceboOptions, (response: ServerResponse) => void]>([
    ['no header', {headersTimeoutMs: 100}, () => {}],
    ['a body that stops', {bodyTimeoutMs: 100}, response => void response.writeHead(200).write('{"wh')],
    [
      'a body that drips',
      {pageTimeoutMs: 200},
      response => {
        const drip = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(drip));
      },
    ],
  ])('%s', async (_, limits, hang) => {
    const {client} = open(await answerSecond(hang), limits);
    expect(await client.get('/x', read)).toEqual({whole: true});
    expect(client.counts).toMatchObject({requests: 2, retries: 1});
  });
});

describe('what goes wrong for ever is given up', () => {
  test.each([408, 425, 500, 502, 503, 504])('%i, as unavailable', async status => {
    const clock = new FakeClock();
    const emulator = await emulate({faults: [{match: path, kind: 'status', status, times: always}]});
    const {client} = open(emulator.url, {clock});
    const error = await failureOf(client.get(users, read));
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error).toMatchObject({status, attempts: 6, request: `GET ${users}`, exitCode: 4});
    expect(client.counts).toEqual({requests: 6, retries: 5, rateLimited: 0});
    expect(clock.slept).toEqual([500, 1000, 2000, 4000, 8000]);
  });

  test.each([undefined, 600])(
    '429 with a Retry-After of %s, once an hour’s quota must be free again',
    async retryAfter => {
      const clock = new FakeClock();
      const startMs = clock.now();
      const fault = {match: path, kind: 'status', status: 429, times: always} as const;
      const emulator = await emulate({faults: [retryAfter === undefined ? fault : {...fault, retryAfter}]});
      const {client} = open(emulator.url, {clock});
      const error = await failureOf(client.get(users, read));
      expect(error).toBeInstanceOf(UnavailableError);
      expect(error).toMatchObject({status: 429, attempts: client.counts.requests, exitCode: 4});
      expect(clock.now() - startMs).toBeGreaterThanOrEqual(70 * 60_000);
      expect(clock.now() - startMs).toBeLessThanOrEqual(80 * 60_000);
      expect(client.counts.requests).toBeLessThan(200);
    },
  );

  test('resets, as unavailable', async () => {
    const emulator = await emulate({faults: [{match: path, kind: 'reset', times: always}]});
    const error = await failureOf(open(emulator.url, {maxAttempts: 3}).client.get(users, read));
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error).toMatchObject({status: undefined, attempts: 3});
  });

  test('a body cut short on the way, as unavailable', async () => {
    const emulator = await emulate({faults: [{match: path, kind: 'truncated', times: always}]});
    const error = await failureOf(open(emulator.url, {maxAttempts: 3}).client.get(users, read));
    expect(error).toBeInstanceOf(UnavailableError);
  });

  test.each(['html', 'garbage-gzip'] as const)('%s, as no reply of Docebo', async kind => {
    const emulator = await emulate({faults: [{match: path, kind, times: always}]});
    const error = await failureOf(open(emulator.url, {maxAttempts: 3}).client.get(users, read));
    expect(error).toBeInstanceOf(ResponseError);
    expect(error).toMatchObject({message: expect.stringMatching(/, 3 times in a row\.$/)});
  });
});

describe('a rejection is final', () => {
  test.each([400, 403, 404, 405, 410, 422, 501])('%i', async status => {
    const emulator = await emulate({faults: [{match: path, kind: 'status', status, times: always}]});
    const {client} = open(emulator.url);
    const error = await failureOf(client.get(users, read));
    expect(error).toBeInstanceOf(RejectedError);
    expect(error).toMatchObject({status, attempts: 1, request: `GET ${users}`});
    expect(client.counts).toEqual({requests: 1, retries: 0, rateLimited: 0});
  });

  test('in the words of Docebo', async () => {
    const url = await listen((request, response) => {
      if (request.method === 'POST') return response.end('{"access_token":"t"}');
      return response.writeHead(403).end('{"name":"Forbidden","message":["Not","yours"],"code":0}');
    });
    expect(await failureOf(open(url).client.get('/x', read))).toMatchObject({
      message: 'Docebo answered GET /x with 403: Forbidden: Not yours',
    });
  });
});

describe('Docebo asks for quiet', () => {
  const quiet = async (retryAfter: string | number, status: number) => {
    const clock = new FakeClock();
    const emulator = await emulate({faults: [{match: path, kind: 'status', status, retryAfter}]});
    const events: RunEvent[] = [];
    const {client} = open(emulator.url, {clock, onEvent: event => events.push(event)});
    await client.get(users, read);
    return {slept: clock.slept, waiting: events.filter(({type}) => type === 'waiting')};
  };

  test.each([429, 503])('in seconds with %i, and gets it', async status => {
    expect(await quiet(30, status)).toEqual({
      slept: [30_000],
      waiting: [{type: 'waiting', reason: `Docebo answered ${status} with Retry-After`, seconds: 30}],
    });
  });

  test('until a date, and gets it', async () => {
    expect((await quiet('Wed, 21 Oct 2026 00:01:00 GMT', 429)).slept).toEqual([60_000]);
  });

  test.each([0, 'Tue, 20 Oct 2026 00:00:00 GMT', '-5'])(
    'for no time at all, and gets backoff: %s',
    async retryAfter => {
      expect((await quiet(retryAfter, 429)).slept).toEqual([500]);
    },
  );

  test('in words that say no time, and backoff is all it gets', async () => {
    expect((await quiet('soon', 429)).slept).toEqual([500]);
  });
});

describe('another origin', () => {
  test('is never followed to by a redirect', async () => {
    const seen: (string | undefined)[] = [];
    const other = await listen((request, response) => {
      seen.push(request.headers.authorization);
      response.end('{}');
    });
    const url = await listen((request, response) => {
      if (request.method === 'POST') return response.end('{"access_token":"t0ken"}');
      return response.writeHead(302, {location: `${other}/secret?code=1`}).end();
    });
    const error = await failureOf(open(url).client.get('/x', read));
    expect(error).toBeInstanceOf(RejectedError);
    expect(error).toMatchObject({
      message: `Docebo answered GET /x with 302: a redirect to ${other}, which is not followed`,
    });
    expect(seen).toEqual([]);
  });
});

test.each(['http://127.0.0.1:1', 'http://nowhere.invalid'])('%s is unavailable at once', async url => {
  const clock = new FakeClock();
  const error = await failureOf(open(url, {clock}).client.get(users, read));
  expect(error).toBeInstanceOf(UnavailableError);
  expect(error).toMatchObject({hint: `${url} cannot be reached: check base_url and the network.`, attempts: 1});
  expect(clock.slept).toEqual([]);
});

describe('an interrupted run', () => {
  test('ends the request in flight', async () => {
    const interrupt = new AbortController();
    const emulator = await emulate({faults: [{match: path, kind: 'hang', times: always}]});
    const {client} = open(emulator.url, {signal: interrupt.signal});
    const failure = failureOf(client.get(users, read));
    while (!emulator.requests.some(request => request.path === users)) await new Promise(wake => setTimeout(wake, 5));
    interrupt.abort();
    expect(await failure).toBeInstanceOf(InterruptedError);
  });

  test('ends the pause before a retry', async () => {
    const interrupt = new AbortController();
    const emulator = await emulate({faults: [{match: path, kind: 'status', status: 503, times: always}]});
    const {client} = open(emulator.url, {signal: interrupt.signal, onEvent: () => interrupt.abort()});
    expect(await failureOf(client.get(users, read))).toBeInstanceOf(InterruptedError);
    expect(client.counts.requests).toBe(1);
  });
});

test('a token endpoint that stays in trouble is unavailable, not at odds with the credentials', async () => {
  const emulator = await emulate({faults: [{match: '/oauth2/token', kind: 'status', status: 503, times: always}]});
  const error = await failureOf(open(emulator.url, {maxAttempts: 3}).client.get(users, read));
  expect(error).toBeInstanceOf(UnavailableError);
  expect(error).toMatchObject({status: 503, attempts: 3});
});

test('a base address with a path is led by it', async () => {
  const seen: (string | undefined)[] = [];
  const url = await listen((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`);
    response.end('{"access_token":"t"}');
  });
  await open(`${url}/lms/`, {}, clientCredentials).client.get('/manage/v1/user', read);
  expect(seen).toEqual(['POST /lms/oauth2/token ', 'GET /lms/manage/v1/user Bearer t']);
});
