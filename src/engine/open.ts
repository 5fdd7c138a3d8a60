import {chmod, link, rename, rm, stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import type {DuckDBInstance} from '@duckdb/node-api';
import {DestinationError, messageOf} from '../errors.js';
import {formatDuration} from '../format-duration.js';
import {makeFolder} from '../local-paths.js';
import {isHeldElsewhere} from './failures.js';
import {followLinks} from './links.js';
import {type Duckdb, loadDuckdb} from './native.js';
import {nameUnfinished, removeStrays} from './unfinished.js';

export interface OpenOptions {
  /** Where DuckDB may spill what does not fit its memory limit. */
  readonly workDir: string;
  /** How long to wait while another process holds the file. */
  readonly lockTimeoutMs: number;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Called once if another process holds the file, with the longest wait and who holds it. */
  readonly onWait?: (seconds: number, reason: string) => void;
  /** What error messages name. @default the file */
  readonly label?: string;
}

export const inMemory = ':memory:';

/** The most memory that DuckDB may take. */
export const memoryLimitMb = 512;
/** Staging in memory takes no longer with less: 1M users took 4.8 s and 480 MB in all; with 320 MB it was 550 MB. */
const scratchMemoryLimitMb = 272;

const noExtensions = {autoinstall_known_extensions: 'false', autoload_known_extensions: 'false'};

const lockPollMs = 250;

/** An open file, and whether opening created it. */
export interface Opened {
  readonly instance: DuckDBInstance;
  readonly isNew: boolean;
}

/** Throws DestinationError if another process still holds the file when the time is up, or if it is not a DuckDB file. */
export async function openWhenFree(file: string, options: OpenOptions): Promise<Opened> {
  const {workDir} = options;
  const duckdb = await loadDuckdb();
  makeFolder(workDir);
  return whenFree(file, options, async () => {
    try {
      const isNew = file !== inMemory && (await prepare(file));
      const instance = await open(file, workDir, duckdb);
      // A run that published nothing removes its new file before it closes it. Whoever opened that file meanwhile starts again.
      if (file === inMemory || (await exists(file))) return {instance, isNew};
      instance.closeSync();
      return undefined;
    } catch (error) {
      throw isHeldElsewhere(messageOf(error)) ? error : notOpened(file, messageOf(error), error);
    }
  });
}

/** Opens a file by `attempt`, again and again while another process holds it, or nothing is given. Throws DestinationError if it still does when the time is up. */
export async function whenFree<T>(
  file: string,
  {lockTimeoutMs, onWait, signal}: Pick<OpenOptions, 'lockTimeoutMs' | 'onWait' | 'signal'>,
  attempt: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + lockTimeoutMs;
  for (let tries = 1; ; tries++) {
    try {
      const opened = await attempt();
      if (opened !== undefined) return opened;
    } catch (error) {
      const message = messageOf(error);
      if (!isHeldElsewhere(message)) throw error;
      if (performance.now() >= deadline) throw locked(file, message, lockTimeoutMs, error);
      if (tries === 1)
        onWait?.(
          lockTimeoutMs / 1000,
          `${file} is held by ${nameHolder(message)} (--lock-timeout ${lockTimeoutMs / 1000})`,
        );
      await sleep(Math.min(lockPollMs, Math.max(1, deadline - performance.now())), undefined, {signal});
    }
  }
}

/** Creates the file if it is missing, after removing what killed processes left beside it. True if it did. */
export async function prepare(file: string): Promise<boolean> {
  const place = await followLinks(file);
  // A folder that cannot be listed may hold a file that can be written.
  await removeStrays(dirname(place)).catch(() => undefined);
  return !(await exists(file)) && (await create(place, await loadDuckdb()));
}

/**
 * Creates the file under another name and renames it once it is whole; false if another process was faster. DuckDB itself creates an
 * empty file and locks it later: of two processes that started at once, one got "not a valid DuckDB database file", and a kill could
 * leave the file empty for good.
 */
async function create(file: string, {DuckDBInstance}: Duckdb): Promise<boolean> {
  const folder = dirname(file);
  const unfinished = join(folder, await nameUnfinished());
  try {
    (await DuckDBInstance.create(unfinished)).closeSync();
    await chmod(unfinished, 0o600);
    return await giveName(unfinished, file);
  } finally {
    await Promise.allSettled([unfinished, `${unfinished}.wal`].map(name => rm(name, {force: true})));
  }
}

/** False if a file of that name exists by now. A rename would replace it, so it is used only where the file system has no links. */
async function giveName(unfinished: string, file: string): Promise<boolean> {
  try {
    await link(unfinished, file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    await rename(unfinished, file);
  }
  return true;
}

async function open(file: string, workDir: string, {DuckDBInstance}: Duckdb): Promise<DuckDBInstance> {
  // From the cache: opening one file twice in a process does not fail, and silently loses tables.
  return DuckDBInstance.fromCache(file, {
    memory_limit: `${file === inMemory ? scratchMemoryLimitMb : memoryLimitMb}MB`,
    preserve_insertion_order: 'false',
    // It takes up to half of the time to plan a statement with a cast for each column, and makes none faster.
    disabled_optimizers: 'common_subexpressions',
    // Vacuuming would join row groups that are small because their texts are large, and need memory for 2,048 rows of them.
    max_vacuum_tasks: '0',
    // An automatic checkpoint would start a log with other permissions.
    checkpoint_threshold: '1GB',
    // One folder for each process: DuckDB uses the same file names in all of them.
    temp_directory: join(workDir, `duckdb-spill-${process.pid}`),
    ...noExtensions,
  });
}

/** An empty database in memory, for looking at others that are attached to it. */
export async function openScratch(): Promise<DuckDBInstance> {
  const {DuckDBInstance} = await loadDuckdb();
  return DuckDBInstance.create(inMemory, noExtensions);
}

export async function openReadOnly(file: string): Promise<DuckDBInstance> {
  const {DuckDBInstance} = await loadDuckdb();
  return DuckDBInstance.create(file, {access_mode: 'READ_ONLY', ...noExtensions});
}

function locked(file: string, message: string, lockTimeoutMs: number, cause: unknown): DestinationError {
  const waited = `waited ${formatDuration(lockTimeoutMs / 1000)} for it`;
  return new DestinationError(`${file} is held by ${nameHolder(message)}; ${waited}`, {
    hint: 'Close the program that has it open. While one process writes, DuckDB lets no other read.',
    cause,
  });
}

function nameHolder(message: string): string {
  const pid = /\(PID (\d+)\)/.exec(message)?.[1];
  return pid === undefined ? 'another process' : `another process (PID ${pid})`;
}

function notOpened(file: string, message: string, cause: unknown): DestinationError {
  if (message.includes('not a valid DuckDB database file')) {
    return new DestinationError(`${file} exists, but it is not a DuckDB file`, {
      hint: 'Name another file, or move this one away.',
      cause,
    });
  }
  return new DestinationError(`${file} could not be opened: ${message}`, {cause});
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
