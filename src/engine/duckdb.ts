import {chmod, mkdir, open, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {type DuckDBConnection, DuckDBInstance} from '@duckdb/node-api';
import {DestinationError} from '../errors.js';

export interface OpenOptions {
  /** Where DuckDB may spill what does not fit its memory limit. */
  readonly workDir: string;
  /** How long to wait while another process holds the file. */
  readonly lockTimeoutMs: number;
}

export const inMemory = ':memory:';

const lockPollMs = 250;

/** Opens a DuckDB file, hands over one connection, and leaves the file checkpointed and closed whatever happens. */
export async function withDuckdb<T>(
  file: string,
  options: OpenOptions,
  use: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const isNew = !(await exists(file));
  const instance = await openWhenFree(file, options);
  try {
    const connection = await instance.connect();
    try {
      if (file !== inMemory) await keepPrivate(file, isNew);
      await connection.run(`SET TimeZone = 'UTC'`);
      const result = await use(connection);
      // Bulk data does not count towards the checkpoint threshold: without this, 20 replaces of 34 MB grew a file to 691 MB.
      await checkpoint(connection, file);
      await removeEmptyLog(file);
      return result;
    } finally {
      connection.closeSync();
    }
  } catch (error) {
    throw nameDuckdbFailure(file, error);
  } finally {
    instance.closeSync();
  }
}

/** What was committed is in the write-ahead log by now, so a full disk costs the compaction and not the tables. */
async function checkpoint(connection: DuckDBConnection, file: string): Promise<void> {
  try {
    await connection.run('CHECKPOINT');
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new DestinationError(`The tables are published, but ${file} could not be checkpointed: ${said}`, {
      hint: 'They stand in the .wal file beside it: free some space, keep both files, and run again.',
      cause,
    });
  }
}

/** DuckDB takes the umask for both files. It writes to a log that is there, and removes it at the checkpoint. */
async function keepPrivate(file: string, isNew: boolean): Promise<void> {
  try {
    if (isNew) await chmod(file, 0o600);
    const {mode} = await stat(file);
    await (await open(`${file}.wal`, 'a', mode & 0o777)).close();
  } catch (cause) {
    throw new DestinationError(`Beside ${file} nothing can be written, and DuckDB keeps its log there`, {cause});
  }
}

/** A log that nothing was written to is not removed by the checkpoint. While the file is still held, nobody else has it open. */
async function removeEmptyLog(file: string): Promise<void> {
  const log = await stat(`${file}.wal`).catch(() => undefined);
  if (log?.size === 0) await rm(`${file}.wal`);
}

async function openWhenFree(file: string, {workDir, lockTimeoutMs}: OpenOptions): Promise<DuckDBInstance> {
  await mkdir(workDir, {recursive: true, mode: 0o700});
  const deadline = Date.now() + lockTimeoutMs;
  for (;;) {
    try {
      // From the cache: one file opened twice in one process does not fail, and silently loses tables.
      return await DuckDBInstance.fromCache(file, {
        memory_limit: '512MB',
        preserve_insertion_order: 'false',
        // A checkpoint on the way would start a log of another mode.
        checkpoint_threshold: '1GB',
        temp_directory: join(workDir, 'duckdb-spill'),
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
      });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const isLocked = message.includes('Could not set lock on file');
      if (!isLocked) throw notOpened(file, message, error);
      if (Date.now() >= deadline) throw locked(file, message, lockTimeoutMs, error);
      await sleep(Math.min(lockPollMs, Math.max(1, deadline - Date.now())));
    }
  }
}

function locked(file: string, message: string, lockTimeoutMs: number, cause: unknown): DestinationError {
  const pid = /\(PID (\d+)\)/.exec(message)?.[1];
  const holder = pid === undefined ? 'another process' : `another process (PID ${pid})`;
  return new DestinationError(`${file} is held by ${holder}; waited ${lockTimeoutMs / 1000} s for it`, {
    hint: 'Close the program that has it open. DuckDB lets one process write, and no other read meanwhile.',
    cause,
  });
}

function notOpened(file: string, message: string, cause: unknown): DestinationError {
  if (message.includes('not a valid DuckDB database file')) {
    return new DestinationError(`${file} is there, but it is not a DuckDB file`, {
      hint: 'Name another file, or move this one away.',
      cause,
    });
  }
  return new DestinationError(`${file} could not be opened: ${message}`, {cause});
}

/** An error of DuckDB's own that reaches this far means that the destination failed, not a table. */
function nameDuckdbFailure(file: string, error: unknown): unknown {
  if (!isDuckdbFailure(error) || isOurFault(error)) return error;
  return new DestinationError(`${file} could not be written: ${error.message}`, {
    hint: 'The earlier tables are as they were. Check the free space and the permissions of the folder.',
    cause: error,
  });
}

/** SQL of ours that DuckDB does not understand is a bug, whatever the destination. */
function isOurFault({message}: Error): boolean {
  return /^(Parser|Binder|Not implemented) Error/.test(message);
}

export function isDuckdbFailure(error: unknown): error is Error {
  return error instanceof Error && error.name === 'Error' && /^[A-Z][\w -]* Error: |^Error: /.test(error.message);
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** The rows of a query, numbers as text where DuckDB's are wider than JavaScript's. */
export async function queryRows(connection: DuckDBConnection, sql: string) {
  const reader = await connection.runAndReadAll(sql);
  return reader.getRowsJson();
}

/** What DuckDB calls the open file. */
export async function readCatalog(connection: DuckDBConnection): Promise<string> {
  const [row] = await queryRows(connection, 'SELECT current_database()');
  return String(row?.[0]);
}

/** The one number that a query gives. */
export async function queryNumber(connection: DuckDBConnection, sql: string): Promise<number> {
  const [row] = await queryRows(connection, sql);
  return Number(row?.[0] ?? 0);
}
