import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import type {DuckDBConnection} from '@duckdb/node-api';
import {run} from '../engine/duckdb.js';
import {quoteText} from '../engine/quote.js';
import {sql} from '../engine/sql.js';

/** Stages large records in a file, because only there DuckDB takes them in small row groups. */
export async function inFile<T>(connection: DuckDBConnection, workDir: string, make: () => Promise<T>): Promise<T> {
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
