import {inspect} from 'node:util';
import {describe, expect, it} from 'vitest';
import {
  type DirectoryOptions,
  DoceboDirectory,
  RejectedError,
  ResponseError,
  Secret,
  UncertainError,
  UsageError,
} from '../../src/directory/index.js';
import {readProof} from '../../src/directory/proof.js';
import {demoLegacyCredentials} from '../../src/emulator/index.js';
import {connect} from '../helpers/connect.js';
import {hastyClock} from '../helpers/hasty-clock.js';
import {emulate, listen, open as openTenant} from '../source/tenant.js';

type Answer = readonly [status: number, body: unknown, headers?: Readonly<Record<string, string>>];

/** A directory of a tenant that says what a test wants, and what was sent to it. */
async function open(answer: (method: string, path: string) => Answer, options: DirectoryOptions = {}) {
  const sent: string[] = [];
  const url = await listen((request, response) => {
    let text = '';
    request.on('data', chunk => {
      text += String(chunk);
    });
    request.on('end', () => {
      const {url: path = '', method = ''} = request;
      if (path.startsWith('/oauth2')) return response.end(JSON.stringify({access_token: 'a'.repeat(40)}));
      sent.push(`${method} ${path} ${text}`);
      const [status, body, headers] = answer(method, path);
      response.writeHead(status, {'content-type': 'application/json', ...headers});
      return response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  const docebo = openTenant(url, {maxAttempts: 2, clock: hastyClock()});
  const writes = () => sent.filter(line => !line.startsWith('GET') && !line.includes('checkUsername'));
  return {directory: new DoceboDirectory(docebo, options), sent, writes};
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
    () => expect.fail('It succeeded.'),
    (error: unknown) => error,
  );
const legacy = {key: new Secret(demoLegacyCredentials.key), secret: new Secret(demoLegacyCredentials.secret)};

describe('a user who was made', () => {
  it.each([403, 400])('stays made if the look-up of its id is answered with %i', async status => {
    let isMade = false;
    const {directory} = await open(method => {
      if (method === 'GET') return isMade ? [status, {name: 'Forbidden', message: ['no'], status}] : [200, list()];
      isMade = true;
      return [200, {data: {success: true}}];
    });
    expect(await directory.create({username: 'ann'})).toEqual({outcome: 'created', userId: null, isDryRun: false});
  });

  it('stays made if the call is aborted while its id is looked up', async () => {
    const abort = new AbortController();
    let isMade = false;
    const {directory} = await open(method => {
      if (method === 'GET') {
        if (isMade) abort.abort();
        return [200, list()];
      }
      isMade = true;
      return [200, {data: {success: true}}];
    });
    const told = await directory.create({username: 'ann'}, {signal: abort.signal});
    expect(told).toMatchObject({outcome: 'created', userId: null});
  });

  it('stays refused if it cannot be looked up whether somebody else made it', async () => {
    let isAsked = false;
    const {directory} = await open(method => {
      if (method === 'GET') return isAsked ? [403, {}] : [200, list()];
      isAsked = true;
      return [400, {name: 'Bad Request', message: ['No more seats.'], status: 400}];
    });
    expect(await failureOf(directory.create({username: 'ann'}))).toMatchObject({
      status: 400,
      said: 'Bad Request: No more seats.',
    });
  });
});

it('a user whom somebody else removed meanwhile is absent', async () => {
  let isGone = false;
  const {directory} = await open(method => {
    if (method === 'GET') return [200, isGone ? list() : list(ann)];
    isGone = true;
    return [404, {name: 'Not Found', message: ['No such user.'], status: 404}];
  });
  expect(await directory.delete({username: 'ann'})).toMatchObject({outcome: 'absent'});
});

it.each([
  ['done', '{"data":{"success":true}}'],
  ['done', '{"success":1,"idst":7}'],
  ['done', '{"data":{"updated_id":"7"}}'],
  ['done', '{"data":{"success":true,"updated_ids":{"2":7}}}'],
  ['done', '{"data":[{"success":"true","deleted_user_ids":null}]}'],
  ['failed', '{"data":[{"success":true},{"success":"0"}]}'],
  ['left out', '{"data":{"success":true,"updated_ids":[],"not_updated_ids":[7]}}'],
  ['none', '{"data":{"success":true,"updated_id":8}}'],
  ['none', '{"data":{"success":null}}'],
  ['none', '{"idst":8}'],
  ['none', '{"user_id":7,"name":"Bad Request","message":["no seat"],"status":400}'],
  ['none', '{"data":{"success":true,"user_id":7,"error":"no seat"}}'],
  ['none', '[]'],
  ['none', 'null'],
  ['none', '""'],
  ['none', '{}'],
  ['none', '{"name":"Forbidden","message":["You are not allowed"],"status":403}'],
  ['none', '{"error":"access_denied"}'],
])('of a write about user 7 it is %s: %s', (proof, body) => {
  expect(readProof(JSON.parse(body), '7')).toBe(proof);
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
  expect(await failureOf(directory.delete({username: 'ann'}))).toBeInstanceOf(UncertainError);
});

it('a change of status that names other users as changed is not told as done', async () => {
  const {directory} = await open(method =>
    method === 'PUT' ? [200, {data: {success: true, updated_ids: [7]}}] : [200, list(ann)],
  );
  expect(await failureOf(directory.deactivate({username: 'ann'}))).toBeInstanceOf(UncertainError);
});

it('a success that says neither is uncertain, and its words are told', async () => {
  const body = {name: 'Forbidden', message: ['You are not allowed'], status: 403};
  const {directory} = await open(method => [200, method === 'PUT' ? body : list(ann)]);
  const error = await failureOf(directory.deactivate({username: 'ann'}));
  expect(error).toBeInstanceOf(UncertainError);
  expect(error).toMatchObject({status: 200, said: 'Forbidden: You are not allowed', error: 'Forbidden'});
});

it('an id of the legacy API goes as the digits that came', async () => {
  const {directory, writes} = await open(
    (_, path) => [
      200,
      path.endsWith('checkUsername') ? '{"idst": 9007199254740993, "success": true}' : '{"success": true}',
    ],
    {legacy},
  );
  expect(await directory.delete({username: 'ann'})).toMatchObject({userId: 9007199254740993n});
  expect(writes()).toEqual(['POST /api/user/delete idst=9007199254740993']);
});

it.each(['{"success": true}', '<html>', '{"idst": null, "success": true}'])(
  'a look-up by the legacy API that is answered with %s is no write',
  async body => {
    const {directory} = await open(() => [200, body], {legacy});
    expect(await failureOf(directory.exists('ann'))).toBeInstanceOf(ResponseError);
  },
);

it.each([
  ['modern', {}],
  ['legacy', {legacy}],
])('who is named by two things or none is refused without a call by the %s API', async (_, options) => {
  const {directory, sent} = await open(() => [200, {success: true, idst: 51153}], options);
  const both = {userId: 7n, username: 'ann'};
  // As a program in JavaScript might do.
  const none: {username: string} = JSON.parse('{}');
  for (const who of [both, none]) {
    expect(await failureOf(directory.delete(who))).toBeInstanceOf(UsageError);
    expect(await failureOf(directory.deactivate(who))).toBeInstanceOf(UsageError);
    expect(await failureOf(directory.update(who, {firstName: 'A'}))).toBeInstanceOf(UsageError);
  }
  expect(sent).toEqual([]);
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
  expect(inspect(error, {depth: 9})).not.toMatch(/p4ssw0rd/);
});

it('a redirect that follows a POST is not told as not happened', async () => {
  const {directory} = await open(method => (method === 'POST' ? [303, ''] : [200, list()]));
  expect(await failureOf(directory.create({username: 'ann'}))).toBeInstanceOf(UncertainError);
});

it('a quiet of days that Docebo asks for ends a write that was not made', async () => {
  const {directory} = await open(method =>
    method === 'POST' ? [429, '{}', {'retry-after': '900000'}] : [200, list()],
  );
  expect(await failureOf(directory.create({username: 'ann'}))).toMatchObject({
    code: 'E_UNAVAILABLE',
    message: expect.stringContaining('asks for quiet until'),
  });
});

it.each([
  ['by id', {userId: 51153}],
  ['by name', {username: 'ann'}],
] as const)('%s, another user than the one that was asked for is not written', async (_, who) => {
  const {directory, writes} = await open((method, path) =>
    method !== 'GET'
      ? [200, {data: {success: true}}]
      : path.includes('/user/')
        ? [200, {data: {user_data: {...ann, user_id: '7'}}}]
        : [200, list({...ann, user_id: '7', username: 'annie'}, {...ann, user_id: '8', username: ' ann'})],
  );
  await directory.delete(who).catch((error: unknown) => expect(error).toBeInstanceOf(ResponseError));
  expect(writes()).toEqual([]);
});

it('of two names that differ in case or in composition none is guessed', async () => {
  for (const [one, other, wanted] of [
    ['Ann', 'ANN', 'ann'],
    ['JOSE\u0301', 'JOS\u00c9', 'jos\u00e9'],
  ]) {
    const {directory, writes} = await open(method =>
      method !== 'GET'
        ? [200, {data: {success: true}}]
        : [200, list({...ann, user_id: '7', username: one}, {...ann, user_id: '8', username: other})],
    );
    expect(await failureOf(directory.delete({username: wanted ?? ''}))).toMatchObject({code: 'E_AMBIGUOUS'});
    expect(writes()).toEqual([]);
  }
});

it('what is signed is what is sent, in its order', async () => {
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
  expect(await failureOf(directory.exists('ann'))).toBeInstanceOf(RejectedError);
  expect(await failureOf(directory.delete({username: 'ann'}))).toBeInstanceOf(RejectedError);
});

it('a change without a field is no change', async () => {
  const {directory, writes} = await open(method =>
    method === 'GET' ? [200, list(ann)] : [200, {data: {success: true}}],
  );
  expect(await failureOf(directory.update({username: 'ann'}, {additionalFields: {}}))).toBeInstanceOf(UsageError);
  expect(writes()).toEqual([]);
});

it.each([
  ['a name that is no member', {firstName: 'Anna', nick: 'Annie'}, '"nick" is nothing that can be written'],
  ['a name of Docebo', {firstname: 'Anna'}, '"firstname" is nothing that can be written'],
  ['no text', {firstName: 'Anna', lastName: null}, 'lastName takes a text'],
  ['a number that JSON lacks', {additionalFields: {3: Number.NaN}}, 'field 3 takes a text or an exact number'],
  ['a rounded number', {additionalFields: {3: 2 ** 53}}, 'field 3 takes a text or an exact number'],
  ['a field without a number', {additionalFields: {city: 'Oslo'}}, 'by its number, not by "city"'],
])('of a user %s is refused, and not left out or sent as another value', async (_, changes: object, message) => {
  const {directory, sent} = await open(() => [200, {data: {success: true}}]);
  await expect(directory.update({username: 'ann'}, changes)).rejects.toThrow(message);
  await expect(directory.create({username: 'ann', ...changes})).rejects.toThrow(message);
  expect(sent).toEqual([]);
});

it('a write whose token is refused is told as refused, and not sent for ever', async () => {
  const {directory, sent} = await open(method => (method === 'POST' ? [401, '{}'] : [200, list()]));
  expect(await failureOf(directory.create({username: 'ann'}))).toMatchObject({code: 'E_CREDENTIALS', status: 401});
  expect(sent.length).toBeLessThan(6);
});
