import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {casts} from '../engine/casts.js';
import type {EvolvedColumn} from '../engine/evolve.js';
import type {EarlierColumns, HeldColumn} from '../engine/name-keys.js';
import {writeWhole} from '../local-paths.js';
import type {Load, PublishOptions} from './destination.js';
import {type Reading, readingOf} from './older.js';
import {isStaged, type Outcome, type StagedOutcome} from './outcome.js';

/** What is known about a table that its rows do not tell. */
export interface NoteEntry extends Reading {
  /** The undeclared keys of its columns, by name of the column. Entries of earlier versions have none. */
  readonly keys: ReadonlyMap<string, string> | null;
  /** The columns of a report, for a destination that does not tell their types. */
  readonly columns: EarlierColumns | null;
  /** Undefined where the destination does not tell. */
  readonly sent: Sent | undefined;
}

/** What a table held, as a comparison of all rows has shown, and what the table was then. */
export interface Sent {
  readonly digest: string;
  readonly version: string;
}

/** Identifies a table: its file and names, each in the form in which they are compared there. */
export type NoteKey = readonly string[];

type NoteOptions = Pick<PublishOptions, 'readingsDir' | 'loadId' | 'loadMetadata'>;

/**
 * Looks up a table whose rows do not tell when they were read, because it has none, lacks our columns or was merged. The notes are a folder of the state
 * folder, with a file for each table, so they do not know what was published with another state folder.
 */
export async function recall({readingsDir}: NoteOptions, key: NoteKey): Promise<NoteEntry | undefined> {
  try {
    const {loadId, readAtMs, keys, columns, sent}: WrittenEntry = JSON.parse(
      await readFile(nameEntry(readingsDir, key), 'utf8'),
    );
    if (typeof loadId !== 'string' || typeof readAtMs !== 'number') return undefined;
    return {loadId, readAtMs, keys: toMap(keys), columns: toMap(columns), sent};
  } catch {
    return undefined;
  }
}

interface WrittenEntry extends Reading {
  readonly keys?: Readonly<Record<string, string>>;
  readonly columns?: Readonly<Record<string, HeldColumn>>;
  readonly sent?: Sent | undefined;
}

function toMap<T>(members: Readonly<Record<string, T>> | undefined): ReadonlyMap<string, T> | null {
  return members === undefined ? null : new Map(Object.entries(members));
}

/** Notes when the published tables were read. If that fails they stay published, and an older reading is not recognised later. */
export async function note(
  options: NoteOptions,
  published: readonly Outcome[],
  keyOf: (load: Load) => NoteKey,
  sent: ReadonlyMap<Load, Sent> = new Map(),
): Promise<void> {
  // The rows that a merge has carried over tell when they were read, which is not as of when the table is complete.
  const isSilent = ({load: {table, spooled}, staged}: StagedOutcome) =>
    staged.rows === 0 || !options.loadMetadata || table.exportOf !== undefined || spooled.oldestAt !== undefined;
  for (const {load, staged} of published.filter(isStaged).filter(isSilent)) {
    const entry: WrittenEntry = {
      ...readingOf(load, options.loadId),
      keys: Object.fromEntries(staged.evolved.map(({name, key}) => [name, key])),
      sent: sent.get(load),
      ...(load.table.exportOf !== undefined && {columns: Object.fromEntries(staged.evolved.map(describeColumn))}),
    };
    await writeWhole(nameEntry(options.readingsDir, keyOf(load)), `${JSON.stringify(entry)}\n`).catch(() => undefined);
  }
}

function describeColumn({name, key, kind, isEmpty = false}: EvolvedColumn): [string, HeldColumn] {
  return [name, {key, type: casts[kind].type, isOwn: false, isEmpty}];
}

function nameEntry(readingsDir: string, key: NoteKey): string {
  return join(readingsDir, `${createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 32)}.json`);
}
