import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {Load, PublishOptions} from '../../src/destination/destination.js';
import {openDestination} from '../../src/destination/open.js';
import {DestinationError, DriftError, ResponseError} from '../../src/errors.js';
import type {SentType} from '../../src/json/scanner.js';
import {integer, json, text} from '../../src/table.js';
import {query} from '../engine/query.js';
import {makeFolder, makeLoad, makeTable, publishOptions, writeSpool} from '../engine/spool.js';
import {readRowsOf, type TextRow} from './rows-of-files.js';

const columns = {user_id: integer('Key.'), name: text('Text.'), extra: json('Nested.')};
const table = makeTable({columns});
const fine = {user_id: 1, name: 'Ada'};

const megabyte = 1_000_000;

async function publish(folder: string, uri: string, loads: readonly Load[], options: Partial<PublishOptions> = {}) {
  return openDestination(uri, {cwd: folder}).publish(loads, publishOptions(folder, options));
}

// Formats write large rows alike: write-large-rows.test.ts.
const places = [
  {scheme: 'duckdb', uri: 'duckdb:///out.duckdb'},
  {scheme: 'jsonl', uri: 'jsonl:///out'},
] as const;

async function readRows(folder: string, scheme: (typeof places)[number]['scheme']): Promise<readonly TextRow[]> {
  if (scheme !== 'duckdb') return readRowsOf(scheme, join(folder, 'out', `users.${scheme}`));
  const file = join(folder, 'out.duckdb');
  const names = (await query(file, 'DESCRIBE users')).map(([name]) => String(name));
  const rows = await query(file, 'SELECT CAST(COLUMNS(*) AS VARCHAR) FROM users');
  return rows.map(row => Object.fromEntries(names.map((name, i) => [name, row[i] === null ? null : String(row[i])])));
}

describe.each(places)('$scheme', ({scheme, uri}) => {
  test.each([1000, 100_000])('holds JSON that is %i levels deep', async levels => {
    const folder = await makeFolder();
    const deep = '['.repeat(levels) + ']'.repeat(levels);
    const undeclared: Readonly<Record<string, readonly SentType[]>> = {more: ['array']};
    const record = `{"user_id":1,"name":${deep},"extra":${deep},"more":${deep}}`;
    const [users] = await publish(folder, uri, [await makeLoad(folder, [record], {table, undeclared})]);
    expect(users?.error).toBeUndefined();
    // JavaScript cannot parse what is that deep.
    if (scheme !== 'jsonl')
      expect(await readRows(folder, scheme)).toMatchObject([{name: deep, extra: deep, more: deep}]);
    else {
      const line = await readFile(join(folder, 'out', 'users.jsonl'), 'utf8');
      expect(line).toBe(`{"user_id":1,"name":"${deep}","extra":${deep},"more":${deep}}\n`);
    }
  });

  test('holds texts of a megabyte', async () => {
    const folder = await makeFolder();
    const long = 'é'.repeat(megabyte);
    const record = {user_id: 1, name: long, extra: {a: long}};
    const [users] = await publish(folder, uri, [await makeLoad(folder, [record, {...fine, user_id: 2}], {table})]);
    expect(users).toMatchObject({rows: 2, castFailures: {}});
    const first = (await readRows(folder, scheme)).find(row => row['user_id'] === '1');
    expect(first).toEqual({user_id: '1', name: long, extra: JSON.stringify({a: long})});
  });

  test('holds a text of 40 megabytes', async () => {
    const folder = await makeFolder();
    const record = {user_id: 1, name: 'x'.repeat(40 * megabyte)};
    const [users] = await publish(folder, uri, [await makeLoad(folder, [record, {...fine, user_id: 2}], {table})]);
    expect(users?.error).toBeUndefined();
    expect(users?.rows).toBe(2);
  });
});

// Every destination stages alike, so one of them shows what becomes of large records there.
describe('staging', () => {
  const [{scheme, uri}] = places;

  test('takes a key that DuckDB has a meaning for as any other, whatever it holds', async () => {
    const folder = await makeFolder();
    const keys = ['rowid', 'filename', 'file_row_number', 'file_index', 'json', 'page'];
    const attack = `'' AND '' ; COPY (SELECT 'x') TO '${join(folder, 'pwned.csv')}' ; SELECT 1 WHERE 1=0 --`;
    const held = [attack, 7, null];
    const records = Array.from({length: 1400}, (_, i) => ({
      user_id: i,
      name: 'x'.repeat(50_000),
      ...Object.fromEntries(keys.map(key => [key, held[i % 3]])),
    }));
    const undeclared = Object.fromEntries(keys.map(key => [key, ['string', 'integer'] as const]));
    const [users] = await publish(folder, uri, [await makeLoad(folder, records, {table, undeclared})]);
    expect(users?.error).toBeUndefined();
    expect(await readRows(folder, scheme)).toHaveLength(1400);
    expect((await readdir(folder)).filter(name => name.startsWith('pwned'))).toEqual([]);
  });

  test('holds texts of 150 KB in a thousand records, and goes on with the next table', async () => {
    const folder = await makeFolder();
    const long = 'x'.repeat(150_000);
    const pages = Array.from({length: 12}, (_, page) => ({
      records: Array.from({length: 100}, (_, i) => ({user_id: page * 100 + i, name: long})),
    }));
    const load = {table, target: {schema: null, name: 'users'}, spooled: await writeSpool(folder, 'users', pages)};
    const [users] = await publish(folder, uri, [load]);
    expect(users?.error).toBeUndefined();
    expect(await readRows(folder, scheme)).toHaveLength(1200);
    const [others] = await publish(folder, uri, [await makeLoad(folder, [fine], {name: 'others'})], {loadId: 'load2'});
    expect(others).toMatchObject({rows: 1});
    expect(others?.error).toBeUndefined();
  }, 240_000);

  describe('of large records', () => {
    const long = 'x'.repeat(100_000);
    const records = (name: string) =>
      Array.from({length: 175}, (_, i) => ({user_id: i, name: name + long, extra: {a: i}}));
    const shifted = (by: number) => records('first').map(({user_id, ...rest}) => ({...rest, user_id: user_id + by}));
    const pages = [{records: records('first')}, ...[1, 2, 3].map(page => ({records: shifted(page * 175)}))];

    async function publishMoved(more: {records: readonly unknown[]; number: number; state: number}) {
      const folder = await makeFolder();
      const spooled = await writeSpool(folder, 'users', [...pages, more], {moved: true, total: 700});
      const [users] = await publish(folder, uri, [{table, target: {schema: null, name: 'users'}, spooled}]);
      return {folder, users};
    }

    test('the last reading counts where rows moved', async () => {
      const {folder, users} = await publishMoved({records: records('later'), number: 1, state: 1});
      expect(users?.error).toBeUndefined();
      expect(users?.rows).toBe(700);
      const rows = await readRows(folder, scheme);
      const later = rows.filter(row => row['name'] === `later${long}`);
      expect([rows.length, later.length, new Set(rows.map(row => row['user_id'])).size]).toEqual([700, 175, 700]);
      expect(Object.keys(rows[0] ?? {})).toEqual(['user_id', 'name', 'extra']);
    }, 240_000);

    test('one that was met at two places shows that others may be missing', async () => {
      const {users} = await publishMoved({records: records('later'), number: 4, state: 0});
      expect(users?.error).toBeInstanceOf(DriftError);
    }, 240_000);
  });

  test('refuses a record that does not fit in memory, which holds no other table back', async () => {
    const folder = await makeFolder();
    const record = {user_id: 1, extra: {a: 'x'.repeat(200 * megabyte)}};
    const loads = [await makeLoad(folder, [record], {table}), await makeLoad(folder, [fine], {name: 'others'})];
    const [users, others] = await publish(folder, uri, loads);
    expect(users?.error).toBeInstanceOf(DestinationError);
    expect(users?.error?.message).toBe('users does not fit in the 512 MB of memory that DuckDB may take');
    expect(others).toMatchObject({rows: 1});
    expect(others?.error).toBeUndefined();
  });

  test('refuses 5,000 undeclared keys, which holds no other table back; without their values the table is published', async () => {
    const folder = await makeFolder();
    const keys = Array.from({length: 5000}, (_, i) => `key${i}`);
    const undeclared = Object.fromEntries(keys.map(key => [key, ['integer' as const]]));
    const records = [Object.fromEntries([['user_id', 1], ...keys.map((key, i) => [key, i])])];
    const load = await makeLoad(folder, records, {table, undeclared});
    const [users, others] = await publish(folder, uri, [load, await makeLoad(folder, [fine], {name: 'others'})]);
    expect(users?.error).toBeInstanceOf(ResponseError);
    expect(users?.error?.message).toMatch(/^users holds 5,000 keys that are not declared: key0, key1, .*, 4980 more$/);
    expect(others?.error).toBeUndefined();
    const [again] = await publish(folder, uri, [load], {schemaContract: 'discard_value'});
    expect(again).toMatchObject({rows: 1});
    expect(again?.error).toBeUndefined();
  });

  test('refuses 20,000 undeclared keys to look for at once', async () => {
    const folder = await makeFolder();
    const keys = Array.from({length: 20_000}, (_, i) => `key${i}`);
    const undeclared = Object.fromEntries(keys.map(key => [key, ['integer' as const]]));
    const load = await makeLoad(folder, [fine, {user_id: 2, key3: 1}], {table, undeclared});
    const [users] = await publish(folder, uri, [load], {schemaContract: 'discard_row'});
    expect(users?.error?.message).toMatch(/^users holds 20,000 keys that are not declared/);
    const few = await makeLoad(folder, [fine, {user_id: 2, key3: 1}], {table, undeclared: {key3: ['integer']}});
    const [others] = await publish(folder, uri, [few], {schemaContract: 'discard_row'});
    expect(others).toMatchObject({rows: 1, warnings: [expect.stringMatching(/1 record was left out/)]});
  });

  test('holds 500 undeclared keys in thousands of records', async () => {
    const folder = await makeFolder();
    const keys = Array.from({length: 500}, (_, i) => `key${i}`);
    const undeclared = Object.fromEntries(keys.map(key => [key, ['integer' as const]]));
    const filling = keys.map((key, i) => `"${key}":${i}`).join(',');
    const records = Array.from({length: 2100}, (_, i) => `{"user_id":${i},${filling}}`);
    const [users] = await publish(folder, uri, [await makeLoad(folder, records, {table, undeclared})]);
    expect(users?.error).toBeUndefined();
    expect(users?.rows).toBe(2100);
  });
});
