import {existsSync} from 'node:fs';
import {open, rm, stat} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import type {DuckDBConnection} from '@duckdb/node-api';
import {withDuckdb} from '../engine/duckdb.js';
import {followLinks} from '../engine/links.js';
import type {EarlierColumns} from '../engine/name-keys.js';
import {inMemory} from '../engine/open.js';
import type {Staged} from '../engine/stage.js';
import {nameUnfinished, removeStrays} from '../engine/unfinished.js';
import {DestinationError} from '../errors.js';
import {isSystemError} from '../local-paths.js';
import {writeComments} from './describe-table.js';
import type {Load, Published, PublishOptions} from './destination.js';
import {refuseFaulty} from './faulty.js';
import {fileName} from './file-name.js';
import {makeTargetFolder} from './folder.js';
import type {FileFormat} from './formats/format.js';
import {appendToLedgerFile} from './ledger-file.js';
import {chooseReading, readingOf, refuseOlder} from './older.js';
import {attempt, holdBack, isStaged, type Outcome, toPublished} from './outcome.js';
import {checkPlace, putInPlace, type Waiting} from './place.js';
import {type NoteKey, note, recall} from './reading-notes.js';
import {chooseNote, readNote, refuseOtherSource, writeNote} from './route-note.js';
import {refuseShrunken} from './shrink.js';
import {syncFolders, syncMeanwhile} from './sync.js';
import {withStaged} from './with-staged.js';

/**
 * Writes each proved table beside its file, and puts all of them in place at the very end. A file holds the columns that are declared or
 * were sent this time: a column that only the earlier file had is not kept.
 */
export async function publishFiles(
  folder: string,
  format: FileFormat,
  loads: readonly Load[],
  options: PublishOptions,
): Promise<readonly Published[]> {
  const places = new Map<Load, Waiting>();
  try {
    makeTargetFolder(folder);
    for (const load of loads) places.set(load, await findPlace(folder, format, load));
    const folders = new Set([folder, ...[...places.values()].map(({to}) => dirname(to))]);
    for (const each of folders) await makeReady(each);
    const outcomes = holdBack(await writeAll(folder, format, places, options), options);
    const placed = await placeAll(places, outcomes);
    await note(options, placed, load => noteKey(format, places.get(load)));
    await noteRoutes(places, placed);
    const rows = placed.some(isStaged) ? (options.ledger?.(placed.map(outcome => toPublished(outcome))) ?? []) : [];
    const warnings = await appendToLedgerFile(folder, format, rows, options.workDir);
    await syncFolders(folders);
    return placed.map(outcome => toPublished(outcome, isStaged(outcome) ? warnings : []));
  } catch (error) {
    throw nameFailure(folder, error);
  } finally {
    // What cannot be removed must not hide why the files could not be written.
    await Promise.allSettled([...places.values()].map(({from}) => rm(from, {force: true})));
  }
}

/** Where a file goes, following links, and a name beside it under which it is written. */
async function findPlace(folder: string, {scheme}: FileFormat, {target}: Load): Promise<Waiting> {
  const to = await followLinks(join(folder, fileName(target, scheme)));
  return {from: join(dirname(to), await nameUnfinished()), to};
}

async function makeReady(folder: string): Promise<void> {
  makeTargetFolder(folder);
  await removeStrays(folder);
}

/** Stages in memory, because staged rows are not needed later: a scratch file took twice as long. What does not fit spills to disk. */
async function writeAll(
  folder: string,
  format: FileFormat,
  places: ReadonlyMap<Load, Waiting>,
  options: PublishOptions,
): Promise<readonly Outcome[]> {
  const scratch = {workDir: options.workDir, lockTimeoutMs: 0, label: folder};
  return withDuckdb(inMemory, scratch, async connection => {
    const written: Outcome[] = [];
    for (const [load, place] of places) {
      options.onEvent?.({type: 'publishing', table: load.table.name, done: written.length, tables: places.size});
      written.push(await attempt(load, async () => stageAndWrite(connection, load, place, format, options)));
    }
    // Another run may have put its files in place meanwhile.
    const compared: Outcome[] = [];
    for (const each of written) compared.push(await compare(connection, each, places.get(each.load), format, options));
    return compared;
  });
}

async function stageAndWrite(
  connection: DuckDBConnection,
  load: Load,
  {from, to}: Waiting,
  format: FileFormat,
  options: PublishOptions,
): Promise<Staged> {
  await checkPlace(to);
  const stageOptions = {...options, earlier: await recallColumns(load, to, format, options)};
  // Counts the earlier rows while DuckDB stages: a gigabyte of lines takes a second.
  const counting = format.countRows(connection, to);
  counting.catch(() => undefined);
  return withStaged(connection, load, stageOptions, async (staged, proved) => {
    refuseShrunken(load.table.name, await counting, proved.rows, options);
    // Created first for its mode: DuckDB would use the process's umask.
    await (await open(from, 'w', 0o600)).close();
    const comments = writeComments(load.table, proved.evolved, options);
    await syncMeanwhile(from, format.write(connection, staged, from, comments));
    refuseFaulty(basename(to), proved.rows, await format.findFault(connection, staged, from, proved.rows));
  });
}

/** The columns of a report as they were: neither JSON nor CSV tells a date from a text. */
async function recallColumns(
  {table}: Load,
  file: string,
  {scheme}: FileFormat,
  options: PublishOptions,
): Promise<EarlierColumns | null> {
  if (table.exportOf === undefined || !existsSync(file)) return null;
  return (await recall(options, [scheme, file]))?.columns ?? null;
}

/** Refuses records that are older than the file in place, or were read by a poorer route or with another filter. */
async function compare(
  connection: DuckDBConnection,
  outcome: Outcome,
  place: Waiting | undefined,
  format: FileFormat,
  options: PublishOptions,
): Promise<Outcome> {
  if (!isStaged(outcome)) return outcome;
  const {load, staged: proved} = outcome;
  return attempt(load, async () => {
    const to = place?.to ?? '';
    const there = await stat(to).catch(() => undefined);
    const standing =
      there !== undefined
        ? chooseReading(await format.readReading(connection, to), await recall(options, noteKey(format, place)))
        : undefined;
    const notes = [
      ...refuseOlder(load, standing, readingOf(load, options.loadId), options),
      ...refuseOtherSource(load, await readNote(to), there?.size ?? 0, options),
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

function noteKey({scheme}: FileFormat, place: Waiting | undefined): NoteKey {
  return [scheme, place?.to ?? ''];
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
  if (!isSystemError(error)) return error;
  return new DestinationError(`${folder} could not be written: ${error.message}`, {
    hint: 'Check the free space and the permissions of the folder.',
    cause: error,
  });
}
