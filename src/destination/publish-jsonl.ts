import {existsSync} from 'node:fs';
import {rm, stat} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import type {DuckDBConnection} from '@duckdb/node-api';
import {withDuckdb} from '../engine/duckdb.js';
import {followLinks} from '../engine/links.js';
import type {EarlierColumns} from '../engine/name-keys.js';
import {inMemory} from '../engine/open.js';
import type {Staged} from '../engine/stage.js';
import {nameUnfinished, removeStrays} from '../engine/unfinished.js';
import {DestinationError} from '../errors.js';
import type {Load, Published, PublishOptions} from './destination.js';
import {fileName} from './file-name.js';
import {makeTargetFolder} from './folder.js';
import {type LedgerKey, note, recall} from './ledger.js';
import {readFromLines, readingOf, refuseOlder} from './older.js';
import {attempt, holdBack, isStaged, type Outcome, toPublished} from './outcome.js';
import {checkPlace, putInPlace, type Waiting} from './place.js';
import {readLines} from './read-lines.js';
import {chooseNote, readNote, refuseLaterRoute, writeNote} from './route-note.js';
import {refuseShrunken} from './shrink.js';
import {refuseShort, stageLines} from './stage-lines.js';
import {syncFolders, syncMeanwhile} from './sync.js';
import {writeJsonl} from './write-jsonl.js';

/**
 * Writes each proved table beside its file, and puts all of them in place at the very end. A file holds the columns that are declared or
 * were sent this time: a column that only the earlier file had is not kept.
 */
export async function publishToJsonl(
  folder: string,
  loads: readonly Load[],
  options: PublishOptions,
  write: typeof writeJsonl = writeJsonl,
): Promise<readonly Published[]> {
  const places = new Map<Load, Waiting>();
  try {
    makeTargetFolder(folder);
    for (const load of loads) places.set(load, await findPlace(folder, load));
    const folders = new Set([folder, ...[...places.values()].map(({to}) => dirname(to))]);
    for (const each of folders) await makeReady(each);
    const written = await writeAll(folder, places, options, write);
    // Another run may have put its files in place meanwhile.
    const outcomes = holdBack(await Promise.all(written.map(async each => compare(each, places, options))), options);
    const placed = await placeAll(places, outcomes);
    await note(options, placed, load => ledgerKey(places, load));
    await noteRoutes(places, placed);
    await syncFolders(folders);
    return placed.map(outcome => toPublished(outcome));
  } catch (error) {
    throw nameFailure(folder, error);
  } finally {
    // What cannot be removed must not hide why the files could not be written.
    await Promise.allSettled([...places.values()].map(({from}) => rm(from, {force: true})));
  }
}

/** Where a file goes, following links, and a name beside it under which it is written. */
async function findPlace(folder: string, {target}: Load): Promise<Waiting> {
  const to = await followLinks(join(folder, fileName(target)));
  return {from: join(dirname(to), await nameUnfinished()), to};
}

async function makeReady(folder: string): Promise<void> {
  makeTargetFolder(folder);
  await removeStrays(folder);
}

/** Stages in memory, because staged rows are not needed later: a scratch file took twice as long. What does not fit spills to disk. */
async function writeAll(
  folder: string,
  places: ReadonlyMap<Load, Waiting>,
  options: PublishOptions,
  write: typeof writeJsonl,
) {
  const scratch = {workDir: options.workDir, lockTimeoutMs: 0, label: folder};
  return withDuckdb(inMemory, scratch, async connection => {
    const outcomes: Outcome[] = [];
    for (const [load, place] of places) {
      options.onEvent?.({type: 'publishing', table: load.table.name, done: outcomes.length, tables: places.size});
      outcomes.push(await attempt(load, async () => stageAndWrite(connection, load, place, options, write)));
    }
    return outcomes;
  });
}

async function stageAndWrite(
  connection: DuckDBConnection,
  load: Load,
  {from, to}: Waiting,
  options: PublishOptions,
  write: typeof writeJsonl,
): Promise<Staged> {
  await checkPlace(to);
  const stageOptions = {...options, earlier: await recallColumns(load, to, options)};
  // Counts the earlier lines while DuckDB stages: a gigabyte of lines takes a second.
  const counting = readLines(to);
  counting.catch(() => undefined);
  return stageLines(connection, load, stageOptions, async (staged, proved) => {
    refuseShrunken(load.table.name, (await counting).count, proved.rows, options);
    await syncMeanwhile(from, write(connection, staged, from));
    await refuseShort(from, basename(to), proved.rows);
  });
}

/** The columns of a report as they were: JSON does not tell a date from a text. */
async function recallColumns({table}: Load, file: string, options: PublishOptions): Promise<EarlierColumns | null> {
  if (table.exportOf === undefined || !existsSync(file)) return null;
  return (await recall(options, ['jsonl', file]))?.columns ?? null;
}

/** Refuses records that are older than the file in place, or were read by a poorer route. */
async function compare(
  outcome: Outcome,
  places: ReadonlyMap<Load, Waiting>,
  options: PublishOptions,
): Promise<Outcome> {
  if (!isStaged(outcome)) return outcome;
  const {load, staged: proved} = outcome;
  return attempt(load, async () => {
    const to = places.get(load)?.to ?? '';
    const there = await stat(to).catch(() => undefined);
    const standing =
      there !== undefined ? ((await readFromLines(to)) ?? (await recall(options, ledgerKey(places, load)))) : undefined;
    const notes = [
      ...refuseOlder(load, standing, readingOf(load, options.loadId), options),
      ...refuseLaterRoute(load, await readNote(to), there?.size ?? 0, options),
    ];
    return {...proved, warnings: [...notes, ...proved.warnings]};
  });
}

async function noteRoutes(places: ReadonlyMap<Load, Waiting>, placed: readonly Outcome[]): Promise<void> {
  for (const {load} of placed.filter(isStaged)) {
    const file = places.get(load)?.to ?? '';
    const before = await readNote(file);
    const now = chooseNote(load, before);
    if (now !== before) await writeNote(file, now);
  }
}

function ledgerKey(places: ReadonlyMap<Load, Waiting>, load: Load): LedgerKey {
  return ['jsonl', places.get(load)?.to ?? ''];
}

async function placeAll(places: ReadonlyMap<Load, Waiting>, outcomes: readonly Outcome[]): Promise<readonly Outcome[]> {
  const ready = new Set(outcomes.filter(isStaged).map(({load}) => load));
  const moves = [...places].filter(([load]) => ready.has(load)).map(([, place]) => place);
  const {isNew, error} = await putInPlace(moves);
  if (error === undefined) return outcomes;
  return outcomes.map(outcome => {
    const move = places.get(outcome.load);
    return move === undefined || !moves.includes(move) || isNew(move)
      ? outcome
      : {load: outcome.load, staged: null, error};
  });
}

function nameFailure(folder: string, error: unknown): unknown {
  const isFileSystem = error instanceof Error && 'syscall' in error;
  if (!isFileSystem) return error;
  return new DestinationError(`${folder} could not be written: ${error.message}`, {
    hint: 'Check the free space and the permissions of the folder.',
    cause: error,
  });
}
