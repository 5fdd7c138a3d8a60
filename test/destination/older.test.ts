import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {PublishOptions} from '../../src/destination/destination.js';
import {openDestination} from '../../src/destination/open.js';
import {DestinationError, exitCodes, IncompleteError} from '../../src/errors.js';
import {query} from '../engine/query.js';
import {makeFolder, makeLoad, publishOptions} from '../engine/spool.js';
import {fileUris, readRowsOf} from './rows-of-files.js';

const [monday, tuesday] = ['2026-11-23T02:00:00.000Z', '2026-11-24T02:00:00.000Z'];

const places = [
  {
    scheme: 'duckdb',
    uri: 'duckdb:///out.duckdb',
    names: async (folder: string) =>
      (await query(join(folder, 'out.duckdb'), 'SELECT name FROM users ORDER BY user_id')).map(([name]) => name),
  },
  ...fileUris.map(({scheme, uri}) => ({
    scheme,
    uri,
    names: async (folder: string) =>
      (await readRowsOf(scheme, join(folder, 'out', `users.${scheme}`))).map(row => row['name']),
  })),
];

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
    ['whose rows are large', {rows: ['x"'.repeat(100_000) + 'x'.repeat(12_000_000)]}],
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
    const elsewhere = {readingsDir: join(folder, 'elsewhere')};
    expect((await publish(folder, 'older', {readAt: monday, ...elsewhere}))?.error).toBeUndefined();
  });
});

test.each([
  ['jsonl', ['not JSON', 'null\n', '{"_docebo_load_id":1}\n', '{"_docebo_load_id":"x","_docebo_extracted_at":"?"}\n']],
  [
    'csv',
    ['"', 'not CSV', '\n\n', 'user_id\n1\n', '_docebo_load_id,_docebo_extracted_at\nx,?', '_docebo_extracted_at\n'],
  ],
  ['parquet', ['']],
] as const)('a file of %s that somebody else wrote is replaced', async (scheme, texts) => {
  const folder = await makeFolder();
  const destination = openDestination(`${scheme}://out`, {cwd: folder});
  const options = publishOptions(folder, {maxShrinkPercent: 100});
  const load = await makeLoad(folder, [{user_id: 1}]);
  await destination.publish([load], options);
  for (const text of texts) {
    await writeFile(join(folder, 'out', `users.${scheme}`), text);
    await destination.check([load.target]);
    const [users] = await destination.publish([load], {...options, loadId: 'load2'});
    expect(users?.error, text).toBeUndefined();
  }
});

test('a Parquet file of other columns that somebody else wrote is replaced', async () => {
  const folder = await makeFolder();
  const destination = openDestination('parquet://out', {cwd: folder});
  const load = await makeLoad(folder, [{user_id: 1}]);
  await destination.publish([load], publishOptions(folder));
  const file = join(folder, 'out', 'users.parquet');
  for (const columns of ['1 AS a', '1 AS _docebo_load_id, 2 AS _docebo_extracted_at']) {
    await query(':memory:', `COPY (SELECT ${columns}) TO '${file}' (FORMAT parquet)`);
    const [users] = await destination.publish([load], publishOptions(folder, {loadId: 'load2'}));
    expect(users?.error).toBeUndefined();
  }
});

test.each([
  ['text', () => 'not Parquet'],
  [
    'Parquet whose description is torn',
    (whole: Buffer) => Buffer.from(whole).fill(0xff, whole.length - 60, whole.length - 8),
  ],
] as const)('a file that holds %s is kept where Parquet is to go, since nothing tells its rows', async (_, change) => {
  const folder = await makeFolder();
  const destination = openDestination('parquet://out', {cwd: folder});
  const loads = [await makeLoad(folder, [{user_id: 1}]), await makeLoad(folder, [{user_id: 1}], {name: 'fine'})];
  await destination.publish(loads, publishOptions(folder));
  const file = join(folder, 'out', 'users.parquet');
  const changed = change(await readFile(file));
  await writeFile(file, changed);
  const [users, fine] = await destination.publish(loads, publishOptions(folder, {loadId: 'load2'}));
  expect(users?.error).toBeInstanceOf(DestinationError);
  expect(users?.error?.message).toMatch(/^users\.parquet exists, but it cannot be read as Parquet/);
  expect(fine?.error).toBeUndefined();
  expect((await readFile(file)).equals(Buffer.from(changed))).toBe(true);
});

test('a file that is not Parquet is found before the first request', async () => {
  const folder = await makeFolder();
  await mkdir(join(folder, 'out'));
  await writeFile(join(folder, 'out', 'users.parquet'), 'PAR');
  const check = openDestination('parquet://out', {cwd: folder}).check([{schema: null, name: 'users'}]);
  await expect(check).rejects.toThrow(/cannot be read as Parquet/);
});
