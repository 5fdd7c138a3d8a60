import {readdir, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {Load} from '../../src/destination/destination.js';
import {ledgerName} from '../../src/destination/ledger.js';
import {openDestination} from '../../src/destination/open.js';
import {query} from '../engine/query.js';
import {makeFolder, makeLoad, publishOptions} from '../engine/spool.js';
import {publishElsewhere} from './publisher.js';

const uri = 'duckdb:///out.duckdb';

/** `numbers`: how many stand in each row, about 20 bytes each, which hardly compress. */
async function makeRows(folder: string, count: number, name: string, numbers = 2): Promise<Load> {
  const text = (row: number) => Array.from({length: numbers}, (_, i) => Math.sin(row * (i + 1))).join(' ');
  const rows = Array.from({length: count}, (_, row) => ({user_id: row, name: `${name} ${text(row)}`}));
  return makeLoad(folder, rows);
}

/** What DuckDB needs room for, in the order in which it may run out of it. */
const cases = [
  {runsOut: 'of the log', others: 100, rows: 50_000, roomKb: 1000, said: /could not be written: .*\.wal/, left: 10},
  {
    runsOut: 'of the file',
    others: 100,
    // More than a row group, which goes into the file at once.
    rows: 130_000,
    numbers: 4,
    roomKb: 3000,
    said: /could not be written: .*\.duckdb"/,
    left: 10,
  },
  // The log of what is new is smaller than the file, which then may not grow.
  {
    runsOut: 'in the end',
    others: 300_000,
    rows: 50_000,
    roomKb: 0,
    said: /The tables are published, but/,
    left: 50_000,
  },
];

describe('a disk that is full', () => {
  test('hides no reason why nothing was published', async () => {
    const folder = await makeFolder();
    const file = join(folder, 'out.duckdb');
    await openDestination(uri, {cwd: folder}).publish([await makeRows(folder, 10, 'before')], publishOptions(folder));
    await query(file, 'CREATE TABLE others AS SELECT md5(i::VARCHAR) FROM range(300000) numbers(i)');
    const fileLimitKb = Math.ceil((await stat(file)).size / 1024);
    // Left in the log by somebody else, and larger than what the file may grow by.
    const more = 'CREATE TABLE more AS SELECT md5(i::VARCHAR) FROM range(100000) numbers(i)';
    await query(file, 'PRAGMA disable_checkpoint_on_shutdown', more);
    const load = await makeRows(folder, 10, 'after');
    const sets = [[{...load, spooled: {...load.spooled, records: 7}}]];
    expect(await publishElsewhere({folder, uri, rounds: 1, sets, fileLimitKb})).toEqual([
      {errors: ['IncompleteError']},
    ]);
    expect(await query(file, 'SELECT count(*)::INT FROM users')).toEqual([[10]]);
  });

  test.each(cases)('$runsOut costs no table', async ({others, rows, numbers = 2, roomKb, said, left}) => {
    const folder = await makeFolder();
    const file = join(folder, 'out.duckdb');
    const destination = openDestination(uri, {cwd: folder});
    await destination.publish([await makeRows(folder, 10, 'before')], publishOptions(folder));
    await query(file, `CREATE TABLE others AS SELECT md5(i::VARCHAR) FROM range(${others}) numbers(i)`);
    const fileLimitKb = Math.ceil((await stat(file)).size / 1024) + roomKb;
    const sets = [[await makeRows(folder, rows, 'after', numbers)]];
    const [round] = await publishElsewhere({folder, uri, rounds: 1, sets, fileLimitKb});
    expect(round?.thrown?.name).toBe('DestinationError');
    expect(round?.thrown?.message).toMatch(said);
    const count = 'SELECT (SELECT count(*)::INT FROM others), (SELECT count(*)::INT FROM users)';
    expect(await query(file, count)).toEqual([[others, left]]);
    const [again] = await destination.publish(sets.flat(), publishOptions(folder, {loadId: 'again'}));
    expect(again?.rows).toBe(rows);
    expect((await readdir(folder)).filter(name => name.includes('duckdb'))).toEqual(['out.duckdb']);
    const tables = (await query(file, 'SELECT table_name FROM duckdb_tables() ORDER BY ALL')).flat();
    expect(tables.filter(name => name !== ledgerName)).toEqual(['others', 'users']);
  });

  test('leaves no new file', async () => {
    const folder = await makeFolder();
    const sets = [[await makeRows(folder, 50_000, 'after')]];
    for (const fileLimitKb of [8, 1000]) {
      const [round] = await publishElsewhere({folder, uri, rounds: 1, sets, fileLimitKb});
      expect(round?.thrown?.name).toBe('DestinationError');
      expect((await readdir(folder)).filter(name => name.includes('duckdb'))).toEqual([]);
    }
  });
});
