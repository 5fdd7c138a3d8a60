import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import {type DoceboOptions, ingest, openDestination, openDocebo, type Report, type Table} from '../../src/index.js';
import type {Emulated} from './emulated.js';

/** Loads tables into a DuckDB file inside this process. Throws if one does not arrive whole. */
export async function runLibrary(
  emulated: Emulated,
  tables: readonly Table[],
  folder: string,
  options: DoceboOptions = {},
): Promise<{report: Report; seconds: number}> {
  const file = join(folder, 'library.duckdb');
  const docebo = openDocebo(emulated.settings, options);
  const start = performance.now();
  try {
    const report = await ingest({
      docebo,
      destination: openDestination(`duckdb://${file}`, {lockTimeoutMs: 0}),
      loads: tables.map(table => ({table, target: {schema: 'dest', name: table.name}})),
      stateDir: join(folder, 'library-state'),
      cast: {invalidDates: 'epoch', onCastError: 'null', schemaContract: 'evolve', loadMetadata: true},
      allOrNothing: false,
    });
    const failed = report.tables.find(({status}) => status !== 'published');
    if (failed !== undefined) throw new Error(`${failed.table}: ${failed.error?.message}`);
    return {report, seconds: (performance.now() - start) / 1000};
  } finally {
    await docebo.close();
    await rm(file, {force: true});
    await rm(join(folder, 'library-state'), {recursive: true, force: true});
  }
}
