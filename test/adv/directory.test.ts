import {createServer} from 'node:http';
import {expect, it, onTestFinished} from 'vitest';
import {
  type DirectoryOptions,
  DoceboDirectory,
  IngestError,
  InterruptedError,
  RejectedError,
  Secret,
  UncertainError,
  UsageError,
} from '../../src/directory/index.js';
import {demoLegacyCredentials} from '../../src/emulator/index.js';
import {openDocebo} from '../../src/source/docebo.js';
import {connect} from '../helpers/connect.js';
import {hastyClock} from '../helpers/hasty-clock.js';
import {emulate} from '../source/tenant.js';

type Reply = readonly [status: number, body: unknown];

/** A tenant that says what a test wants; returns what it was sent. */
async function open(
  answer: (method: string, path: string, body: string) => Reply,
  options: DirectoryOptions = {},
  headers: Readonly<Record<string, string>> = {},
) {
  const sent: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', chunk => (text += String(chunk)));
    request.on('end', () => {
      const [path, method] = [request.url ?? '', request.method ?? ''];
      const isToken = path.startsWith('/oauth2');
      if (!isToken) sent.push(`${method} ${path} ${text}`);
      const [status, body] = isToken
        ? [200, {access_token: 'a'.repeat(40), expires_in: 3600}]
        : answer(method, path, text);
      response
        .writeHead(status, {'content-type': 'application/json', ...(isToken || method === 'GET' ? {} : headers)})
        .end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  const credentials = {grant: 'client_credentials', clientId: 'id', clientSecret: new Secret('served-s3cret')} as const;
  const docebo = openDocebo(
    {baseUrl: new URL(`http://127.0.0.1:${address.port}`), credentials},
    {maxAttempts: 2, clock: hastyClock()},
  );
  onTestFinished(async () => {
    await docebo.close();
    server.closeAllConnections();
    server.close();
  });
  return {directory: new DoceboDirectory(docebo, options), sent};
}

const list = (...items: readonly object[]) => ({
  data: {
    items,
    count: items.length,
    total_count: items.length,
    has_more_data: false,
    current_page: 1,
    current_page_size: 200,
    total_page_count: 1,
  },
});
const ann = {
  user_id: '51153',
  username: 'ann',
  email: 'ann@example.com',
  first_name: 'Ann',
  last_name: 'Other',
  status: '1',
};
const failureOf = async (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    value => ({told: value}),
    (error: unknown) => error,
  );
const legacy = {key: new Secret(demoLegacyCredentials.key), secret: new Secret(demoLegacyCredentials.secret)};

it.each([403, 400])(
  'a user was made, and the look-up of its id is answered with %i: not told as rejected',
  async status => {
    let made = false;
    const {directory} = await open(method => {
      if (method === 'POST') return ((made = true), [200, {data: {success: true}}]);
      return made ? [status, {name: 'Forbidden', message: ['no'], status}] : [200, list()];
    });
    const error = await failureOf(directory.create({username: 'ann'}));
    expect(made).toBe(true);
    // Happened, id unknown; or at least uncertain.
    expect(error).not.toBeInstanceOf(RejectedError);
  },
);

it('a user was made, and the call is aborted while its id is looked up: not told as "not sent"', async () => {
  const abort = new AbortController();
  let made = false;
  const {directory} = await open(method => {
    if (method === 'POST') return ((made = true), [200, {data: {success: true}}]);
    if (made) abort.abort();
    return [200, list()];
  });
  const error = await failureOf(directory.create({username: 'ann'}, {signal: abort.signal}));
  expect(made).toBe(true);
  expect(error).not.toBeInstanceOf(InterruptedError);
});

it('a user who is there is not told as absent because the route of removal is not served', async () => {
  const {directory} = await open(method =>
    method === 'DELETE' ? [404, {name: 'Not Found', message: ['Page not found.'], status: 404}] : [200, list(ann)],
  );
  expect(await failureOf(directory.delete({username: 'ann'}))).toBeInstanceOf(RejectedError);
});

it('a removal that names no removed user is not told as a removal', async () => {
  const {directory} = await open(method =>
    method === 'DELETE' ? [200, {data: {success: true, deleted_user_ids: []}}] : [200, list(ann)],
  );
  expect(await failureOf(directory.delete({username: 'ann'}))).toBeInstanceOf(Error);
});

it('a change of status that names other users as changed is not told as done', async () => {
  const {directory} = await open(method =>
    method === 'PUT' ? [200, {data: {success: true, updated_ids: [7]}}] : [200, list(ann)],
  );
  expect(await failureOf(directory.deactivate({username: 'ann'}))).toBeInstanceOf(Error);
});

it.each([
  'null',
  '""',
  '{}',
  '{"name":"Forbidden","message":["You are not allowed"],"status":403}',
  '{"error":"access_denied"}',
])('a success that says neither, %s, is uncertain', async body => {
  const {directory} = await open(method => (method === 'PUT' ? [200, body] : [200, list(ann)]));
  expect(await failureOf(directory.deactivate({username: 'ann'}))).toBeInstanceOf(UncertainError);
});

it('an id of the legacy API goes as the digits that came', async () => {
  const {directory, sent} = await open(
    (_, path) => [
      200,
      path.endsWith('checkUsername') ? '{"idst": 9007199254740993, "success": true}' : '{"success": true}',
    ],
    {legacy},
  );
  await failureOf(directory.delete({username: 'ann'}));
  expect(sent.filter(each => each.includes('/delete')).filter(each => !each.includes('9007199254740993'))).toEqual([]);
});

it('who is named by two things at once is refused, whichever API', async () => {
  const told: unknown[] = [];
  for (const options of [{}, {legacy}]) {
    const {directory} = await open((method, path) => {
      if (path.startsWith('/api/')) return [200, {success: true, idst: 51153}];
      return method === 'GET' ? [200, list(ann)] : [200, {data: {success: true, deleted_user_ids: [51153]}}];
    }, options);
    told.push(await failureOf(directory.delete({userId: 7n, username: 'ann'})));
  }
  expect(told.every(each => each instanceof UsageError)).toBe(true);
});

it('by the legacy API the case of a username can be changed', async () => {
  const emulator = await emulate({users: 5});
  const directory = new DoceboDirectory(connect(emulator).docebo, {legacy});
  const {userId} = await directory.create({username: 'ann.other'});
  const told = await directory.update({username: 'Ann.Other'}, {username: 'Ann.Other'});
  const now = [...emulator.truth('users')].find(({user_id: id}) => id === String(userId))?.['username'];
  expect([told.outcome, now]).toEqual(['updated', 'Ann.Other']);
});

it('a secret of an unreadable reply is in no cause', async () => {
  const {directory} = await open(method => (method === 'POST' ? [200, 'p4ssw0rd!'] : [200, list()]));
  const error = await failureOf(directory.create({username: 'ann', password: 'p4ssw0rd!'}));
  expect(error).toBeInstanceOf(UncertainError);
  const {inspect} = await import('node:util');
  expect(inspect(error, {depth: 9})).not.toMatch(/p4ssw0rd/);
});

it('a redirect that follows a POST is not told as not happened', async () => {
  const {directory} = await open(method => (method === 'POST' ? [303, ''] : [200, list()]));
  expect(await failureOf(directory.create({username: 'ann'}))).toBeInstanceOf(UncertainError);
});

it('a quiet of days that Docebo asks for is told as an error of the package', async () => {
  const {directory} = await open(
    method => (method === 'POST' ? [429, '{}'] : [200, list()]),
    {},
    {'retry-after': '900000'},
  );
  const error = await failureOf(directory.create({username: 'ann'}));
  expect(error).toBeInstanceOf(IngestError);
});

it.each([
  ['by id', {userId: 51153}],
  ['by name', {username: 'ann'}],
] as const)('held: %s, another user than the one that was asked for is not written', async (_, who) => {
  const {directory, sent} = await open((method, path) =>
    method !== 'GET'
      ? [200, {data: {success: true}}]
      : path.includes('/user/')
        ? [200, {data: {user_data: {...ann, user_id: '7'}}}]
        : [200, list({...ann, user_id: '7', username: 'annie'}, {...ann, user_id: '8', username: ' ann'})],
  );
  await failureOf(directory.delete(who));
  expect(sent.filter(each => !each.startsWith('GET'))).toEqual([]);
});

it('held: of two names that differ in case or in composition none is guessed', async () => {
  for (const [one, other, wanted] of [
    ['Ann', 'ANN', 'ann'],
    ['JOSE\u0301', 'JOS\u00c9', 'jos\u00e9'],
  ]) {
    const {directory, sent} = await open(method =>
      method !== 'GET'
        ? [200, {data: {success: true}}]
        : [200, list({...ann, user_id: '7', username: one}, {...ann, user_id: '8', username: other})],
    );
    expect(await failureOf(directory.delete({username: wanted ?? ''}))).toMatchObject({code: 'E_AMBIGUOUS'});
    expect(sent.filter(each => !each.startsWith('GET'))).toEqual([]);
  }
});

it('held: what is signed is what is sent, in its order', async () => {
  const emulator = await emulate({users: 5});
  const directory = new DoceboDirectory(connect(emulator).docebo, {legacy});
  for (const [index, odd] of ['a,b&c=d+e %41', '\ud800 lone', 'ü\r\nx', ''].entries())
    expect(await directory.create({username: `odd${index}`, firstName: odd, lastName: 'Ü'})).toMatchObject({
      outcome: 'created',
    });
});

it('by the legacy API, which the tenant does not serve, nobody is told as absent', async () => {
  const {directory} = await open(() => [404, {name: 'Not Found', message: ['Page not found.'], code: 0, status: 404}], {
    legacy,
  });
  expect(await failureOf(directory.exists('ann'))).toBeInstanceOf(Error);
  expect(await failureOf(directory.delete({username: 'ann'}))).toBeInstanceOf(Error);
});

it('a change without a field is no change', async () => {
  const {directory, sent} = await open(method =>
    method === 'GET' ? [200, list(ann)] : [200, {data: {success: true}}],
  );
  expect(await failureOf(directory.update({username: 'ann'}, {additionalFields: {}}))).toBeInstanceOf(UsageError);
  expect(sent.filter(each => !each.startsWith('GET'))).toEqual([]);
});

it('held: a write whose token is refused is told as refused, and not sent for ever', async () => {
  const {directory, sent} = await open(method => (method === 'POST' ? [401, '{}'] : [200, list()]));
  expect(await failureOf(directory.create({username: 'ann'}))).toMatchObject({code: 'E_CREDENTIALS', status: 401});
  expect(sent.length).toBeLessThan(6);
});
