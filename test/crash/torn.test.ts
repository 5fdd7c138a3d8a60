import {appendFile, cp, mkdtemp, readFile, rm, stat, truncate, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import fc from 'fast-check';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {exitCodes} from '../../src/errors.js';
import {linesFromRecords} from '../../src/spool/lines.js';
import {loadManifest} from '../../src/spool/load-manifest.js';
import {readRecords} from '../../src/spool/read-records.js';
import {TableSpool} from '../../src/spool/table-spool.js';
import {parseAll} from '../helpers/records.js';
import {type Rehearsal, rehearse} from '../helpers/rehearsal.js';
import {durableRequests} from './durable.js';
import {lastRun} from './scene.js';

const [recordsName, manifestName] = ['records.ndjson', 'manifest.ndjson'];
const declared = new Set(['id', 'text']);

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-torn-'));
});

afterEach(async () => {
  await rm(folder, {recursive: true});
});

const idsOf = (page: number, count: number) =>
  Array.from({length: count}, (_, row) => ({id: page * 100 + row, text: 'é'}));

/** Lands a page of so many records for each number, and gives the ids in order. */
async function land(run: string, counts: readonly number[], isComplete: boolean): Promise<readonly number[]> {
  const spool = await TableSpool.open(run, 'users', {keepsDerived: false});
  for (const [page, count] of counts.entries()) {
    const lines = linesFromRecords(idsOf(page, count), declared);
    await spool.land({lines, request: `GET /users?page=${page}`, bound: {}, facts: null, state: 0, sentAfter: 0});
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (isComplete) await spool.complete({total, moved: false, route: '/users'});
  else await spool.close();
  return counts.flatMap((count, page) => idsOf(page, count).map(({id}) => id));
}

/** What a run that takes up the spool finds, after it has opened it and landed one more page. */
async function restore(run: string) {
  const spool = await TableSpool.open(run, 'users');
  const [count, isComplete] = [spool.count, spool.before.completed !== undefined];
  const lines = linesFromRecords([{id: -1, text: 'after'}], declared);
  await spool.land({lines, request: 'GET /after', bound: {}, facts: null, state: 0, sentAfter: 0});
  const spooled = await spool.complete({total: null, moved: false, route: '/users'});
  const found = (await parseAll(readRecords(spooled))).map(({id}) => id);
  return {count, isComplete, found, records: spooled.records};
}

describe('a spool that was cut anywhere', () => {
  test('gives back the first of what was landed, and takes more', async () => {
    const cut = fc.record({
      counts: fc.array(fc.nat(4), {maxLength: 8}),
      isComplete: fc.boolean(),
      manifest: fc.option(fc.double({min: 0, max: 1, noNaN: true}), {nil: 1}),
      records: fc.option(fc.double({min: 0, max: 1, noNaN: true}), {nil: 1}),
      garbage: fc.constantFrom(
        '',
        '{"type":"page","page',
        '\0'.repeat(9),
        '\0\0\n',
        '\n',
        '7\n',
        'null\n',
        '{"type":"page"}\n',
      ),
      longer: fc.constantFrom('', '{"page":9,"record":{"id":', '\0\0\0'),
    });
    await fc.assert(
      fc.asyncProperty(cut, async ({counts, isComplete, manifest, records, garbage, longer}) => {
        const landed = await land(folder, counts, isComplete);
        const cuts = [
          [manifestName, manifest, garbage],
          // Durable bytes do not change: a file that is cut may be shorter, or longer than was promised.
          [recordsName, records, records === 1 ? longer : ''],
        ] as const;
        for (const [name, part, more] of cuts) {
          const file = join(folder, 'users', name);
          const {size} = await stat(file);
          await truncate(file, Math.floor(size * part));
          await appendFile(file, more);
        }
        const restored = await restore(folder);
        const before = restored.found.slice(0, restored.count);
        expect(restored.found.slice(restored.count)).toEqual([-1]);
        expect(before).toEqual(landed.slice(0, restored.count));
        expect(restored.records).toBe(restored.count + 1);
        if (restored.isComplete) expect(before).toEqual(landed);
        if (manifest === 1 && records === 1)
          expect({before, isComplete: restored.isComplete}).toEqual({before: landed, isComplete});
      }),
      {numRuns: 80},
    );
  });

  test('keeps each page whose line is whole, wherever the last two lines end', async () => {
    const counts = [2, 3, 1, 2];
    await land(folder, counts, true);
    const text = await readFile(join(folder, 'users', manifestName), 'utf8');
    const kept = join(folder, 'kept');
    await cp(join(folder, 'users'), kept, {recursive: true});
    const from = text.split('\n').slice(0, -3).join('\n').length + 1;
    // A line that is cut within is cut alike at its next byte, so every third one and those around a newline are enough.
    const ends = Array.from({length: text.length + 1 - from}, (_, i) => from + i);
    const isTried = (end: number) =>
      (end - from) % 3 === 0 || end >= text.length - 1 || /\n/.test(text.slice(end - 1, end + 1));
    for (const end of ends.filter(isTried)) {
      await rm(join(folder, 'users'), {recursive: true});
      await cp(kept, join(folder, 'users'), {recursive: true});
      await truncate(join(folder, 'users', manifestName), end);
      const {lines, durableBytes} = await loadManifest(join(folder, 'users', manifestName));
      const whole = text.slice(0, end).split('\n').length - 1;
      expect({lines: lines.length, durableBytes}).toEqual({
        lines: whole,
        durableBytes: text.lastIndexOf('\n', end - 1) + 1,
      });
      const {count, isComplete} = await restore(folder);
      const pages = Math.min(whole, counts.length);
      expect({count, isComplete}).toEqual({
        count: counts.slice(0, pages).reduce((sum, each) => sum + each, 0),
        isComplete: end === text.length,
      });
    }
  });
});

describe('a run whose spool was damaged is resumed', () => {
  const names = ['users', 'groups', 'group_members'];

  /** Loads, damages a file of users' spool, and takes the run up again. */
  async function damage(strike: (files: {manifest: string; records: string}) => Promise<void>) {
    const rehearsal = await rehearse({users: 150});
    const {emulator, stateDir} = rehearsal;
    const {loadId} = await rehearsal.load(names, {pageSize: 25});
    for (const position of [3, 40, 90]) emulator.edit('users').touch(position);
    const users = join(await lastRun(stateDir), 'users');
    await strike({manifest: join(users, manifestName), records: join(users, recordsName)});
    const durable = await readDurable(rehearsal);
    const before = emulator.requests.length;
    const report = await rehearsal.load(names, {pageSize: 25}, {resume: loadId});
    expect(report.exitCode).toBe(exitCodes.ok);
    const asked = rehearsal.asked(before);
    return {rehearsal, asked, durable};
  }

  async function readDurable({stateDir}: Rehearsal): Promise<readonly string[]> {
    return durableRequests(await lastRun(stateDir)).catch(() => []);
  }

  /** Without a change of length. */
  async function edit(file: string, pattern: RegExp, change: (match: string) => string): Promise<void> {
    const text = await readFile(file, 'utf8');
    const edited = text.replace(pattern, change);
    expect(edited).not.toBe(text);
    await writeFile(file, edited);
  }

  test.each([
    ['without its last line', -1, 0, 0],
    ['without its last line, and the one before torn', -40, 1, 1],
    ['without its last three', -2, 2, 1],
  ])('%s: it asks for what is gone, and for the page that it has to fit to', async (_, cutTo, pages, again) => {
    const {asked, durable} = await damage(async ({manifest}) => {
      const text = await readFile(manifest, 'utf8');
      const lines = text.trimEnd().split('\n');
      const completeBytes = Buffer.byteLength(`${lines.at(-1)}\n`);
      const lastBytes = Buffer.byteLength(`${lines.at(-2)}\n`);
      const less = {[-1]: completeBytes, [-40]: completeBytes + 40, [-2]: completeBytes + lastBytes + 40}[cutTo] ?? 0;
      await truncate(manifest, Buffer.byteLength(text) - less);
    });
    // The list was frozen, and what is read now is not of that search: only a page read beside it tells that nothing came between.
    expect(asked.filter(request => durable.includes(request))).toHaveLength(again);
    expect(asked.filter(request => !durable.includes(request))).toHaveLength(pages);
  });

  test.each<[string, (files: {manifest: string; records: string}) => Promise<void>]>([
    ['a records file that is shorter', async ({records}) => truncate(records, (await stat(records)).size - 10)],
    ['a records file that is gone', async ({records}) => rm(records)],
    [
      'a records file that is longer',
      async ({records}) => appendFile(records, '{"page":99,"record":{"user_id":"1"}}\n'),
    ],
    ['garbage in the manifest', async ({manifest}) => appendFile(manifest, 'nonsense\n{"type":"complete"}\n')],
    [
      'a record that was changed',
      async ({records}) => edit(records, /"user_id":"\d/, match => `${match.slice(0, -1)}9`),
    ],
    ['a line of the manifest that was changed', async ({manifest}) => edit(manifest, /"sent":\d/, () => '"sent":9')],
    ['zeros in the manifest', async ({manifest}) => appendFile(manifest, '\0'.repeat(4096))],
  ])('with %s: it publishes every row once', async (_, strike) => {
    const {rehearsal} = await damage(strike);
    const key = (row: string) => JSON.parse(row).user_id;
    const [rows, truth] = [await rehearsal.published('users'), rehearsal.truth('users')];
    expect(rows?.map(key).sort()).toEqual(truth.map(key).sort());
  });
});
