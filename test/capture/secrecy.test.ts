import {mkdtemp, readdir, readFile, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import fc from 'fast-check';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {readCapture} from '../../src/capture/read-capture.js';
import {collectVocabulary} from '../../src/capture/vocabulary.js';
import {startEmulator} from '../../src/emulator/index.js';
import {nameRoute} from '../../src/routes.js';
import {tables} from '../../tables/index.js';
import {capture, listenAs} from './taking.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-capture-'));
});

afterEach(async () => {
  await rm(folder, {recursive: true, force: true});
});

const vocabulary = collectVocabulary(tables);
const publicTexts = new Set([
  ...vocabulary.keys,
  ...[...vocabulary.words].filter(([key]) => !key.startsWith('sort_')).flatMap(([, words]) => [...words]),
]);

/** What a capture says of its own: names of tables, paths and columns. */
const declared = JSON.stringify([
  ...publicTexts,
  ...tables.flatMap(({name, routes}) => [name, ...routes.map(nameRoute)]),
]);

/** The texts of all files of a capture but the one that explains it. */
async function readFiles(captured: string): Promise<readonly string[]> {
  const files = (await readdir(captured)).filter(name => name !== 'README.txt');
  return Promise.all(files.map(async name => readFile(join(captured, name), 'utf8')));
}

/** Texts and numbers of a reply, and its keys if they are data. */
function* valuesIn(value: unknown, isKey: (key: string) => boolean): Generator<string> {
  if (typeof value === 'string' || typeof value === 'number') yield String(value);
  else if (Array.isArray(value)) for (const each of value) yield* valuesIn(each, isKey);
  else if (typeof value === 'object' && value !== null)
    for (const [key, each] of Object.entries(value)) {
      if (!isKey(key)) yield key;
      yield* valuesIn(each, isKey);
    }
}

/** Whether a value is long enough to say anything, and is not a word of Docebo's own. */
function isTelling(value: string): boolean {
  const letters = value.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  const isDate = /^[0:. -]*$|^(true|false|null)$/i.test(value);
  return letters > 3 && !publicTexts.has(value) && !isDate;
}

/** The values of the bodies in a capture, whole and word by word, the keys that are not Docebo's, and every number in its files. */
function tokensOf(files: readonly string[]): ReadonlySet<string> {
  const bodies = files.flatMap(text => [...membersCalled('body', JSON.parse(text))]);
  const texts = bodies.flatMap(body => [...valuesIn(body, key => publicTexts.has(key))]);
  const words = texts.flatMap(each => each.match(/[\p{L}\p{M}]+/gu) ?? []);
  const numbers = files.flatMap(text => text.match(/(?<![\p{L}\d.:-])\d+(?![\p{L}\d.:-])/gu) ?? []);
  return new Set([...texts, ...words, ...numbers].map(each => each.toLowerCase()));
}

function* membersCalled(name: string, value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, each] of Object.entries(value)) {
    if (key === name) yield each;
    else yield* membersCalled(name, each);
  }
}

test('a capture of the emulator holds no name, mail, title, id or host of its tenant', async () => {
  const emulator = await startEmulator({users: 40});
  try {
    const captured = join(folder, 'capture');
    const {replies, taken} = await capture(emulator, captured);
    // It is one of all tables, and can be read.
    expect([...taken.keys()].sort()).toEqual(tables.map(({name}) => name).sort());
    const made = [...taken.values()].flatMap(({routes}) => routes.flatMap(route => route.replies));
    expect((await readCapture(captured)).replies).toHaveLength(made.length);
    expect(made.length).toBeGreaterThan(30);
    const files = await readFiles(captured);
    const text = files.join('\n');
    const tokens = tokensOf(files);
    const isApiKey = (key: string) => /^[a-zA-Z_]+$/.test(key) || /^field_\d$/.test(key);
    const sent = emulator.requests
      .filter(({path}) => path !== '/oauth2/token')
      .flatMap(({path}) => [...valuesIn(JSON.parse(replies.find(path)?.body.toString() ?? 'null'), isApiKey)]);
    const names = [...emulator.truth('users')].flatMap(user => [user['first_name'], user['last_name'], user['email']]);
    const searched = new Set([...sent, ...names.map(String)].filter(isTelling).map(value => value.toLowerCase()));
    expect(searched.size).toBeGreaterThan(1000);
    expect([...searched].filter(value => tokens.has(value))).toEqual([]);
    const long = [...searched].filter(
      value => value.length > 9 && !/^[\d: -]+$/.test(value) && !declared.includes(value),
    );
    expect(long.filter(value => text.toLowerCase().includes(value))).toEqual([]);
    expect(tokens).not.toContain(new URL(emulator.url).port);
    expect(text).not.toContain('127.0.0.1');
    expect(text).not.toContain('example.com');
    for (const name of await readdir(captured)) expect((await stat(join(captured, name))).mode & 0o077).toBe(0);
    expect((await stat(captured)).mode & 0o077).toBe(0);
  } finally {
    await emulator.close();
  }
});

const word = fc.oneof(
  fc.string({unit: 'grapheme', minLength: 1, maxLength: 30}),
  fc.string({unit: 'grapheme-ascii', minLength: 1, maxLength: 12}),
  fc.constantFrom(
    'Jörg Müller',
    '山田太郎さん',
    'Ольга Петрова',
    'sales & <b>marketing</b>',
    '🎓 Onboarding',
    'x'.repeat(5000),
  ),
);
const value: fc.Arbitrary<unknown> = fc.oneof(
  word,
  fc.bigInt({min: 0n, max: 10n ** 18n}).map(String),
  fc.maxSafeNat(),
  fc.emailAddress(),
  fc.webUrl({withQueryParameters: true}),
  fc.uuid(),
  fc.date({noInvalidDate: true}).map(date => date.toISOString()),
  fc.dictionary(word, word, {maxKeys: 3}).map(held => JSON.stringify(held)),
  fc.constantFrom(null, true, '', '0000-00-00', '0', 1),
);
const record = fc.record({
  user_id: fc.nat().map(String),
  first_name: word,
  email: fc.emailAddress(),
  last_update: value,
  field_12: value,
  // Keys that are data: ids, names, titles of fields.
  manager_names: fc.dictionary(fc.oneof(fc.nat().map(String), word), fc.record({manager_name: value, note: value}), {
    maxKeys: 4,
  }),
  multidomains: fc.dictionary(word, value, {maxKeys: 4}),
  actions: fc.array(value, {maxLength: 5}),
});

test('no value of a tenant is in its capture, whatever the values and the keys that are data', async () => {
  const users = tables.filter(({name}) => name === 'users');
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(record, {minLength: 1, maxLength: 5}), async items => {
      const captured = join(folder, String(run++));
      const body = {data: {items, count: items.length, has_more_data: true, total_count: 48_377}, version: '1.0.0'};
      const served = await listenAs(() => ({status: 200, body: JSON.stringify(body)}));
      try {
        await capture(served, captured, {tables: users});
      } finally {
        await served.close();
      }
      const tokens = tokensOf(await readFiles(captured));
      const isKey = (key: string) => publicTexts.has(key) || key === 'note' || key === 'field_12';
      const telling = [...valuesIn(body, isKey)].filter(isTelling).map(each => each.toLowerCase());
      expect(telling.filter(each => tokens.has(each))).toEqual([]);
    }),
    {numRuns: 30},
  );
});

test('the message of a refusal and the words of a page are not kept, nor a header that may name anybody', async () => {
  const [status, type] = [403, 'text/html; charset=utf-8'];
  const secret = 'Acme Industries';
  const served = await listenAs(path =>
    path.startsWith('/manage/v1/user?')
      ? {status, body: JSON.stringify({name: 'Forbidden', message: [`${secret} does not allow it`], status})}
      : {status, body: `<html>${secret}</html>`, headers: {'content-type': type, server: secret, 'set-cookie': secret}},
  );
  try {
    const captured = join(folder, 'capture');
    await capture(served, captured, {tables: tables.filter(({name}) => ['users', 'badges'].includes(name))});
    const text = (await readFiles(captured)).join('\n');
    expect(text).not.toMatch(/acme|industries|cookie|allow/i);
    expect(text).toContain('"name": "Forbidden"');
    expect(text).toContain(`"status": ${status}`);
    expect(text).toContain(type);
  } finally {
    await served.close();
  }
});

test('a reply that nobody understands is captured, and so is a list that ends in errors', async () => {
  const served = await listenAs(path => {
    if (path.startsWith('/manage/v1/user?')) return {status: 200, body: '{"result": {"rows": [{"user_id": 123456}]}}'};
    if (path.startsWith('/share')) return {status: 500, body: '{"error": "Database acme is gone"}'};
    return {status: 200, body: '{"data": {"items": [], "count": 0, "has_more_data": false}}'};
  });
  try {
    const captured = join(folder, 'capture');
    const chosen = tables.filter(({name}) => ['users', 'badges', 'locations'].includes(name));
    const {taken} = await capture(served, captured, {tables: chosen, maxAttempts: 1});
    expect([...taken].map(([table, {seen}]) => [table, seen])).toEqual([
      ['users', 'not understood'],
      ['locations', 'no record'],
      ['badges', 'not understood'],
    ]);
    const text = (await readFiles(captured)).join('\n');
    expect(text).toContain('"result.rows[].user_id": "1 × number, digits of up to 8"');
    expect(text).toContain('"status": 500');
    expect(text).not.toMatch(/123456|acme|database/i);
  } finally {
    await served.close();
  }
});

test('of a list, and of one inside a record, a page stays, and what counts its elements counts those', async () => {
  const captured = join(folder, 'capture');
  const emulator = await startEmulator({users: 60});
  try {
    const chosen = tables.filter(({name}) => name === 'catalog_items');
    await capture(emulator, captured, {tables: chosen, pageSize: 2});
  } finally {
    await emulator.close();
  }
  const {routes} = JSON.parse(await readFile(join(captured, 'catalogs.json'), 'utf8'));
  const {data} = routes[0].replies[0].body;
  expect(data).toMatchObject({count: 2, total_count: 2, total_page_count: 1, has_more_data: false});
  expect(data.items).toHaveLength(2);
  for (const {sub_items, number_items} of data.items) {
    expect(sub_items.length).toBeLessThanOrEqual(2);
    expect(number_items).toBe(sub_items.length);
  }
});
