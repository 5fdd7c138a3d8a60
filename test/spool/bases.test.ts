import {appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {Bases, listBases, pruneBases} from '../../src/spool/bases.js';
import type {SpooledTable} from '../../src/spool/format.js';
import {linesFromRecords} from '../../src/spool/lines.js';
import {spoolVersion} from '../../src/spool/run-record.js';
import {TableSpool} from '../../src/spool/table-spool.js';

const tenant = 'https://x.test?client_id=a';
const route = '/users';

let stateDir: string;
let bases: Bases;

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'docebo-bases-'));
  bases = new Bases(join(stateDir, 'tenants', 'x'));
});
afterEach(async () => rm(stateDir, {recursive: true}));

/** Lands rows in a run and completes them. */
async function land(
  loadId: string,
  ids: readonly number[],
  askedAt = '2026-01-02T03:04:05.000Z',
): Promise<SpooledTable> {
  const spool = await TableSpool.open(join(stateDir, 'runs', loadId), 'users');
  const lines = linesFromRecords(
    ids.map(id => ({id})),
    new Set(),
  );
  await spool.land({lines, request: 'GET /users', bound: {}, facts: null, state: 0, sentAfter: 0, readAt: askedAt});
  return spool.complete({total: ids.length, moved: false, route, servedBy: route, asked_at: askedAt});
}

async function renew(loadId: string, ids: readonly number[], askedAt?: string): Promise<SpooledTable> {
  const spooled = await land(loadId, ids, askedAt);
  await bases.renew(tenant, loadId, spooled);
  return spooled;
}

const take = async (into = 'taken', routes: readonly string[] = [route]) =>
  bases.take('users', routes, join(stateDir, into));
const tableFolder = () => join(stateDir, 'tenants', 'x', 'bases', 'users');
const recordsOf = (loadId: string) => join(tableFolder(), loadId, 'records.ndjson');

describe('a base', () => {
  test('is what the last run has landed, and says from when on changes may be missing', async () => {
    expect(await take()).toBe('No earlier run has read the table whole.');
    await renew('one', [1, 2]);
    await renew('two', [1, 2, 3], '2026-01-03T03:04:05.000Z');
    const base = await take();
    expect(base).toMatchObject({completed: {records: 3}, askedAtMs: Date.UTC(2026, 0, 3, 3, 4, 5)});
    expect((await readdir(tableFolder())).sort()).toEqual(['base.json', 'two']);
  });

  test('takes no room beside the run that landed it, and outlives it', async () => {
    const {recordsFile} = await renew('one', [1, 2]);
    expect((await stat(recordsFile)).ino).toBe((await stat(recordsOf('one'))).ino);
    await rm(join(stateDir, 'runs'), {recursive: true});
    expect(await take()).toMatchObject({completed: {records: 2}});
  });

  test('stays as it was taken, whatever other runs do', async () => {
    await renew('one', [1, 2]);
    await take();
    await renew('two', [1], '2026-01-03T03:04:05.000Z');
    expect(await take()).toMatchObject({completed: {records: 2}});
    expect(await take('another')).toMatchObject({completed: {records: 1}});
  });

  test('is not replaced by one that was asked for earlier', async () => {
    await renew('late', [1, 2], '2026-01-03T03:04:05.000Z');
    await renew('early', [1], '2026-01-02T03:04:05.000Z');
    expect(await take()).toMatchObject({completed: {records: 2}});
  });

  test('is read by private eyes only', async () => {
    await renew('one', [1]);
    for (const path of [recordsOf('one'), join(tableFolder(), 'base.json'), tableFolder()])
      expect((await stat(path)).mode & 0o077, path).toBe(0);
  });

  test.each([
    [
      'a byte of a record',
      async () => writeFile(recordsOf('one'), (await readFile(recordsOf('one'), 'utf8')).replace('2', '3')),
    ],
    ['the end of the records', async () => truncate(recordsOf('one'), 10)],
    ['the end of the manifest', async () => truncate(join(tableFolder(), 'one', 'manifest.ndjson'), 40)],
    [
      'more of the manifest',
      async () => appendFile(join(tableFolder(), 'one', 'manifest.ndjson'), '{"type":"page"}\n'),
    ],
  ])('is not used once %s is changed', async (_, damage) => {
    await renew('one', [1, 2]);
    await damage();
    const base = await take();
    // A line that cannot follow the others was never promised.
    if (typeof base !== 'string') expect(base).toMatchObject({completed: {records: 2}});
    else expect(base).toBe('What earlier runs have read has changed on disk.');
  });

  test('is not used if its records are gone', async () => {
    await renew('one', [1, 2]);
    await rm(join(tableFolder(), 'one'), {recursive: true});
    expect(await take()).toBe('What earlier runs have read is not on disk any more.');
  });

  test('is not used if its entry is torn', async () => {
    await renew('one', [1, 2]);
    await truncate(join(tableFolder(), 'base.json'), 20);
    expect(await take()).toBe('No earlier run has read the table whole.');
  });

  test.each([
    [spoolVersion + 1, 'What earlier runs have read was written by a newer version of this program.', 2],
    [spoolVersion - 1, 'What earlier runs have read was written by an older version of this program.', 1],
  ])('of version %s is not used, and replaced only if it is older', async (version, reason, rows) => {
    await renew('one', [1, 2]);
    const file = join(tableFolder(), 'base.json');
    const entry = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({...entry, version}));
    expect(await take()).toBe(reason);
    await renew('two', [1], '2026-01-03T03:04:05.000Z');
    expect(JSON.parse(await readFile(file, 'utf8')).rows).toBe(rows);
  });

  test('of another route is not used', async () => {
    await renew('one', [1, 2]);
    expect(await take('taken', ['/people'])).toBe('The last run has read it by /users.');
  });
});

test('a filter that was distrusted stays so until it is trusted again', async () => {
  expect(await bases.distrustOf('users')).toBeNull();
  await bases.distrust('users', 'It is ignored.');
  await renew('one', [1]);
  expect(await bases.distrustOf('users')).toBe('It is ignored.');
  expect(await listBases(stateDir)).toMatchObject([{table: 'users', tenant, rows: 1, distrust: 'It is ignored.'}]);
  await bases.trust('users');
  expect(await bases.distrustOf('users')).toBeNull();
});

test('bases that are old or damaged are pruned, and what a crash has left', async () => {
  await renew('one', [1, 2]);
  const [old, young] = ['left-by-a-crash', 'being-linked'].map(name => join(tableFolder(), name));
  for (const folder of [old, young]) await mkdir(folder ?? '');
  await utimes(old ?? '', 1, 1);
  expect(await pruneBases(stateDir, Date.UTC(2026, 0, 1))).toEqual([]);
  expect((await readdir(tableFolder())).sort()).toEqual(['base.json', 'being-linked', 'one']);
  expect(await pruneBases(stateDir, Date.UTC(2027, 0, 1))).toMatchObject([{table: 'users'}]);
  expect(await take()).toBe('No earlier run has read the table whole.');
  expect(await readdir(tableFolder())).toEqual(['being-linked']);
});
