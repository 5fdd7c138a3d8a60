import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {Load, PublishOptions} from '../../src/destination/destination.js';
import {openDestination} from '../../src/destination/open.js';
import {DestinationError, ResponseError} from '../../src/errors.js';
import type {SentType} from '../../src/spool/format.js';
import {integer, json, text} from '../../src/table.js';
import {query} from '../engine/query.js';
import {makeFolder, makeLoad, makeTable, publishOptions} from '../engine/spool.js';

const columns = {user_id: integer('Key.'), name: text('Text.'), extra: json('Nested.')};
const table = makeTable({columns});
const fine = {user_id: 1, name: 'Ada'};

const megabyte = 1_000_000;

async function publish(folder: string, uri: string, loads: readonly Load[], options: Partial<PublishOptions> = {}) {
  return openDestination(uri, {cwd: folder}).publish(loads, publishOptions(folder, options));
}

async function countRows(folder: string, uri: string): Promise<number> {
  if (uri.startsWith('jsonl')) {
    const lines = await readFile(join(folder, 'out', 'users.jsonl'), 'utf8');
    return lines.split('\n').filter(line => typeof JSON.parse(line || '0') === 'object').length;
  }
  return Number((await query(join(folder, 'out.duckdb'), 'SELECT count(*) FROM users'))[0]?.[0]);
}

const uris = ['duckdb:///out.duckdb', 'jsonl://out'] as const;

describe.each(uris)('%s', uri => {
  test.each([1000, 100_000])('holds JSON that is %i levels deep', async levels => {
    const folder = await makeFolder();
    const deep = '['.repeat(levels) + ']'.repeat(levels);
    const undeclared: Readonly<Record<string, readonly SentType[]>> = {more: ['array']};
    const record = `{"user_id":1,"name":${deep},"extra":${deep},"more":${deep}}`;
    const [users] = await publish(folder, uri, [await makeLoad(folder, [record], {table, undeclared})]);
    expect(users?.error).toBeUndefined();
    // JavaScript cannot parse what is that deep.
    if (uri.startsWith('duckdb')) {
      const values = 'SELECT name, extra, more FROM users';
      expect(await query(join(folder, 'out.duckdb'), values)).toEqual([[deep, deep, deep]]);
    } else {
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
    if (uri.startsWith('duckdb')) {
      const lengths = `SELECT length(name)::INT, length(extra->>'a')::INT FROM users WHERE user_id = 1`;
      expect(await query(join(folder, 'out.duckdb'), lengths)).toEqual([[megabyte, megabyte]]);
    } else {
      const lines = (await readFile(join(folder, 'out', 'users.jsonl'), 'utf8')).split('\n');
      const first = lines.find(line => line.startsWith('{"user_id":1,')) ?? '';
      expect(JSON.parse(first)).toEqual(record);
    }
  });

  test.each([
    [
      'text',
      (folder: string) => `'' AND '' ; COPY (SELECT 'x') TO '${join(folder, 'pwned.csv')}' ; SELECT 1 WHERE 1=0 --`,
    ],
    ['number', (_: string, i: number) => (i % 2 === 0 ? i : null)],
  ] as const)('takes a key that DuckDB has a meaning for as any other, whatever %s it holds', async (_, hold) => {
    const folder = await makeFolder();
    const keys = ['rowid', 'filename', 'file_row_number', 'file_index', 'json', 'page'];
    const records = Array.from({length: 2000}, (_, i) => ({
      user_id: i,
      name: 'x'.repeat(50_000),
      ...Object.fromEntries(keys.map(key => [key, hold(folder, i)])),
    }));
    const undeclared = Object.fromEntries(keys.map(key => [key, ['string', 'integer'] as const]));
    const [users] = await publish(folder, uri, [await makeLoad(folder, records, {table, undeclared})]);
    expect(users?.error).toBeUndefined();
    expect(await countRows(folder, uri)).toBe(2000);
    expect((await readdir(folder)).filter(name => name.startsWith('pwned'))).toEqual([]);
  });

  test('holds a text of 40 megabytes', async () => {
    const folder = await makeFolder();
    const record = {user_id: 1, name: 'x'.repeat(40 * megabyte)};
    const [users] = await publish(folder, uri, [await makeLoad(folder, [record, {...fine, user_id: 2}], {table})]);
    expect(users?.error).toBeUndefined();
    expect(users?.rows).toBe(2);
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
    const records = Array.from({length: 5000}, (_, i) => `{"user_id":${i},${filling}}`);
    const [users] = await publish(folder, uri, [await makeLoad(folder, records, {table, undeclared})]);
    expect(users?.error).toBeUndefined();
    expect(users?.rows).toBe(5000);
  });
});
