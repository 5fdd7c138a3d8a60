import {mkdir, open, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import type {DuckDBConnection} from '@duckdb/node-api';
import {queryRows, withDuckdb} from '../engine/duckdb.js';
import {quoteIdentifier, quoteName, quoteText} from '../engine/quote.js';
import {stage} from '../engine/stage.js';
import {DestinationError} from '../errors.js';
import type {Load, Published, PublishOptions} from './destination.js';
import {fileName} from './jsonl.js';
import {attempt, holdBack, isStaged, toPublished} from './outcome.js';

const stagingSchema = 'main';

/** Writes each proved table beside its file, and puts all of them in place at the very end. */
export async function publishToJsonl(
  folder: string,
  loads: readonly Load[],
  options: PublishOptions,
): Promise<readonly Published[]> {
  const scratch = join(options.workDir, `jsonl-${options.loadId}.duckdb`);
  const unfinished = (load: Load) => join(folder, `.${fileName(load.target)}.${options.loadId}.tmp`);
  try {
    await mkdir(folder, {recursive: true, mode: 0o700});
    const attempts = await withDuckdb(scratch, {workDir: options.workDir, lockTimeoutMs: 0}, async connection => {
      const outcomes = [];
      for (const load of loads) {
        outcomes.push(await attempt(load, () => stageAndWrite(connection, load, unfinished(load), options)));
      }
      return outcomes;
    });
    const outcomes = holdBack(attempts, options);
    const ready = outcomes.filter(isStaged);
    for (const {load} of ready) await rename(unfinished(load), join(folder, fileName(load.target)));
    await syncPath(folder);
    return outcomes.map(outcome => toPublished(outcome));
  } catch (error) {
    throw nameFailure(folder, error);
  } finally {
    const leftovers = [scratch, `${scratch}.wal`, ...loads.map(unfinished)];
    // What cannot be removed must not hide why the files could not be written.
    await Promise.allSettled(leftovers.map(file => rm(file, {force: true})));
  }
}

async function stageAndWrite(
  connection: DuckDBConnection,
  load: Load,
  file: string,
  {loadId, invalidDates, onCastError, schemaContract, loadMetadata}: PublishOptions,
) {
  const staged = quoteName(stagingSchema, fileName(load.target));
  const casts = {invalidDates, onCastError, schemaContract, loadMetadata};
  try {
    const proved = await stage(connection, load, staged, {...casts, loadId, earlier: new Map()});
    await write(connection, fileName(load.target), file);
    return proved;
  } finally {
    await connection.run(`DROP TABLE IF EXISTS ${staged}`);
  }
}

async function write(connection: DuckDBConnection, stagedName: string, file: string): Promise<void> {
  // Created first, for its mode: DuckDB would take the process's umask.
  await (await open(file, 'w', 0o600)).close();
  const columns = await queryRows(
    connection,
    `SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = current_database()
     AND schema_name = ${quoteText(stagingSchema)} AND table_name = ${quoteText(stagedName)} ORDER BY column_index`,
  );
  const written = columns.map(([name, type]) => formatColumn(String(name), String(type)));
  await connection.run(
    `COPY (SELECT ${written.join(', ')} FROM ${quoteName(stagingSchema, stagedName)})
     TO ${quoteText(file)} (FORMAT json, USE_TMP_FILE false)`,
  );
  await syncPath(file);
}

/** Dates as ISO 8601; every other type is JSON as DuckDB writes it. */
function formatColumn(name: string, type: string): string {
  const column = quoteIdentifier(name);
  if (type === 'DATE') return `strftime(${column}, '%Y-%m-%d') AS ${column}`;
  if (type !== 'TIMESTAMP WITH TIME ZONE') return column;
  const isWhole = `date_trunc('second', ${column}) = ${column}`;
  return `strftime(${column}, CASE WHEN ${isWhole} THEN '%Y-%m-%dT%H:%M:%SZ' ELSE '%Y-%m-%dT%H:%M:%S.%fZ' END) AS ${column}`;
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function nameFailure(folder: string, error: unknown): unknown {
  const isFileSystem = error instanceof Error && 'syscall' in error;
  if (!isFileSystem) return error;
  return new DestinationError(`${folder} could not be written: ${error.message}`, {
    hint: 'Check the free space and the permissions of the folder.',
    cause: error,
  });
}
