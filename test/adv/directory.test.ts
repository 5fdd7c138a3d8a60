import {createServer} from 'node:http';
import {expect, it, onTestFinished} from 'vitest';
import {DoceboDirectory, type DirectoryOptions, InterruptedError, RejectedError, Secret, UncertainError, UsageError} from '../../src/directory/index.js';
import {demoLegacyCredentials} from '../../src/emulator/index.js';
import {openDocebo} from '../../src/source/docebo.js';
import {connect} from '../helpers/connect.js';
import {hastyClock} from '../helpers/hasty-clock.js';
import {emulate} from '../source/tenant.js';

type Reply = readonly [status: number, body: unknown];

/** A tenant that says what a test wants; returns what it was sent. */
async function open(answer: (method: string, path: string, body: string) => Reply, options: DirectoryOptions = {}) {
  const sent: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', chunk => (text += String(chunk)));
    request.on('end', () => {
      const [path, method] = [request.url ?? '', request.method ?? ''];
      const isToken = path.startsWith('/oauth2');
      if (!isToken) sent.push(`${method} ${path} ${text}`);
      const [status, body] = isToken ? [200, {access_token: 'a'.repeat(40), expires_in: 3600}] : answer(method, path, text);
      response.writeHead(status, {'content-type': 'application/json'}).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  const credentials = {grant: 'client_credentials', clientId: 'id', clientSecret: new Secret('served-s3cret')} as const;
  const docebo = openDocebo({baseUrl: new URL(`http://127.0.0.1:${address.port}`), credentials}, {maxAttempts: 2, clock: hastyClock()});
  onTestFinished(async () => {
    await docebo.close();
    server.closeAllConnections();
    server.close();
  });
  return {directory: new DoceboDirectory(docebo, options), sent};
}

const list = (...items: readonly object[]) => ({data: {items, count: items.length, total_count: items.length, has_more_data: false, current_page: 1, current_page_size: 200, total_page_count: 1}});
const ann = {user_id: '51153', username: 'ann', email: 'ann@example.com', first_name: 'Ann', last_name: 'Other', status: '1'};
const failureOf = async (call: Promise<unknown>): Promise<unknown> => call.then(value => ({told: value}), (error: unknown) => error);
const legacy = {key: new Secret(demoLegacyCredentials.key), secret: new Secret(demoLegacyCredentials.secret)};

it.each([403, 400])('a user was made, and the look-up of its id is answered with %i: not told as rejected', async status => {
  let made = false;
  const {directory} = await open(method => {
    if (method === 'POST') return (made = true), [200, {data: {success: true}}];
    return made ? [status, {name: 'Forbidden', message: ['no'], status}] : [200, list()];
  });
  const error = await failureOf(directory.create({username: 'ann'}));
  expect(made).toBe(true);
  // Happened, id unknown; or at least uncertain.
  expect(error).not.toBeInstanceOf(RejectedError);
});

it('a user was made, and the call is aborted while its id is looked up: not told as "not sent"', async () => {
  const abort = new AbortController();
  let made = false;
  const {directory} = await open(method => {
    if (method === 'POST') return (made = true), [200, {data: {success: true}}];
    if (made) abort.abort();
    return [200, list()];
  });
  const error = await failureOf(directory.create({username: 'ann'}, {signal: abort.signal}));
  expect(made).toBe(true);
  expect(error).not.toBeInstanceOf(InterruptedError);
});

it('a user who is there is not told as absent because the route of removal is not served', async () => {
  const {directory} = await open(method => (method === 'DELETE' ? [404, {name: 'Not Found', message: ['Page not found.'], status: 404}] : [200, list(ann)]));
  expect(await failureOf(directory.delete({username: 'ann'}))).toBeInstanceOf(RejectedError);
});

it('a removal that names no removed user is not told as a removal', async () => {
  const {directory} = await open(method => (method === 'DELETE' ? [200, {data: {success: true, deleted_user_ids: []}}] : [200, list(ann)]));
  expect(await failureOf(directory.delete({username: 'ann'}))).toBeInstanceOf(Error);
});

it('a change of status that names other users as changed is not told as done', async () => {
  const {directory} = await open(method => (method === 'PUT' ? [200, {data: {success: true, updated_ids: [7]}}] : [200, list(ann)]));
  expect(await failureOf(directory.deactivate({username: 'ann'}))).toBeInstanceOf(Error);
});

it.each(['null', '""', '{}', '{"name":"Forbidden","message":["You are not allowed"],"status":403}', '{"error":"access_denied"}'])('a success that says neither, %s, is uncertain', async body => {
  const {directory} = await open(method => (method === 'PUT' ? [200, body] : [200, list(ann)]));
  expect(await failureOf(directory.deactivate({username: 'ann'}))).toBeInstanceOf(UncertainError);
});

it('an id of the legacy API goes as the digits that came', async () => {
  const {directory, sent} = await open((_, path) => [200, path.endsWith('checkUsername') ? '{"idst": 9007199254740993, "success": true}' : '{"success": true}'], {legacy});
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
