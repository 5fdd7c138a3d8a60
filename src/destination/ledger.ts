import {createHash, randomUUID} from 'node:crypto';
import {readFile, rename, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {makeFolder} from '../local-paths.js';
import type {Load, PublishOptions} from './destination.js';
import {type Reading, readingOf} from './older.js';
import {isStaged, type Outcome} from './outcome.js';

/** What is known about a table that its rows do not tell. */
export interface LedgerEntry extends Reading {
  /** The undeclared keys of its columns, by name of the column. Entries of earlier versions have none. */
  readonly keys: ReadonlyMap<string, string> | null;
}

/** Identifies a table: its file and names, each in the form in which they are compared there. */
export type LedgerKey = readonly string[];

type LedgerOptions = Pick<PublishOptions, 'ledgerDir' | 'loadId' | 'loadMetadata'>;

/**
 * Looks up a table whose rows do not tell when they were read, because it has none or lacks our columns. The ledger is a folder of the state
 * folder, with a file for each table, so it does not know what was published with another state folder.
 */
export async function recall({ledgerDir}: LedgerOptions, key: LedgerKey): Promise<LedgerEntry | undefined> {
  try {
    const {loadId, readAtMs, keys}: Reading & {keys?: Record<string, string>} = JSON.parse(
      await readFile(nameEntry(ledgerDir, key), 'utf8'),
    );
    return typeof loadId === 'string' && typeof readAtMs === 'number'
      ? {loadId, readAtMs, keys: keys === undefined ? null : new Map(Object.entries(keys))}
      : undefined;
  } catch {
    return undefined;
  }
}

/** Notes when the published tables were read. If that fails they stay published, and an older reading is not recognised later. */
export async function note(
  options: LedgerOptions,
  published: readonly Outcome[],
  keyOf: (load: Load) => LedgerKey,
): Promise<void> {
  const silent = published.filter(isStaged).filter(({staged}) => staged.rows === 0 || !options.loadMetadata);
  for (const {load, staged} of silent) {
    const entry = {
      ...readingOf(load, options.loadId),
      keys: Object.fromEntries(staged.evolved.map(({name, key}) => [name, key])),
    };
    await write(nameEntry(options.ledgerDir, keyOf(load)), entry).catch(() => undefined);
  }
}

async function write(file: string, entry: object): Promise<void> {
  const unfinished = `${file}.${randomUUID()}.tmp`;
  makeFolder(dirname(file));
  await writeFile(unfinished, `${JSON.stringify(entry)}\n`, {mode: 0o600});
  await rename(unfinished, file);
}

function nameEntry(ledgerDir: string, key: LedgerKey): string {
  return join(ledgerDir, `${createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 32)}.json`);
}
