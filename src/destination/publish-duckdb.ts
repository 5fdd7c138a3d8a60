import {existsSync} from 'node:fs';
import {realpath} from 'node:fs/promises';
import {dirname} from 'node:path';
import type {DuckDBConnection} from '@duckdb/node-api';
import {listTables, peek, readCatalog, withDuckdb} from '../engine/duckdb.js';
import {foldCase} from '../engine/fold-case.js';
import {followLinks} from '../engine/links.js';
import {withinMemory} from '../engine/memory.js';
import {inMemory} from '../engine/open.js';
import {quoteName} from '../engine/quote.js';
import {type Staged, stage} from '../engine/stage.js';
import {DestinationError} from '../errors.js';
import {carryOver} from './carry-over.js';
import {describeTable} from './describe-table.js';
import type {LedgerRow, Load, Published, PublishOptions, RecordOptions, Target} from './destination.js';
import {type EarlierIndex, readEarlier, readStanding, type Standing} from './earlier.js';
import {makeTargetFolder} from './folder.js';
import {openLedgers, recordAlone, recordTimeoutMs} from './ledger-in-duckdb.js';
import {chooseReading, readFromRows, readingOf, refuseOlder} from './older.js';
import {attemptEach, holdBack, isStaged, type Outcome, type StagedOutcome, toPublished} from './outcome.js';
import {type NoteKey, note, recall} from './reading-notes.js';
import {chooseNote, refuseOtherSource} from './route-note.js';
import {createSchemas, dropUnused, schemaOf} from './schemas.js';
import {refuseShrunken} from './shrink.js';
import {type Move, type Obstacle, swap} from './swap.js';
import {sweep} from './sweep.js';
import {stagingPrefix} from './targets.js';

interface DuckdbPublishOptions extends PublishOptions {
  readonly lockTimeoutMs: number;
}

/**
 * Stages each table beside its target, then puts all that are proved in place in one transaction of renames. Staging has no transaction:
 * an error in one would also undo the tables that hold.
 */
export async function publishToDuckdb(
  file: string,
  loads: readonly Load[],
  options: DuckdbPublishOptions,
): Promise<readonly Published[]> {
  if (file !== inMemory) makeTargetFolder(dirname(await followLinks(file)));
  const {workDir, lockTimeoutMs, onEvent, signal} = options;
  const onWait = (seconds: number, reason: string) =>
    onEvent?.({type: 'waiting', reason, seconds, waitsFor: 'destination'});
  return withDuckdb(
    file,
    {workDir, lockTimeoutMs, onWait, signal},
    async connection => {
      await sweep(connection);
      const place = file === inMemory ? file : await realpath(file);
      const schemas = loads.map(({target}) => schemaOf(target));
      const catalog = await readCatalog(connection);
      const created = await createSchemas(connection, catalog, schemas);
      const publication = {connection, catalog, created, place, options};
      try {
        return await stageAndSwap(publication, loads);
      } finally {
        // The next run sweeps what is left behind. It must not hide why this one failed.
        await sweep(connection)
          .then(() => dropUnused(connection, publication.catalog, created))
          .catch(() => undefined);
      }
    },
    published => published.some(({error}) => error === undefined),
  );
}

/** Appends to the ledgers alone. A file that another process holds is waited for only briefly. */
export async function recordInDuckdb(
  file: string,
  rows: readonly LedgerRow[],
  {lockTimeoutMs, ...options}: RecordOptions & Pick<DuckdbPublishOptions, 'lockTimeoutMs'>,
): Promise<readonly string[]> {
  if (!existsSync(file)) return [];
  const patience = {...options, lockTimeoutMs: Math.min(lockTimeoutMs, recordTimeoutMs)};
  return withDuckdb(file, patience, async connection => recordAlone(connection, await readCatalog(connection), rows));
}

/** The tables and views in a file, as `schema.name`; null if they cannot be read. */
export async function listNames(file: string): Promise<readonly string[] | null> {
  return peek(file, async connection => listTables(connection, await readCatalog(connection)));
}

interface Publication {
  /** Where the path of the file leads. */
  readonly place: string;
  readonly connection: DuckDBConnection;
  readonly catalog: string;
  /** Schemas that were not there before. Those that get no table go again. */
  readonly created: readonly string[];
  readonly options: DuckdbPublishOptions;
}

async function stageAndSwap(publication: Publication, loads: readonly Load[]): Promise<Published[]> {
  const {options} = publication;
  const indexes = new Map<Load, readonly EarlierIndex[]>();
  const places = loads.map(({target}) => locate(publication, target));
  const standing = await readStanding(publication.connection, places);
  const attempts = await attemptEach(loads, options, async load => stageBeside(publication, load, standing, indexes));
  const lost = new Map<Load, readonly string[]>();
  const ledgers = openLedgers(publication.connection, publication.catalog);
  let outcomes = holdBack(attempts, options);
  let warnings: readonly string[] = [];
  for (;;) {
    const ready = outcomes.filter(isStaged);
    if (ready.length === 0) break;
    const moves = ready.map(outcome => toMove(publication, outcome, indexes.get(outcome.load) ?? []));
    const published = outcomes.map(outcome => toPublished(outcome, lost.get(outcome.load)));
    const rows = (options.ledger?.(published) ?? []).filter(row => !isIdle(publication, row, ready));
    const swapped = await swap(publication.connection, moves, async () => ledgers.append(rows));
    if (swapped.obstacle === undefined) {
      ({warnings} = swapped);
      break;
    }
    const {obstacle} = swapped;
    const load = ready[moves.indexOf(obstacle.move)]?.load;
    const {index, said} = obstacle;
    if (index === null) {
      outcomes = holdBack(
        outcomes.map(outcome => (outcome.load === load ? refuse(outcome, obstacle) : outcome)),
        options,
      );
    } else if (load !== undefined) {
      // An index that cannot be created again is reported; its table is published all the same.
      indexes.set(
        load,
        obstacle.move.indexes.filter(each => each !== index),
      );
      lost.set(load, [...(lost.get(load) ?? []), `An index could not be created again: ${index.sql} (${said})`]);
    }
  }
  await note(options, outcomes, load => noteKey(publication, load));
  return outcomes.map(outcome =>
    toPublished(outcome, [...(lost.get(outcome.load) ?? []), ...(isStaged(outcome) ? warnings : [])]),
  );
}

/** Whether a row is about a schema that was made for nothing, and goes again: a ledger would keep it. */
function isIdle({created}: Publication, {target}: LedgerRow, ready: readonly StagedOutcome[]): boolean {
  const fold = (each: Target) => foldCase(schemaOf(each));
  const isIn = (schema: string) => schema === fold(target);
  return created.map(foldCase).some(isIn) && !ready.map(({load}) => fold(load.target)).some(isIn);
}

/** Refuses a table that cannot be replaced, for instance because another one's foreign key points to it. */
function refuse({load}: Outcome, {move, said}: Obstacle): Outcome {
  const error = new DestinationError(`${move.to.slice(1).join('.')} could not be replaced: ${said}`, {
    hint: 'The earlier table was kept. Remove what depends on it, or choose another name for the table.',
  });
  return {load, staged: null, error};
}

async function stageBeside(
  publication: Publication,
  load: Load,
  standing: Standing,
  indexes: Map<Load, readonly EarlierIndex[]>,
): Promise<Staged> {
  const {connection, options} = publication;
  const {table} = load;
  const target = locate(publication, load.target);
  const entry = await recall(options, noteKey(publication, load));
  const earlier = await readEarlier(connection, standing, target, load, entry?.keys ?? null);
  if (earlier.isView) {
    throw new DestinationError(`${target.slice(1).join('.')} is a view, so it was not replaced by a table`, {
      hint: 'Rename or drop the view, or choose another name for the table.',
    });
  }
  const isThere = earlier.columns.length > 0;
  const reading = isThere
    ? chooseReading(await readFromRows(connection, quoteName(...earlier.place), earlier.columns), entry)
    : undefined;
  const notes = [
    ...refuseOlder(load, reading, readingOf(load, options.loadId), options),
    ...refuseOtherSource(load, earlier.route, earlier.rows, options),
  ];
  const staged = quoteName(...locateStaged(publication, load.target));
  const stageOptions = {...options, earlier: earlier.types};
  return withinMemory(connection, table.name, async () => {
    const proved = await stage(connection, load, staged, stageOptions);
    refuseShrunken(table.name, earlier.rows, proved.rows, options);
    const route = chooseNote(load, earlier.route);
    await describeTable(connection, staged, table, proved.evolved, earlier, {...options, route});
    const lost = await carryOver(connection, staged, table, earlier, proved.renamed);
    indexes.set(load, earlier.indexes);
    return {...proved, warnings: [...notes, ...proved.warnings, ...lost]};
  });
}

/** To DuckDB, names that differ in case only are one. */
function noteKey({place}: Publication, {target}: Load): NoteKey {
  return ['duckdb', place, foldCase(schemaOf(target)), foldCase(target.name)];
}

function toMove(publication: Publication, {load, staged}: StagedOutcome, indexes: readonly EarlierIndex[]): Move {
  const {target} = load;
  return {from: locateStaged(publication, target), to: locate(publication, target), indexes, rows: staged.rows};
}

function locate({catalog}: Publication, target: Target): [string, string, string] {
  return [catalog, schemaOf(target), target.name];
}

/** A name in the schema of the target: a move from another schema would copy the rows again. */
function locateStaged({catalog, options}: Publication, target: Target): [string, string, string] {
  return [catalog, schemaOf(target), `${stagingPrefix}${options.loadId}_${target.name}`];
}
