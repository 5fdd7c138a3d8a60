import {existsSync} from 'node:fs';
import {open, rm, stat} from 'node:fs/promises';
import type {DuckDBConnection, DuckDBResultReader} from '@duckdb/node-api';
import {DestinationError, messageOf} from '../errors.js';
import {nameDuckdbFailure} from './failures.js';
import {followLinks} from './links.js';
import {inMemory, type OpenOptions, openReadOnly, openScratch, openWhenFree} from './open.js';
import {quoteText} from './quote.js';
import {type Sql, sql} from './sql.js';
import {takeTurn} from './turns.js';

/**
 * Opens a DuckDB file, hands over one connection, and leaves the file checkpointed and closed whatever happens. A new file is removed
 * again if `use` fails or `isWorthAFile` denies its result.
 */
export async function withDuckdb<T>(
  file: string,
  options: OpenOptions,
  use: (connection: DuckDBConnection) => Promise<T>,
  isWorthAFile: (result: T) => boolean = () => true,
): Promise<T> {
  if (file === inMemory) return openOnce(file, options, use, isWorthAFile);
  return takeTurn(file, async () => openOnce(file, options, use, isWorthAFile));
}

/** Reads from an existing file without changing it; null if it cannot be opened now, for instance because another process holds it. */
export async function peek<T>(
  file: string,
  look: (connection: DuckDBConnection) => Promise<readonly T[]>,
): Promise<readonly T[] | null> {
  if (file === inMemory || !existsSync(file)) return [];
  return takeTurn(file, async () => {
    const instance = await openReadOnly(file);
    try {
      const connection = await instance.connect();
      return await look(connection).finally(() => connection.closeSync());
    } finally {
      instance.closeSync();
    }
  }).catch(() => null);
}

/** Hands over a connection to an empty database in memory, and closes it whatever happens. */
export async function withScratch<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await openScratch();
  try {
    const connection = await instance.connect();
    return await use(connection).finally(() => connection.closeSync());
  } finally {
    instance.closeSync();
  }
}

async function openOnce<T>(
  file: string,
  options: OpenOptions,
  use: (connection: DuckDBConnection) => Promise<T>,
  isWorthAFile: (result: T) => boolean,
): Promise<T> {
  const {instance, isNew} = await openWhenFree(file, options);
  let isWanted = !isNew;
  try {
    const connection = await instance.connect();
    try {
      // Another process may have written to the file before it could be opened.
      isWanted ||= await holdsAnything(connection);
      if (file !== inMemory) await keepPrivate(file);
      await run(connection, sql`SET TimeZone = 'UTC'`);
      const result = await use(connection);
      const isPublished = isWorthAFile(result);
      isWanted ||= isPublished;
      if (file !== inMemory && isWanted) {
        // Where nothing was published, the result holds the reasons, which a failed checkpoint must not hide.
        await checkpoint(connection, file).catch(error => (isPublished ? Promise.reject(error) : undefined));
      }
      return result;
    } finally {
      // The file is still locked here, so nobody else has it open.
      if (!isWanted) await removeFile(file);
      connection.closeSync();
    }
  } catch (error) {
    throw nameDuckdbFailure(options.label ?? file, error);
  } finally {
    instance.closeSync();
  }
}

/**
 * Bulk data does not count towards the checkpoint threshold: without this, 20 replaces of 34 MB grew a file to 691 MB. The write-ahead
 * log holds what was committed, so a full disk costs the compaction and not the tables.
 */
async function checkpoint(connection: DuckDBConnection, file: string): Promise<void> {
  try {
    await run(connection, sql`CHECKPOINT`);
  } catch (cause) {
    throw new DestinationError(`The tables are published, but ${file} could not be checkpointed: ${messageOf(cause)}`, {
      hint: 'They are in the .wal file beside it: free some space, keep both files, and run again.',
      cause,
    });
  }
  await removeEmptyLog(file);
}

/** Moves what has been committed from the log into the file in the middle of a load. The new log is as private as the one before. */
export async function checkpointMeanwhile(connection: DuckDBConnection): Promise<void> {
  await run(connection, sql`CHECKPOINT`);
  const [row] = await queryRows(
    connection,
    sql`SELECT path FROM duckdb_databases() WHERE database_name = current_database()`,
  );
  if (typeof row?.[0] === 'string') await keepPrivate(row[0]);
}

/** DuckDB creates its log by the umask. It writes to an existing one, and removes it at the checkpoint. */
export async function keepPrivate(file: string): Promise<void> {
  try {
    const {mode} = await stat(file);
    await (await open(`${file}.wal`, 'a', mode & 0o777)).close();
  } catch (cause) {
    throw new DestinationError(`DuckDB keeps its log beside ${file}, where nothing can be written`, {cause});
  }
}

/** The checkpoint does not remove a log that nothing was written to. */
export async function removeEmptyLog(file: string): Promise<void> {
  const log = await stat(`${file}.wal`).catch(() => undefined);
  if (log?.size === 0) await rm(`${file}.wal`);
}

/** A link that leads to the file stays. */
export async function removeFile(file: string): Promise<void> {
  // What cannot be removed must not hide why nothing was published.
  const place = await followLinks(file);
  await Promise.allSettled([place, `${file}.wal`].map(name => rm(name, {force: true})));
}

async function holdsAnything(connection: DuckDBConnection): Promise<boolean> {
  const count = await queryNumber(
    connection,
    sql`SELECT count(*) FROM (SELECT database_name FROM duckdb_tables() WHERE NOT internal
          UNION ALL SELECT database_name FROM duckdb_views() WHERE NOT internal)
        WHERE database_name = current_database()`,
  );
  return count > 0;
}

/** Runs a statement that gives no rows. This and `query` are the only ways to DuckDB: see `Sql`. */
export async function run(connection: DuckDBConnection, statement: Sql): Promise<void> {
  await connection.run(statement);
}

/** Runs a query and reads all of its result. */
export async function query(connection: DuckDBConnection, select: Sql): Promise<DuckDBResultReader> {
  return connection.runAndReadAll(select);
}

/** The rows of a query, numbers as text where DuckDB's are wider than JavaScript's. */
export async function queryRows(connection: DuckDBConnection, select: Sql) {
  return (await query(connection, select)).getRowsJson();
}

/**
 * The rows of a query as JavaScript's values, some thousand at a time: integers as bigint, moments and days as Date, JSON parsed. A number within
 * JSON is a double, as JSON.parse gives it.
 */
export async function* streamRows(
  connection: DuckDBConnection,
  select: Sql,
): AsyncGenerator<readonly Readonly<Record<string, unknown>>[]> {
  const result = await connection.stream(select);
  const names = result.columnNames();
  const isJson = result.columnTypes().map(({alias}) => alias === 'JSON');
  for await (const rows of result.yieldRowsJs())
    yield rows.map(row =>
      Object.fromEntries(
        row.map((value, i) => [names[i], isJson[i] && typeof value === 'string' ? JSON.parse(value) : value]),
      ),
    );
}

/** Runs a statement, and gives its rows and how many rows it touched. */
export async function ask(connection: DuckDBConnection, statement: Sql) {
  const result = await query(connection, statement);
  return {rows: result.getRowsJson(), count: result.rowsChanged};
}

/** The tables and views in a catalog, as `schema.name`. */
export async function listTables(connection: DuckDBConnection, catalog: string): Promise<readonly string[]> {
  const rows = await queryRows(
    connection,
    sql`SELECT table_schema || '.' || table_name FROM information_schema.tables WHERE table_catalog = ${quoteText(catalog)}`,
  );
  return rows.map(([name]) => String(name));
}

/** The name that DuckDB gives to the open file. */
export async function readCatalog(connection: DuckDBConnection): Promise<string> {
  const [row] = await queryRows(connection, sql`SELECT current_database()`);
  return String(row?.[0]);
}

/** The one number that a query gives. */
export async function queryNumber(connection: DuckDBConnection, select: Sql): Promise<number> {
  const [row] = await queryRows(connection, select);
  return Number(row?.[0] ?? 0);
}
