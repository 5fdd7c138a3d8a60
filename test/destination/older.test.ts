import {readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {PublishOptions} from '../../src/destination/destination.js';
import {openDestination} from '../../src/destination/open.js';
import {exitCodes, IncompleteError} from '../../src/errors.js';
import {query} from '../engine/query.js';
import {makeFolder, makeLoad, publishOptions} from '../engine/spool.js';

const [monday, tuesday] = ['2026-11-23T02:00:00.000Z', '2026-11-24T02:00:00.000Z'];

const places = [
  {
    scheme: 'duckdb',
    uri: 'duckdb:///out.duckdb',
    names: async (folder: string) =>
      (await query(join(folder, 'out.duckdb'), 'SELECT name FROM users ORDER BY user_id')).map(([name]) => name),
  },
  {
    scheme: 'jsonl',
    uri: 'jsonl://out',
    names: async (folder: string) =>
      (await readFile(join(folder, 'out', 'users.jsonl'), 'utf8'))
        .split('\n')
        .filter(line => line !== '')
        .map(line => JSON.parse(line).name),
  },
] as const;

describe.each(places)('a table of $scheme', ({uri, names}) => {
  interface Night extends Partial<PublishOptions> {
    readonly readAt: string;
    readonly rows?: readonly string[];
  }

  async function publish(folder: string, loadId: string, {readAt, rows = [loadId], ...options}: Night) {
    const records = rows.map((name, i) => ({user_id: i, name}));
    const load = await makeLoad(folder, records, {readAt});
    const given = {allowEmpty: true, maxShrinkPercent: 100, loadMetadata: true, ...options, loadId};
    const [users] = await openDestination(uri, {cwd: folder}).publish([load], publishOptions(folder, given));
    return users;
  }

  test.each([
    ['which says so in its rows', {loadMetadata: true}],
    ['whose rows say nothing', {loadMetadata: false}],
    ['that has no rows', {rows: []}],
  ])('%s is not replaced by what was read before it', async (_, night) => {
    const folder = await makeFolder();
    await publish(folder, 'newer', {...night, readAt: tuesday});
    const before = await names(folder);
    const kept = await publish(folder, 'older', {...night, rows: ['old'], readAt: monday});
    expect(kept?.error).toBeInstanceOf(IncompleteError);
    expect(kept?.error).toMatchObject({
      message:
        'users: the earlier table was read at 2026-11-24T02:00:00Z (load newer), later than these records, which were read at 2026-11-23T02:00:00Z',
      hint: expect.stringContaining('--allow-older'),
      exitCode: exitCodes.incomplete,
    });
    expect(await names(folder)).toEqual(before);
    const allowed = await publish(folder, 'older', {...night, rows: ['old'], readAt: monday, allowOlder: true});
    expect(allowed?.error).toBeUndefined();
    expect(await names(folder)).toEqual(['old']);
  });

  test.each([
    ['what was read later', 'later', tuesday],
    ['its own load', 'first', '2026-11-22T02:00:00.000Z'],
    ['another of the same moment', 'other', monday],
  ])('is replaced by %s', async (_, loadId, readAt) => {
    for (const loadMetadata of [true, false]) {
      const folder = await makeFolder();
      await publish(folder, 'first', {readAt: monday, rows: ['a', 'b'], loadMetadata});
      expect((await publish(folder, loadId, {readAt, loadMetadata}))?.error).toBeUndefined();
      expect(await names(folder)).toEqual([loadId]);
    }
  });

  test('is replaced, with a warning, where it was dated by a clock that was ahead', async () => {
    const folder = await makeFolder();
    await publish(folder, 'ahead', {readAt: '2999-01-01T00:00:00.000Z'});
    const replaced = await publish(folder, 'right', {readAt: tuesday});
    expect(replaced?.error).toBeUndefined();
    expect(replaced?.warnings).toEqual([expect.stringContaining('dated 2999-01-01T00:00:00Z, which is in the future')]);
    expect((await publish(folder, 'older', {readAt: monday}))?.error).toBeInstanceOf(IncompleteError);
  });

  test('that is no more there keeps nothing off', async () => {
    const folder = await makeFolder();
    await publish(folder, 'newer', {readAt: tuesday, loadMetadata: false});
    await rm(join(folder, uri.replace(/^.*\//, '')), {recursive: true});
    expect((await publish(folder, 'older', {readAt: monday, loadMetadata: false}))?.error).toBeUndefined();
  });

  test('of which nothing is known is replaced', async () => {
    const folder = await makeFolder();
    await publish(folder, 'newer', {readAt: tuesday, loadMetadata: false});
    const elsewhere = {ledgerDir: join(folder, 'elsewhere')};
    expect((await publish(folder, 'older', {readAt: monday, ...elsewhere}))?.error).toBeUndefined();
  });
});

test('a file of lines that somebody else wrote is replaced', async () => {
  const folder = await makeFolder();
  const destination = openDestination('jsonl://out', {cwd: folder});
  const options = publishOptions(folder, {maxShrinkPercent: 100});
  await destination.publish([await makeLoad(folder, [{user_id: 1}])], options);
  for (const text of [
    'not JSON',
    'null\n',
    '{"_docebo_load_id":1}\n',
    '{"_docebo_load_id":"x","_docebo_extracted_at":"?"}\n',
  ]) {
    await writeFile(join(folder, 'out', 'users.jsonl'), text);
    const [users] = await destination.publish([await makeLoad(folder, [{user_id: 1}])], {...options, loadId: 'load2'});
    expect(users?.error, text).toBeUndefined();
  }
});
