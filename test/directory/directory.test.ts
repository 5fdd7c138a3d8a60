import {setTimeout as sleep} from 'node:timers/promises';
import {describe, expect, it, onTestFinished} from 'vitest';
import {
  CredentialsError,
  type DirectoryOptions,
  DoceboDirectory,
  InterruptedError,
  RejectedError,
  Secret,
  UnavailableError,
  UncertainError,
  UsageError,
} from '../../src/directory/index.js';
import {Writer} from '../../src/directory/writer.js';
import {demoLegacyCredentials, type Emulator, type Fault} from '../../src/emulator/index.js';
import type {DoceboOptions} from '../../src/source/docebo.js';
import {connect} from '../helpers/connect.js';
import {emulate, listen} from '../source/tenant.js';

const legacy = {key: new Secret(demoLegacyCredentials.key), secret: new Secret(demoLegacyCredentials.secret)};
const apis: readonly (readonly [string, DirectoryOptions])[] = [
  ['modern', {}],
  ['legacy', {legacy}],
  ['legacy without the word before the signature', {legacy: {...legacy, hasPrefix: false}}],
];

const failureOf = async (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => expect.fail('It succeeded.'),
    (error: unknown) => error,
  );

const open = (emulator: Emulator, options: DirectoryOptions = {}, docebo: DoceboOptions = {}) =>
  new DoceboDirectory(connect(emulator, docebo).docebo, options);

/** Requests that change something. */
const writes = ({requests}: Emulator) =>
  requests.flatMap(({method, path, status}) =>
    method === 'GET' || /oauth2|checkUsername/.test(path) ? [] : [`${method} ${path} ${status}`],
  );

const userOf = (emulator: Emulator, id: bigint | null) =>
  [...emulator.truth('users')].find(({user_id: each}) => each === String(id));

const ann = {
  username: 'Ann.Other@example.com',
  email: 'ann@example.com',
  firstName: 'Ann',
  lastName: 'Other',
  password: 'p4ss-of-ann',
};

describe.each(apis)('by the %s API', (name, options) => {
  it('a user is made once, changed, deactivated and removed, and twice does no harm', async () => {
    const emulator = await emulate({users: 20});
    const directory = open(emulator, options);
    expect(await directory.exists(ann.username)).toBe(false);
    const made = await directory.create(ann);
    expect(made).toEqual({outcome: 'created', userId: expect.any(BigInt), isDryRun: false});
    const who = {username: ann.username};
    expect(userOf(emulator, made.userId)).toMatchObject({username: ann.username, email: ann.email, first_name: 'Ann'});
    expect(await directory.exists(ann.username.toLowerCase())).toBe(true);
    expect(await directory.create({...ann, username: ann.username.toUpperCase()})).toEqual({
      ...made,
      outcome: 'exists',
    });
    expect(await directory.update(who, {lastName: 'Changed'})).toEqual({...made, outcome: 'updated'});
    expect(await directory.update(who, {lastName: 'Changed', email: ann.email})).toEqual({
      ...made,
      outcome: 'unchanged',
    });
    expect(userOf(emulator, made.userId)).toMatchObject({
      last_name: 'Changed',
      first_name: 'Ann',
      username: ann.username,
    });
    expect(await directory.deactivate({userId: made.userId ?? 0n})).toEqual({...made, outcome: 'deactivated'});
    expect(userOf(emulator, made.userId)).toMatchObject({status: '0'});
    expect(await directory.delete(who)).toEqual({...made, outcome: 'deleted'});
    expect(await directory.delete(who)).toEqual({outcome: 'absent', userId: null, isDryRun: false});
    expect(await directory.delete({userId: made.userId ?? 0n})).toMatchObject({outcome: 'absent'});
    expect(userOf(emulator, made.userId)).toBeUndefined();
    const failure = await failureOf(directory.update(who, {lastName: 'x'}));
    expect(failure).toMatchObject({
      code: 'E_REJECTED',
      status: 404,
      message: expect.stringContaining('no user with the username'),
    });
    if (name === 'modern')
      expect(writes(emulator)).toEqual([
        'POST /manage/v1/user 200',
        `PUT /manage/v1/user/${made.userId} 200`,
        'PUT /manage/v1/user/change_status 200',
        'DELETE /manage/v1/user/delete 200',
      ]);
  });

  it('a dry run looks everything up and writes nothing', async () => {
    const emulator = await emulate({users: 20});
    const directory = open(emulator, {...options, dryRun: true});
    const [there] = [...emulator.truth('users')];
    const username = String(there?.['username']);
    const userId = BigInt(String(there?.['user_id']));
    expect(await directory.create(ann)).toEqual({outcome: 'created', userId: null, isDryRun: true});
    expect(await directory.create({username})).toEqual({outcome: 'exists', userId, isDryRun: true});
    expect(await directory.update({username}, {firstName: 'X'})).toEqual({outcome: 'updated', userId, isDryRun: true});
    expect(await directory.deactivate({username})).toMatchObject({outcome: 'deactivated', isDryRun: true});
    expect(await directory.delete({username})).toEqual({outcome: 'deleted', userId, isDryRun: true});
    expect(writes(emulator)).toEqual([]);
    expect((await directory.create(ann, {dryRun: false})).isDryRun).toBe(false);
  });

  const lost: readonly (readonly [
    string,
    Omit<Fault & {kind: 'reset' | 'truncated' | 'html' | 'garbage-gzip'}, 'match'>,
  ])[] = [
    ['is reset after it was sent', {kind: 'reset'}],
    ['breaks off', {kind: 'truncated'}],
    ['is a page of HTML', {kind: 'html'}],
    ['cannot be read', {kind: 'garbage-gzip'}],
  ];
  it.each(lost)('a write whose answer %s may have happened, and is not sent again', async (_, fault) => {
    const emulator = await emulate({users: 20});
    const directory = open(emulator, options);
    const path = options.legacy === undefined ? /user$/ : /user\/create$/;
    emulator.setFaults([{...fault, match: path}]);
    const error = await failureOf(directory.create(ann));
    expect(error).toBeInstanceOf(UncertainError);
    expect(error).toMatchObject({
      exitCode: 4,
      attempts: 1,
      message: expect.stringContaining('may have happened'),
      hint: 'Look whether it did before you send it again.',
    });
    expect(writes(emulator)).toHaveLength(1);
    // The next call finds out.
    expect((await directory.create(ann)).outcome).toBe(fault.kind === 'html' ? 'created' : 'exists');
  });

  it.each([500, 502, 503, 504, 408, 202])('a write that is answered with %i may have happened too', async status => {
    const emulator = await emulate({users: 20});
    emulator.setFaults([{kind: 'status', status, match: options.legacy === undefined ? /user$/ : /create$/}]);
    const error = await failureOf(open(emulator, options).create(ann));
    expect(error).toMatchObject({code: 'E_UNCERTAIN', status});
    expect(writes(emulator)).toHaveLength(1);
  });

  it('a write for which Docebo has no time is sent again, since it did not happen', async () => {
    const emulator = await emulate({users: 20});
    const match = options.legacy === undefined ? /user$/ : /create$/;
    emulator.setFaults([
      {kind: 'status', status: 429, retryAfter: 3, match},
      {kind: 'status', status: 429, match},
    ]);
    expect((await open(emulator, options).create(ann)).outcome).toBe('created');
    expect(writes(emulator).map(line => line.slice(-3))).toEqual(['429', '429', '200']);
  });

  it('a refusal is told, and nothing was written', async () => {
    const emulator = await emulate({users: 20});
    emulator.setFaults([
      {kind: 'failure-body', message: 'No more seats.', match: options.legacy === undefined ? /user$/ : /create$/},
    ]);
    const error = await failureOf(open(emulator, options).create(ann));
    expect(error).toBeInstanceOf(RejectedError);
    expect(error).toMatchObject({status: 200, error: '500', errorDescription: 'No more seats.'});
  });

  it.each([
    [{...ann, username: ' '}, 'username is empty.'],
    [{...ann, username: 'a\u0000b'}, 'username holds a control character.'],
  ])('%j is refused without a call', async (user, message) => {
    const emulator = await emulate({users: 20});
    const directory = open(emulator, options);
    expect(await failureOf(directory.create(user))).toMatchObject({code: 'E_USAGE', message});
    expect(await failureOf(directory.update({userId: 'x'}, {firstName: 'A'}))).toBeInstanceOf(UsageError);
    expect(await failureOf(directory.update({userId: 1}, {}))).toBeInstanceOf(UsageError);
    expect(emulator.requests).toEqual([]);
  });
});

describe('a write by the modern API', () => {
  it('is sent again with a new token if the old one is refused', async () => {
    const emulator = await emulate({users: 20});
    const directory = open(emulator);
    await directory.exists(ann.username);
    emulator.setFaults([{kind: 'status', status: 401, match: /user$/}]);
    expect((await directory.create(ann)).outcome).toBe('created');
    expect(writes(emulator)).toEqual(['POST /manage/v1/user 401', 'POST /manage/v1/user 200']);
    emulator.setFaults([{kind: 'status', status: 401, match: /user\/\d+$/, times: 9}]);
    expect(await failureOf(directory.update({username: ann.username}, {firstName: 'B'}))).toBeInstanceOf(
      CredentialsError,
    );
  });

  it('names the field that Docebo finds at fault', async () => {
    const emulator = await emulate({users: 20});
    const error = await failureOf(open(emulator).create({...ann, email: 'nonsense'}));
    expect(error).toMatchObject({field: 'email', errorDescription: 'Email is not a valid email address.', status: 200});
    expect(String(error)).not.toContain(ann.password);
  });

  it('sets additional fields, and an id goes as it is', async () => {
    const emulator = await emulate({users: 20});
    const directory = open(emulator);
    const {userId} = await directory.create({...ann, additionalFields: {1: 'Oslo'}});
    expect(userOf(emulator, userId)).toMatchObject({field_1: 'Oslo'});
    // 2^53 + 1 would be another user as a double.
    let body = '';
    const url = await listen((request, response) => {
      if (request.url === '/oauth2/token') return response.end('{"access_token":"t"}');
      if (request.method === 'GET')
        return response.end('{"data":{"user_data":{"user_id":"9007199254740993","username":"big"}}}');
      request.on('data', chunk => {
        body += chunk;
      });
      return request.on('end', () => response.end('{"data":{"success":true}}'));
    });
    await open({...emulator, url}).delete({userId: 9007199254740993n});
    expect(body).toBe('{"user_ids":[9007199254740993]}');
  });

  it('is refused if Docebo leaves just this user out', async () => {
    const emulator = await emulate();
    const url = await listen((request, response) => {
      if (request.url === '/oauth2/token') return response.end('{"access_token":"t"}');
      if (request.method === 'GET') return response.end('{"data":{"user_data":{"user_id":"7","valid":1}}}');
      return response.end('{"data":{"success":true,"updated_ids":[],"not_updated_ids":[7]}}');
    });
    const error = await failureOf(open({...emulator, url}).deactivate({userId: 7}));
    expect(error).toMatchObject({code: 'E_REJECTED', message: expect.stringContaining('left the user as it was')});
  });

  it('that is interrupted in flight may have happened, and has not if it still waits', async () => {
    const emulator = await emulate({users: 20});
    const clock = {
      now: Date.now,
      random: () => 0.5,
      sleep: async (ms: number, signal: AbortSignal) => sleep(ms, undefined, {signal}),
    };
    const directory = open(emulator, {}, {clock, maxRequestsPerHour: 4});
    emulator.setFaults([{kind: 'hang', match: /user$/}]);
    const stop = new AbortController();
    const hanging = failureOf(directory.create(ann, {signal: stop.signal}));
    while (writes(emulator).length === 0) await sleep(5);
    stop.abort();
    expect(await hanging).toMatchObject({
      code: 'E_UNCERTAIN',
      message: expect.stringContaining('interrupted after it was sent'),
    });
    // The fourth call of the hour is for looking. The write has to wait.
    const later = new AbortController();
    const waiting = failureOf(directory.delete({userId: 12_001}, {signal: later.signal}));
    setTimeout(() => later.abort(), 30);
    expect(await waiting).toBeInstanceOf(InterruptedError);
    expect(writes(emulator)).toHaveLength(1);
  });

  it('is tried again where no connection is made, and then says that nothing was sent', async () => {
    const emulator = await emulate({users: 20});
    const directory = open(emulator);
    await directory.exists(ann.username);
    const client = connect({...emulator, url: 'http://127.0.0.1:1'}, {}, {DOCEBO_TOKEN: 'ready'});
    const write = {method: 'DELETE', path: '/x', headers: {}, body: '', isSigned: false, changes: true} as const;
    const error = await failureOf(new Writer(client.docebo).send(write));
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error).toMatchObject({attempts: 6, message: expect.stringContaining('ECONNREFUSED: nothing was sent')});
  });
});

describe('the legacy API', () => {
  it('needs its key pair only, and refuses another', async () => {
    const emulator = await emulate({users: 20});
    const env = {DOCEBO_BASE_URL: emulator.url, DOCEBO_LEGACY_API_KEY: demoLegacyCredentials.key};
    expect(() => DoceboDirectory.fromEnv({api: 'legacy', env})).toThrow('DOCEBO_LEGACY_API_SECRET is missing');
    const directory = (secret: string) => {
      const made = DoceboDirectory.fromEnv({
        api: 'legacy',
        env: {...env, DOCEBO_LEGACY_API_SECRET: secret, DOCEBO_INGEST_STATE_DIR: '/dev/null/no'},
      });
      onTestFinished(async () => made.close());
      return made;
    };
    expect((await directory(demoLegacyCredentials.secret).create(ann)).outcome).toBe('created');
    const error = await failureOf(directory('another-legacy-secret').create(ann));
    expect(error).toBeInstanceOf(CredentialsError);
    expect(String(error)).not.toContain('another-legacy-secret');
    expect(() => DoceboDirectory.fromEnv({env: {}})).toThrow("Docebo's credentials are incomplete");
  });

  it('asks again where only a look-up failed', async () => {
    const emulator = await emulate({users: 20});
    emulator.setFaults([
      {kind: 'reset', match: 'checkUsername'},
      {kind: 'status', status: 503, match: 'checkUsername'},
    ]);
    expect(await open(emulator, {legacy}).exists(ann.username)).toBe(false);
  });

  it('refuses what it cannot write', async () => {
    const directory = open(await emulate(), {legacy});
    await expect(directory.create({...ann, timezone: 'UTC'})).rejects.toThrow('cannot be written by the legacy API');
  });
});

describe('a sign-in URL', () => {
  it('signs in at the tenant, and not with another secret or name', async () => {
    const emulator = await emulate({users: 20});
    const directory = open(emulator);
    const {userId} = await directory.create(ann);
    const statusOf = async (url: string) => (await fetch(url)).status;
    const {ssoSecret} = demoLegacyCredentials;
    const url = directory.signInUrl({username: ann.username, ssoSecret});
    expect(await (await fetch(url)).text()).toContain(`<title>${userId}</title>`);
    expect(await statusOf(directory.signInUrl({username: ann.username, ssoSecret: 'an0ther'}))).toBe(403);
    expect(await statusOf(url.replace(/time=\d{4}/, 'time=2001'))).toBe(403);
    expect(directory.tokenSignInUrl({accessToken: 'abcd', expiresInSeconds: 60})).toBe(
      `${emulator.url}/learn/mycourses;type=oauth2_response;access_token=abcd;expires_in=60;token_type=Bearer;scope=api`,
    );
  });
});
