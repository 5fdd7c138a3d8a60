import {mkdir, open, rm} from 'node:fs/promises';
import {join} from 'node:path';
import type {DuckDBConnection} from '@duckdb/node-api';
import {withDuckdb} from '../engine/duckdb.js';
import {withinMemory} from '../engine/memory.js';
import {inMemory} from '../engine/open.js';
import {type Staged, stage} from '../engine/stage.js';
import {nameUnfinished, removeStrays} from '../engine/unfinished.js';
import {DestinationError} from '../errors.js';
import {countLines} from './count-lines.js';
import type {Load, Published, PublishOptions} from './destination.js';
import {fileName} from './jsonl.js';
import {attempt, holdBack, isStaged, type Outcome, toPublished} from './outcome.js';
import {checkPlace, putInPlace} from './place.js';
import {refuseShrunken} from './shrink.js';
import {writeJsonl} from './write-jsonl.js';

const staged = 'staged';
const syncPauseMs = 200;

/**
 * Writes each proved table beside its file, and puts all of them in place at the very end. A file holds the columns that are
 * declared or were sent this time: one that only the earlier file had is not passed on.
 */
export async function publishToJsonl(
  folder: string,
  loads: readonly Load[],
  options: PublishOptions,
): Promise<readonly Published[]> {
  const unfinished = new Map<Load, string>();
  try {
    await mkdir(folder, {recursive: true, mode: 0o700});
    await removeStrays(folder);
    for (const load of loads) unfinished.set(load, join(folder, await nameUnfinished()));
    const outcomes = holdBack(await writeAll(folder, unfinished, options), options);
    const placed = await placeAll(folder, unfinished, outcomes);
    await syncPath(folder);
    return placed.map(outcome => toPublished(outcome));
  } catch (error) {
    throw nameFailure(folder, error);
  } finally {
    // What cannot be removed must not hide why the files could not be written.
    await Promise.allSettled([...unfinished.values()].map(file => rm(file, {force: true})));
  }
}

/** In memory, since what is staged is gone afterwards: a scratch file took twice as long. What does not fit spills. */
async function writeAll(folder: string, unfinished: ReadonlyMap<Load, string>, options: PublishOptions) {
  const scratch = {workDir: options.workDir, lockTimeoutMs: 0, label: folder};
  return withDuckdb(inMemory, scratch, async connection => {
    const outcomes: Outcome[] = [];
    for (const [load, file] of unfinished) {
      const place = join(folder, fileName(load.target));
      outcomes.push(await attempt(load, async () => stageAndWrite(connection, load, place, file, options)));
    }
    return outcomes;
  });
}

async function stageAndWrite(
  connection: DuckDBConnection,
  load: Load,
  place: string,
  file: string,
  options: PublishOptions,
): Promise<Staged> {
  const {loadId, invalidDates, onCastError, schemaContract, loadMetadata} = options;
  const stageOptions = {invalidDates, onCastError, schemaContract, loadMetadata, loadId, earlier: new Map()};
  await checkPlace(place);
  // Counted while DuckDB stages: a gigabyte of lines takes a second.
  const counting = countLines(place);
  counting.catch(() => undefined);
  try {
    return await withinMemory(connection, load.table.name, async () => {
      const proved = await stage(connection, load, staged, stageOptions);
      refuseShrunken(load.table.name, await counting, proved.rows, options);
      await syncMeanwhile(file, writeJsonl(connection, staged, file));
      return proved;
    });
  } finally {
    await connection.run(`DROP TABLE IF EXISTS ${staged}`);
  }
}

async function placeAll(
  folder: string,
  unfinished: ReadonlyMap<Load, string>,
  outcomes: readonly Outcome[],
): Promise<readonly Outcome[]> {
  const moves = new Map(
    outcomes.filter(isStaged).map(({load}) => {
      return [load, {from: unfinished.get(load) ?? '', to: join(folder, fileName(load.target))}];
    }),
  );
  const {isNew, error} = await putInPlace([...moves.values()]);
  if (error === undefined) return outcomes;
  return outcomes.map(outcome => {
    const move = moves.get(outcome.load);
    return move === undefined || isNew(move) ? outcome : {load: outcome.load, staged: null, error};
  });
}

/** Syncs a file while it is being written: at the end little is left to wait for, where a gigabyte took a second or two. */
async function syncMeanwhile(file: string, writing: Promise<void>): Promise<void> {
  let syncing = Promise.resolve();
  const timer = setInterval(() => {
    syncing = syncing.then(async () => syncPath(file)).catch(() => undefined);
  }, syncPauseMs);
  try {
    await writing;
  } finally {
    clearInterval(timer);
    await syncing;
  }
  await syncPath(file);
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
