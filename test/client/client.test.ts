import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, it, onTestFinished} from 'vitest';
import {
  AmbiguousError,
  CredentialsError,
  DoceboClient,
  InterruptedError,
  RejectedError,
  UsageError,
} from '../../src/client/index.js';
import {collect, connect} from '../helpers/connect.js';
import {rehearse} from '../helpers/rehearsal.js';
import {pageOf, query, serve} from '../helpers/served.js';
import {emulate} from '../source/tenant.js';

let stateDir: string;
beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'docebo-client-'));
});
afterAll(async () => {
  await rm(stateDir, {recursive: true, force: true});
});

const failureOf = async (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => expect.fail('It succeeded.'),
    (error: unknown) => error,
  );

/** As DuckDB's JSON gives a row. */
function asJson(row: object): unknown {
  return JSON.parse(
    JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? String(value) : value === undefined ? null : value)),
  );
}

describe('rows of a table', () => {
  it('are those that a load publishes, of a list, of lists of parents, and of a tree', async () => {
    const {emulator, load, file} = await rehearse({users: 30});
    const names = [
      'users',
      'groups',
      'group_members',
      'branches',
      'user_managers',
      'learning_plan_enrollments',
    ] as const;
    await load(
      names,
      {},
      {cast: {invalidDates: 'epoch', onCastError: 'null', schemaContract: 'evolve', loadMetadata: false}},
    );
    const client = connect(emulator);
    for (const name of names) {
      const rows = (await collect(client.table(name).rows())).map(asJson);
      const loaded = await query(file, `SELECT to_json(t) FROM "${name}" t`);
      const expected = loaded.map(([json]) => JSON.parse(String(json)));
      const same = (row: unknown) => {
        const entries = Object.entries(row ?? {}).map(([key, value]) => [key, normal(value)]);
        return JSON.stringify(
          Object.fromEntries(entries.sort(([one], [other]) => (String(one) < String(other) ? -1 : 1))),
        );
      };
      expect(rows.map(same).sort(), name).toEqual(expected.map(same).sort());
      expect(rows.length, name).toBeGreaterThan(0);
    }
  });

  it('stop after as many as are wanted, at one call of that size', async () => {
    const emulator = await emulate({users: 450});
    const client = connect(emulator);
    const rows = await collect(client.users.list({limit: 10}));
    expect(rows).toHaveLength(10);
    expect(emulator.requests.filter(({method}) => method === 'GET').map(({path}) => path)).toEqual([
      expect.stringContaining('page_size=10&'),
    ]);
    let count = 0;
    for await (const _ of client.users.list()) if (++count === 201) break;
    expect(emulator.requests.filter(({method}) => method === 'GET')).toHaveLength(3);
    expect(client.limits).toEqual({made: 3, perHour: null, left: null, nextAt: null});
    const [first] = rows;
    expect(typeof first?.user_id).toBe('bigint');
    expect(first?.last_update).toBeInstanceOf(Date);
  });

  it('are only those that the filters leave', async () => {
    const emulator = await emulate({users: 60});
    const client = connect(emulator);
    const [user] = await collect(client.users.list({limit: 1}));
    const own = await collect(client.table('course_enrollments').rows({filter: {user_id: user?.user_id ?? 0n}}));
    expect(own.length).toBeGreaterThan(0);
    expect(new Set(own.map(row => row.user_id))).toEqual(new Set([user?.user_id]));
    const all = await collect(client.table('enrollments').rows());
    const done = await collect(client.table('enrollments').rows({filter: {status: ['completed', 'waiting']}}));
    expect(done).toEqual(all.filter(({status}) => status === 'completed' || status === 'waiting'));
  });

  it('are refused if the server ignores the filter', async () => {
    const {url} = await serve(() => pageOf('{"user_id":1,"course_id":2}', '{"user_id":3,"course_id":2}'));
    const client = connect({url, credentials: (await emulate()).credentials});
    const rows = client.table('course_enrollments').rows({filter: {user_id: 1}});
    expect(await failureOf(collect(rows))).toMatchObject({
      code: 'E_RESPONSE',
      message: expect.stringContaining('its query is ignored'),
    });
  });

  it('come by another route if the first is not served, and the refusal says so if there is none', async () => {
    const managed = connect(await emulate({courses: 'managed', bulkEnrollments: false}));
    expect((await collect(managed.table('courses').rows())).length).toBeGreaterThan(5);
    expect((await collect(managed.table('course_enrollments').rows({limit: 3}))).length).toBe(3);
    const rows = managed.table('course_enrollments').rows({filter: {course_id: 1}});
    expect(await failureOf(collect(rows))).toMatchObject({code: 'E_REJECTED', status: 403, error: 'Forbidden'});
  });

  it('do not go on by another route in the middle of a list', async () => {
    const {url, asked} = await serve((path, query) =>
      path === '/learn/v1/courses' && query.get('page') === '1'
        ? '{"data":{"items":[{"id_course":1},{"id_course":2}],"has_more_data":true}}'
        : {status: 403, body: '{"name":"Forbidden"}'},
    );
    const rows = connect({url, credentials: (await emulate()).credentials})
      .table('courses')
      .rows();
    expect(await failureOf(collect(rows))).toMatchObject({code: 'E_REJECTED', status: 403});
    expect(asked.every(path => path.startsWith('/learn/v1/courses'))).toBe(true);
  });

  it.each([
    ['limit 0', (client: DoceboClient) => client.users.list({limit: 0}), 'limit takes a whole number from 1, not 0.'],
    ['limit NaN', (client: DoceboClient) => client.users.list({limit: Number.NaN}), 'not NaN'],
    ['half a row', (client: DoceboClient) => client.users.list({limit: 1.5}), 'not 1.5'],
    ['an empty text', (client: DoceboClient) => client.users.list({searchText: ''}), 'search_text of users is empty'],
    ['a blank text', (client: DoceboClient) => client.users.list({searchText: ' \t'}), 'search_text of users is empty'],
    [
      'an unknown filter',
      // @ts-expect-error: the compiler knows the filters
      (client: DoceboClient) => client.table('users').rows({filter: {toString: 1}}),
      'no filter toString',
    ],
    // @ts-expect-error: and the tables
    ['an unknown table', (client: DoceboClient) => client.table('user'), 'There is no table "user".'],
    [
      'a rounded number',
      (client: DoceboClient) => client.table('course_enrollments').rows({filter: {user_id: [1, 2 ** 53]}}),
      'whole numbers that are exact',
    ],
    ['no number', (client: DoceboClient) => client.users.list({branchId: Number.NaN}), 'whole numbers that are exact'],
    [
      'two texts',
      (client: DoceboClient) => client.table('users').rows({filter: {search_text: ['a', 'b']}}),
      'one value, not 2',
    ],
  ])('%s is refused at once, without a call', async (_, ask, message) => {
    const emulator = await emulate();
    const client = connect(emulator);
    expect(() => ask(client)).toThrow(UsageError);
    expect(() => ask(client)).toThrow(message);
    expect(emulator.requests).toEqual([]);
  });
});

describe('a user', () => {
  it('is got by id, as a number, a bigint or digits', async () => {
    const client = connect(await emulate());
    const [listed] = await collect(client.users.list({limit: 1}));
    const id = listed?.user_id ?? 0n;
    for (const given of [id, Number(id), ` ${id} `]) expect(await client.users.get(given)).toEqual(listed);
    expect(await client.users.get(999_999_999)).toBeUndefined();
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 60, '', 'ann', '1/../2', '12e3'])('is not got by %j', async id => {
    const emulator = await emulate();
    expect(await failureOf(connect(emulator).users.get(id))).toBeInstanceOf(UsageError);
    expect(emulator.requests).toEqual([]);
  });

  it('is read from the detail that the specification shows', async () => {
    const {url} = await serve(path =>
      path === '/manage/v1/user/7'
        ? '{"data":{"user_data":{"user_id":7,"username":"ann","first_tname":"Ann","valid":0,"expiration":"2027-01-02 03:04:05"},"additional_fields":[{"id":3,"title":"City","value":"Oslo"}]}}'
        : '{"data":{"user_data":{"user_id":8}}}',
    );
    const client = connect({url, credentials: (await emulate()).credentials});
    expect(await client.users.get(7)).toMatchObject({
      ...{user_id: 7n, username: 'ann', first_name: 'Ann', status: false, field_3: 'Oslo', last_update: null},
      expiration_date: new Date('2027-01-02T03:04:05Z'),
    });
    expect(await failureOf(client.users.get(9))).toMatchObject({code: 'E_RESPONSE'});
  });

  it.each(['any-case', 'same-case', 'ignored'] as const)(
    'is found in any case if a full match is %s',
    async fullMatch => {
      const client = connect(await emulate({fullMatch, users: 120}));
      const rows = await collect(client.users.list());
      const ann = rows[7];
      const username = ann?.username ?? '';
      const {email} = ann ?? expect.fail();
      expect(await client.users.find({username})).toMatchObject({user_id: ann?.user_id, username, email});
      expect(await client.users.find({username: username.toUpperCase()})).toMatchObject({
        user_id: ann?.user_id,
        username,
        email,
      });
      if (email !== null && email !== undefined) expect((await client.users.find({email}))?.email).toBe(email);
      // A part of a username is found by a search and is no full match.
      expect(await client.users.find({username: username.slice(0, -1)})).toBeUndefined();
      await expect(client.users.find({username: ' '})).rejects.toThrow(UsageError);
    },
  );

  it('is not looked for by nothing, nor by two texts of which one may be mistaken', async () => {
    const {url, asked} = await serve(() => pageOf());
    const client = connect({url, credentials: (await emulate()).credentials});
    const env: Readonly<Record<string, string>> = {};
    // @ts-expect-error: the compiler knows that it may not be there
    await expect(client.users.find({username: env['WHO']})).rejects.toThrow(UsageError);
    await expect(client.users.find({username: 'ann', email: 'bob@x'})).rejects.toThrow(UsageError);
    expect(asked).toEqual([]);
  });

  it('that comes twice is one user, and of two the one in the same case is meant', async () => {
    const ann = '{"user_id":"1","username":"ann","email":"a@x"}';
    const other = '{"user_id":"2","username":"Ann","email":"a@x"}';
    const {url} = await serve(() => pageOf(ann, other, ann));
    const client = connect({url, credentials: (await emulate()).credentials});
    expect(await client.users.find({username: 'ann'})).toMatchObject({user_id: 1n});
    expect(await client.users.find({username: 'Ann'})).toMatchObject({user_id: 2n});
    const error = await failureOf(client.users.find({email: 'a@x'}));
    expect(error).toBeInstanceOf(AmbiguousError);
    expect(error).toMatchObject({hint: 'Their ids are 1, 2: get takes one of them.'});
  });
});

describe('signing in', () => {
  it('needs credentials, and says all that is missing', () => {
    expect(() => DoceboClient.fromEnv({env: {}})).toThrow(
      "Docebo's credentials are incomplete: base_url, client_id, client_secret are missing.",
    );
  });

  it('takes what the command reads, a limit of calls too', async () => {
    const {url} = await emulate();
    const uri = `docebo://?base_url=${url}&client_id=docebo-demo&client_secret=demo-client-secret`;
    const env = {DOCEBO_INGEST_SOURCE_URI: uri, DOCEBO_INGEST_MAX_REQUESTS_PER_HOUR: '5'};
    const client = DoceboClient.fromEnv({env: {...env, DOCEBO_INGEST_STATE_DIR: join(stateDir, 'hour')}});
    onTestFinished(async () => client.close());
    await collect(client.users.list({limit: 1}));
    expect(client.limits).toMatchObject({made: 1, perHour: 5, left: 4, nextAt: null});
    expect(() => DoceboClient.fromEnv({env: {...env, DOCEBO_INGEST_MAX_REQUESTS_PER_HOUR: 'x'}})).toThrow(UsageError);
  });

  it('fails at once when the client was closed', async () => {
    const {url, credentials} = await emulate();
    const client = connect({url, credentials});
    await client.users.get(1);
    await client.close();
    for (const call of [client.users.get(1), collect(client.users.list())])
      expect(await failureOf(call)).toMatchObject({name: 'UsageError', message: 'This client was closed.'});
  });

  it('fails with what Docebo says', async () => {
    const {url} = await emulate();
    const client = connect({
      url,
      credentials: {clientId: 'docebo-demo', clientSecret: 'wr0ng-secret', username: '', password: ''},
    });
    const error = await failureOf(client.users.get(1));
    expect(error).toBeInstanceOf(CredentialsError);
    expect(error).toMatchObject({
      status: 400,
      error: 'invalid_client',
      errorDescription: 'The client credentials are invalid',
    });
  });

  it('gives a token that is renewed, and ended at Docebo', async () => {
    const emulator = await emulate();
    const {token, users} = connect(emulator);
    const first = await token.get();
    expect(first).toMatch(/^[0-9a-f]{40}$/);
    expect(await token.get()).toBe(first);
    const second = await token.renew();
    expect(second).not.toBe(first);
    const status = async () =>
      (await fetch(`${emulator.url}/manage/v1/user`, {headers: {authorization: `Bearer ${second}`}})).status;
    expect(await status()).toBe(200);
    await token.end();
    expect(await status()).toBe(401);
    await token.end();
    // The next call signs in anew.
    expect(await collect(users.list({limit: 1}))).toHaveLength(1);
  });

  it('with a ready token ends with the token', async () => {
    const emulator = await emulate();
    const ready = await connect(emulator).token.get();
    const client = connect(emulator, {}, {DOCEBO_TOKEN: ready});
    expect(await client.token.get()).toBe(ready);
    await client.token.end();
    expect(await failureOf(client.users.get(1))).toMatchObject({
      code: 'E_CREDENTIALS',
      message: 'The token was ended.',
    });
  });

  it('asks again for a token while the endpoint is in trouble', async () => {
    const emulator = await emulate();
    emulator.setFaults([{match: '/oauth2/token', kind: 'status', status: 503, times: 2}]);
    expect(await connect(emulator).token.get()).toMatch(/^[0-9a-f]{40}$/);
  });
});

describe('a signal', () => {
  const abortedIn = async (
    options: object,
    faults: Parameters<Awaited<ReturnType<typeof emulate>>['setFaults']>[0] = [],
  ) => {
    const emulator = await emulate({users: 30, ...options});
    emulator.setFaults(faults);
    return emulator;
  };

  it('ends a call in the middle of a reply, and leaves other calls alone', async () => {
    const emulator = await abortedIn({}, [{match: '/manage/v1/user?', kind: 'stall'}]);
    const client = connect(emulator);
    const stop = new AbortController();
    const stalled = failureOf(collect(client.users.list({signal: stop.signal})));
    while (!emulator.requests.some(({path}) => path.startsWith('/manage')))
      await new Promise(resolve => setTimeout(resolve, 5));
    stop.abort();
    expect(await stalled).toBeInstanceOf(InterruptedError);
    expect(await collect(client.users.list({limit: 2}))).toHaveLength(2);
  });

  it('ends a call that waits for the budget, and others that wait behind it', async () => {
    const emulator = await abortedIn({});
    const {setTimeout: sleep} = await import('node:timers/promises');
    const clock = {
      now: Date.now,
      random: () => 0.5,
      sleep: async (ms: number, signal: AbortSignal) => sleep(ms, undefined, {signal}),
    };
    const client = connect(emulator, {clock, maxRequestsPerHour: 1, parallelism: 1});
    await collect(client.users.list({limit: 1}));
    const stop = new AbortController();
    const waiting = [1, 2, 3].map(async id => failureOf(client.users.get(id, {signal: stop.signal})));
    setTimeout(() => stop.abort(), 20);
    for (const error of await Promise.all(waiting)) expect(error).toBeInstanceOf(InterruptedError);
    expect(emulator.requests.filter(({method}) => method === 'GET')).toHaveLength(1);
    expect(client.limits.nextAt?.getTime()).toBeGreaterThan(Date.now());
  });

  it('ends the rows between two of a page, and a call that has not begun', async () => {
    const client = connect(await emulate());
    const stop = new AbortController();
    const rows = client.users.list({signal: stop.signal});
    await rows.next();
    stop.abort();
    expect(await failureOf(rows.next())).toBeInstanceOf(InterruptedError);
    expect(await failureOf(client.users.get(1, {signal: stop.signal}))).toBeInstanceOf(InterruptedError);
  });
});

describe('a refusal', () => {
  it.each([
    [
      {success: false, error: 201, message: 'User not found'},
      {error: '201', errorDescription: 'User not found', field: undefined},
    ],
    [
      {name: 'Bad Request', message: ['Email is not valid'], code: 9, status: 400},
      {error: 'Bad Request', errorDescription: 'Email is not valid'},
    ],
    [
      {data: {success: false, message: [{id: 'email', message: 'Not valid'}]}},
      {field: 'email', errorDescription: 'Not valid'},
    ],
    [{message: {email: ['Not valid']}}, {field: 'email', errorDescription: 'Not valid'}],
    [
      {error: 'invalid_request', error_description: 'Too long'},
      {error: 'invalid_request', errorDescription: 'Too long'},
    ],
  ])('%j is told by its parts', async (body, parts) => {
    const {url} = await serve(() => ({status: 400, body: JSON.stringify(body)}));
    const client = connect({url, credentials: (await emulate()).credentials});
    const error = await failureOf(client.users.get(1));
    expect(error).toBeInstanceOf(RejectedError);
    expect(error).toMatchObject({status: 400, ...parts});
  });
});

/** Dates as ISO texts, whichever way they were written, and null for what is left out. */
function normal(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) return value;
  const text = String(value ?? '');
  const moment = /^\d{4}-\d\d-\d\d[ T]/.test(text) ? new Date(text.replace(' ', 'T').replace(/\+00$/, 'Z')) : undefined;
  return moment === undefined ? text : moment.toISOString();
}
