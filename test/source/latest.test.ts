import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import type {Accepted} from '../../src/choices.js';
import {readPublished} from '../../src/source/lists/latest.js';
import {linesFromRecords} from '../../src/spool/lines.js';
import {TableSpool} from '../../src/spool/table-spool.js';
import {defineTable, integer, type SentRecord, text} from '../../src/table.js';
import {parseAll} from '../helpers/records.js';

const things = defineTable({
  area: 'people',
  name: 'things',
  description: 'Things.',
  routes: [{path: '/things'}],
  primaryKey: ['id'],
  columns: {id: integer('Id.'), name: text('Name.')},
});

async function read(
  pages: readonly (readonly SentRecord[])[],
  moved: boolean,
  accept: Accepted = {},
): Promise<readonly SentRecord[]> {
  const folder = await mkdtemp(join(tmpdir(), 'docebo-latest-'));
  onTestFinished(async () => rm(folder, {recursive: true}));
  const spool = await TableSpool.open(folder, 'things');
  for (const records of pages) {
    const lines = linesFromRecords(records, new Set());
    await spool.land({lines, request: 'GET /things', bound: {}, facts: null, state: 0, sentAfter: 0});
  }
  const spooled = await spool.complete({total: null, moved, route: '/things'});
  return parseAll(readPublished(things, spooled, accept));
}

const [old, other, late, keyless] = [{id: 1, name: 'old'}, {id: 2}, {id: '1', name: 'late'}, {id: null}];

test('where rows moved, each row comes once, as it was read last', async () => {
  expect(
    await read(
      [
        [old, other, keyless],
        [keyless, late],
      ],
      true,
    ),
  ).toEqual([other, keyless, keyless, late]);
});

test('a record holds what was bound, whatever it holds itself, and any character', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'docebo-latest-'));
  onTestFinished(async () => rm(folder, {recursive: true}));
  const spool = await TableSpool.open(folder, 'things');
  const records = [{id: 1, name: 'one\u2028two\u2029three\u0085'}, {id: null, name: 'x'.repeat(3_000_000)}, {}];
  const lines = linesFromRecords(records, new Set());
  await spool.land({lines, request: 'GET /things', bound: {id: '7'}, facts: null, state: 0, sentAfter: 0});
  const spooled = await spool.complete({total: null, moved: false, route: '/things'});
  expect(await parseAll(readPublished(things, spooled, {}))).toEqual([
    {...records[0], id: '7'},
    {...records[1], id: '7'},
    {id: '7'},
  ]);
});

test('where none moved, every record comes', async () => {
  expect(await read([[old, other], [late]], false)).toEqual([old, other, late]);
});

test('what is accepted in a table is accepted in what is asked for or made by its rows', async () => {
  const pages = [[old, other, keyless], [late]];
  expect(await read(pages, false, {things: ['duplicates']})).toEqual([other, keyless, late]);
  expect(await read(pages, false, {things: ['null-keys']})).toEqual([old, other, late]);
  expect(await read(pages, false, {others: ['null-keys', 'duplicates']})).toEqual([old, other, keyless, late]);
});
