import type {ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {describe, expect, test} from 'vitest';
import type {Load} from '../../src/destination/destination.js';
import {ledgerName} from '../../src/destination/ledger.js';
import {openDestination} from '../../src/destination/open.js';
import {withDuckdb} from '../../src/engine/duckdb.js';
import {integer, text} from '../../src/table.js';
import {query} from '../engine/query.js';
import {makeFolder, makeLoad, makeTable, publishOptions} from '../engine/spool.js';
import {publishElsewhere, startPublisher} from './publisher.js';

const uri = 'duckdb:///out.duckdb';
const fileIn = (folder: string) => join(folder, 'out.duckdb');

/** Two tables of one version, which a reader must never see beside one of another version. */
async function makeSet(folder: string, version: string, rows = 2000): Promise<Load[]> {
  const names = ['a', 'b'];
  const records = Array.from({length: rows}, (_, i) => ({user_id: i, name: version, filling: `${i}`.repeat(20)}));
  return Promise.all(
    names.map(async name => {
      const columns = {user_id: integer('Key.'), name: text('Version.'), filling: text('Some bytes.')};
      return makeLoad(folder, records, {table: makeTable({name, columns})});
    }),
  );
}

/** The version that both tables have, all rows of it. */
async function readVersion(folder: string): Promise<string> {
  const counts = 'SELECT name, count(*)::INT, count(DISTINCT user_id)::INT FROM';
  const rows = await query(fileIn(folder), `${counts} a GROUP BY ALL UNION ALL ${counts} b GROUP BY ALL`);
  expect(rows).toEqual([rows[0], rows[0]]);
  expect(rows[0]?.slice(1)).toEqual([2000, 2000]);
  return String(rows[0]?.[0]);
}

/** Without the ledger. */
async function listTables(folder: string): Promise<unknown[]> {
  const tables = (await query(fileIn(folder), 'SELECT table_name FROM duckdb_tables() ORDER BY ALL')).flat();
  return tables.filter(name => name !== ledgerName);
}

describe('two processes that publish to one file', () => {
  test('take turns, and neither fails', async () => {
    const folder = await makeFolder();
    const rounds = 4;
    const both = await Promise.all(
      ['x', 'y'].map(async version => publishElsewhere({folder, uri, rounds, sets: [await makeSet(folder, version)]})),
    );
    const published = {errors: [null, null]};
    expect(both).toEqual([Array(rounds).fill(published), Array(rounds).fill(published)]);
    expect(['x', 'y']).toContain(await readVersion(folder));
    expect(await listTables(folder)).toEqual(['a', 'b']);
  });

  test('lose nothing where one of them publishes nothing and takes the new file away again', async () => {
    const folder = await makeFolder();
    const twice = {user_id: 1, name: 'Twice'};
    const failing = [await makeLoad(folder, [twice, twice], {name: 'failing'})];
    const rounds = 8;
    const [failed, fine] = await Promise.all([
      publishElsewhere({folder, uri, rounds, sets: [failing]}),
      publishElsewhere({folder, uri, rounds: 1, sets: [await makeSet(folder, 'x')]}),
    ]);
    expect(failed).toEqual(Array(rounds).fill({errors: ['IncompleteError']}));
    expect(fine).toEqual([{errors: [null, null]}]);
    expect(await readVersion(folder)).toBe('x');
    expect(await listTables(folder)).toEqual(['a', 'b']);
  });
});

describe('one process', () => {
  test('that publishes twice at once to one file loses nothing', async () => {
    const folder = await makeFolder();
    const names = ['one', 'two', 'three'];
    const published = await Promise.all(
      names.map(async (name, i) => {
        const load = await makeLoad(folder, [{user_id: i}], {name});
        return openDestination(uri, {cwd: folder}).publish([load], publishOptions(folder, {loadId: name}));
      }),
    );
    expect(published.flat().map(({error}) => error)).toEqual([undefined, undefined, undefined]);
    expect(await listTables(folder)).toEqual([...names].sort());
  });

  test('that checks a file while it publishes to it keeps the lock', async () => {
    const folder = await makeFolder();
    const sets = [[await makeLoad(folder, [{user_id: 1}])]];
    await openDestination(uri, {cwd: folder}).publish(sets.flat(), publishOptions(folder));
    const kept = await withDuckdb(fileIn(folder), {workDir: folder, lockTimeoutMs: 0}, async () => {
      await openDestination(uri, {cwd: folder}).check([]);
      return publishElsewhere({folder, uri, rounds: 1, sets, lockTimeoutMs: 0});
    });
    expect(kept).toMatchObject([{thrown: {name: 'DestinationError', message: expect.stringContaining('is held by')}}]);
  });
});

/** At another moment of a round each time; which one is left to chance. */
async function killAfterFirstRound(child: ChildProcess, delayMs: number): Promise<void> {
  if (child.stdout !== null) await once(child.stdout, 'data');
  await sleep(delayMs);
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('a process killed anywhere while it publishes leaves all tables of one version, and nothing else after the next run', async () => {
  const folder = await makeFolder();
  const sets = [await makeSet(folder, 'x'), await makeSet(folder, 'y')];
  const destination = openDestination(uri, {cwd: folder});
  await destination.publish(await makeSet(folder, 'first'), publishOptions(folder));
  await query(fileIn(folder), 'CREATE INDEX by_name ON a (name)');
  for (let kill = 0; kill < 6; kill++) {
    await killAfterFirstRound(await startPublisher({folder, uri, rounds: 1000, sets}), kill * 23);
    expect(['first', 'x', 'y']).toContain(await readVersion(folder));
    expect(await query(fileIn(folder), 'SELECT index_name FROM duckdb_indexes()')).toEqual([['by_name']]);
  }
  await destination.publish(await makeSet(folder, 'last'), publishOptions(folder));
  expect(await readVersion(folder)).toBe('last');
  expect(await listTables(folder)).toEqual(['a', 'b']);
}, 120_000);
