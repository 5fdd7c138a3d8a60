import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import type {DuckDBConnection} from '@duckdb/node-api';
import {run} from '../engine/duckdb.js';
import {withinMemory} from '../engine/memory.js';
import {isHeavy} from '../engine/pieces.js';
import {quoteText} from '../engine/quote.js';
import {type Sql, sql} from '../engine/sql.js';
import {type Staged, stage} from '../engine/stage.js';
import {DestinationError} from '../errors.js';
import type {Load} from './destination.js';
import {readLines} from './read-lines.js';

/** Stages and proves a load, and has `write` make lines of the staged table, which is gone afterwards. */
export async function stageLines(
  connection: DuckDBConnection,
  load: Load,
  options: Parameters<typeof stage>[3],
  write: (staged: Sql, proved: Staged) => Promise<void>,
): Promise<Staged> {
  const staged = sql`staged`;
  const make = async () =>
    withinMemory(connection, load.table.name, async () => {
      const proved = await stage(connection, load, staged, options);
      await write(staged, proved);
      return proved;
    });
  try {
    return (await isHeavy(connection, load.spooled)) ? await inFile(connection, options.workDir, make) : await make();
  } finally {
    await run(connection, sql`DROP TABLE IF EXISTS ${staged}`);
  }
}

/** Stages large records in a file, because only there DuckDB takes them in small row groups. */
async function inFile<T>(connection: DuckDBConnection, workDir: string, make: () => Promise<T>): Promise<T> {
  const file = join(workDir, 'large.duckdb');
  // What a killed run left.
  for (const name of [file, `${file}.wal`]) await rm(name, {force: true});
  await run(connection, sql`ATTACH ${quoteText(file)} AS large; USE large`);
  try {
    return await make();
  } finally {
    await run(connection, sql`USE memory; DETACH large`);
    await Promise.allSettled([file, `${file}.wal`].map(name => rm(name, {force: true})));
  }
}

/** Reads a file back before it is put in place: a disk may write less than it says. */
export async function refuseShort(file: string, place: string, rows: number): Promise<void> {
  const {count, areObjects} = await readLines(file);
  if (count === rows && areObjects) return;
  const found = `the file that was written holds ${count} lines${areObjects ? '' : ', some of them torn'}`;
  throw new DestinationError(`${place}: ${rows} rows were proved, but ${found}`, {
    hint: 'The earlier file was kept. Check the disk, and run again.',
  });
}
