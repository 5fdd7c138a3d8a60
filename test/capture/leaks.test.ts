import {mkdtemp, readdir, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {tables} from '../../tables/index.js';
import {capture, listenAs} from './taking.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-capture-'));
});

afterEach(async () => {
  await rm(folder, {recursive: true, force: true});
});

const users = tables.filter(({name}) => name === 'users');
const json = {'content-type': 'application/json'};

/** The capture of a tenant that answers so when it is asked for its users. */
async function captureOf(body: unknown, headers: Readonly<Record<string, string>> = json): Promise<string> {
  const answer = {status: 200, body: typeof body === 'string' ? body : JSON.stringify(body), headers};
  const served = await listenAs(() => answer);
  try {
    const captured = await mkdtemp(join(folder, 'capture-'));
    await capture(served, captured, {tables: users, maxAttempts: 1});
    const files = (await readdir(captured)).filter(name => name !== 'README.txt');
    return (await Promise.all(files.map(async name => readFile(join(captured, name), 'utf8')))).join('\n');
  } finally {
    await served.close();
  }
}

function listOf(record: object, around: object = {}) {
  const items = [{user_id: '51153', username: 'zelda', ...record}];
  return {data: {items, count: 1, has_more_data: false, total_count: 1, ...around}};
}

test.each<[string, unknown]>([
  ['a URL for a page around the list', listOf({}, {current_page: 'https://siemens.docebosaas.com/manage?page=1'})],
  ['a page in a record', listOf({current_page: {title: 'Siemens onboarding'}})],
  ['a text for a size of pages', listOf({}, {current_page_size: 'siemens'})],
  ['a number too large for one', listOf({}, {current_page_size: 12_057_933})],
  ['a map with one known name', listOf({multidomains: {name: 'x', siemens: 'y'}})],
  ['a map of users at the root', {success: true, siemens: {level: 'user'}}],
  ['a map of additional fields', listOf({additional_fields: {field_12: 'x', siemens: 'y'}})],
  ['a version in a record', listOf({version: '12.05.79.33'})],
  ['an address for the version at the root', {...listOf({}), version: '12.05.79.33'}],
  ['a member of one record', listOf({siemens_region: 'north'})],
  ['a member of an error', {name: 'Forbidden', message: ['no'], siemens: 1}],
  ['members of the errors in a list', {success: false, errors: [{siemens: 1}, {siemens: 2}]}],
])('%s does not leave a name of the tenant', async (_, body) => {
  expect(await captureOf(body)).not.toMatch(/siemens|onboarding|12\.?05\.?79\.?33/i);
});

test.each<[string, unknown]>([
  ['JSON in JSON', listOf({note: JSON.stringify({inner: JSON.stringify({who: 'siemens'})})})],
  ['base64', listOf({note: Buffer.from('siemens and zelda sign this contract').toString('base64')})],
  ['HTML', listOf({note: '<a href="https://siemens.com/x?u=zelda">siemens</a>'})],
  ['escapes', listOf({note: 'si\u00admens s\u200biemens &#115;iemens'})],
  ['escapes of a URL', listOf({note: '%73%69%65%6d%65%6e%73'})],
  ['a URL with a user', listOf({note: 'https://zelda:siemens@example.com/siemens'})],
  ['a link to a mail address', listOf({note: 'mailto:zelda@siemens.com'})],
  ['a share', listOf({note: '\\\\siemens\\share'})],
  ['names of members in JSON', listOf({note: '{"siemens": {"zelda": 1}}'})],
  ['what PHP writes', listOf({note: 'a:1:{s:7:"siemens";i:1;}'})],
  ['letters of mathematics', listOf({note: '𝓼𝓲𝓮𝓶𝓮𝓷𝓼'})],
  ['a zone', listOf({timezone: 'Europe/Siemens', creation_date: '2024-05-06 07:08:09 +05:45'})],
])('nothing is left of %s', async (_, body) => {
  expect(await captureOf(body)).not.toMatch(/siemens|zelda|%73|&#115|𝓼|\+05:45|(?<!\d)2024/i);
});

test('a number filled up with zeros, and a name that is a word for no or nothing, are invented', async () => {
  const text = await captureOf(
    listOf({fullname: 'Room 7', username: '0000000007', last_name: 'No', first_name: 'Null'}),
  );
  expect(text).not.toMatch(/Room 7|0000000007|"No"|"Null"/);
});

test('forms stay where they are declared, and facts of the page around the list', async () => {
  const around = {current_page: 1, current_page_size: '20'};
  const record = {is_manager: 'no', last_access_date: '0000-00-00 00:00:00', expired: 'null'};
  const text = await captureOf({...listOf(record, around), version: '1.0.0'});
  for (const [key, value] of Object.entries({...record, ...around, version: '1.0.0'}))
    expect(text).toContain(`"${key}": ${JSON.stringify(value)}`);
});

test.each([
  ['content-type', 'application/vnd.siemens+json', 'of another form'],
  ['content-type', 'application/json; charset=siemens', 'of another form'],
  ['content-type', 'application/json; charset=UTF-8', 'application/json; charset=UTF-8'],
  ['x-docebo-api-version', '10.44.17.203', 'of another form'],
  ['x-docebo-api-version', '1.0.0', '1.0.0'],
  ['server', 'nginx/10.44.17.203', 'nginx'],
  ['server', 'siemens', 'of another form'],
  ['x-ratelimit-remaining', '412755', '999999'],
])('of the header %s: %s a capture says %s', async (name, value, said) => {
  const text = await captureOf(listOf({}), {...json, [name]: value});
  expect(text).toContain(`"${name}": "${said}"`);
  if (said !== value) expect(text).not.toContain(value);
});

test('odd JSON is captured too', async () => {
  for (const body of [
    `${'['.repeat(3000)}1${']'.repeat(3000)}`,
    '{"data":{"items":[{"__proto__":{"x":"siemens"},"constructor":"siemens","user_id":1e400,"username":"\\ud800"}]}}',
    '[]',
    'null',
    '"siemens"',
    '12345678',
    '\ufeff{"data":{"items":[{"user_id":1,"username":"siemens"}]}}',
  ])
    expect(await captureOf(body)).not.toMatch(/siemens|12345678/i);
});
