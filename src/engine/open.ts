import {chmod, link, rename, rm, stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {DuckDBInstance} from '@duckdb/node-api';
import {DestinationError, messageOf} from '../errors.js';
import {formatDuration} from '../format-duration.js';
import {makeFolder} from '../local-paths.js';
import {isHeldElsewhere} from './failures.js';
import {followLinks} from './links.js';
import {nameUnfinished, removeStrays} from './unfinished.js';

export interface OpenOptions {
  /** Where DuckDB may spill what does not fit its memory limit. */
  readonly workDir: string;
  /** How long to wait while another process holds the file. */
  readonly lockTimeoutMs: number;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Told once, where another process holds the file: how long it is waited for at most, and who it is. */
  readonly onWait?: (seconds: number, reason: string) => void;
  /** What a failure is said of. @default the file */
  readonly label?: string;
}

export const inMemory = ':memory:';

/** The most that DuckDB may take. */
export const memoryLimitMb = 512;
/** What is staged in memory and copied out takes no longer with less: 1M users 4.8 s and 480 MB in all, where 320 MB made 550. */
const scratchMemoryLimitMb = 272;

const lockPollMs = 250;

/** An open file, and whether it was made by opening it. */
export interface Opened {
  readonly instance: DuckDBInstance;
  readonly isNew: boolean;
}

/** Throws DestinationError if another process still holds the file when the time is up, or if it is no DuckDB file. */
export async function openWhenFree(file: string, options: OpenOptions): Promise<Opened> {
  const {workDir, lockTimeoutMs, onWait, signal} = options;
  makeFolder(workDir);
  const deadline = performance.now() + lockTimeoutMs;
  for (let tries = 1; ; tries++) {
    try {
      const isNew = file !== inMemory && (await prepare(file));
      const instance = await open(file, workDir);
      // A run that published nothing takes its file away while it holds it: whoever opened that one by then starts afresh.
      if (file === inMemory || (await exists(file))) return {instance, isNew};
      instance.closeSync();
    } catch (error) {
      const message = messageOf(error);
      if (!isHeldElsewhere(message)) throw notOpened(file, message, error);
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

/** Makes the file if it is not there, beside which killed processes may have left some. True if it did. */
async function prepare(file: string): Promise<boolean> {
  const place = await followLinks(file);
  // A folder that cannot be listed may hold a file that can be written.
  await removeStrays(dirname(place)).catch(() => undefined);
  return !(await exists(file)) && (await create(place));
}

/**
 * Makes the file whole before it goes by its name; false if another process was faster. DuckDB makes it empty and locks it then:
 * two processes that start at once came to "not a valid DuckDB database file", and a kill could leave it like that for good.
 */
async function create(file: string): Promise<boolean> {
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

/** False if there is a file of that name by now. A rename would replace it, and is left for file systems without links. */
async function giveName(unfinished: string, file: string): Promise<boolean> {
  try {
    await link(unfinished, file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    await rename(unfinished, file);
  }
  return true;
}

async function open(file: string, workDir: string): Promise<DuckDBInstance> {
  // From the cache: one file opened twice in one process does not fail, and silently loses tables.
  return DuckDBInstance.fromCache(file, {
    memory_limit: `${file === inMemory ? scratchMemoryLimitMb : memoryLimitMb}MB`,
    preserve_insertion_order: 'false',
    // It would join row groups that were kept small for the size of their texts, and need memory for 2,048 rows. We leave nothing to clean.
    max_vacuum_tasks: '0',
    // A checkpoint on the way would start a log of another mode.
    checkpoint_threshold: '1GB',
    // Of one process: its files have the same names in each.
    temp_directory: join(workDir, `duckdb-spill-${process.pid}`),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
}

function locked(file: string, message: string, lockTimeoutMs: number, cause: unknown): DestinationError {
  const waited = `waited ${formatDuration(lockTimeoutMs / 1000)} for it`;
  return new DestinationError(`${file} is held by ${nameHolder(message)}; ${waited}`, {
    hint: 'Close the program that has it open. DuckDB lets one process write, and no other read meanwhile.',
    cause,
  });
}

function nameHolder(message: string): string {
  const pid = /\(PID (\d+)\)/.exec(message)?.[1];
  return pid === undefined ? 'another process' : `another process (PID ${pid})`;
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

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
