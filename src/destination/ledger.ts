import {createHash, randomUUID} from 'node:crypto';
import {readFile, rename, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {makeFolder} from '../local-paths.js';
import type {Load, PublishOptions} from './destination.js';
import {type Reading, readingOf} from './older.js';
import {isStaged, type Outcome} from './outcome.js';

/** What tells a table from any other: file and names, each as it is compared there. */
export type LedgerKey = readonly string[];

type LedgerOptions = Pick<PublishOptions, 'ledgerDir' | 'loadId' | 'loadMetadata'>;

/**
 * When a table was read whose rows do not tell, being none or without the columns that do: a file a table, in a folder of the state folder.
 * What was published with another state folder is not known here.
 */
export async function recall({ledgerDir}: LedgerOptions, key: LedgerKey): Promise<Reading | undefined> {
  try {
    const {loadId, readAtMs}: Reading = JSON.parse(await readFile(nameEntry(ledgerDir, key), 'utf8'));
    return typeof loadId === 'string' && typeof readAtMs === 'number' ? {loadId, readAtMs} : undefined;
  } catch {
    return undefined;
  }
}

/** Notes it of those tables that were published. What cannot be noted is published all the same: an older reading is not told from it then. */
export async function note(
  options: LedgerOptions,
  published: readonly Outcome[],
  keyOf: (load: Load) => LedgerKey,
): Promise<void> {
  const silent = published.filter(isStaged).filter(({staged}) => staged.rows === 0 || !options.loadMetadata);
  for (const {load} of silent) {
    await write(nameEntry(options.ledgerDir, keyOf(load)), readingOf(load, options.loadId)).catch(() => undefined);
  }
}

async function write(file: string, reading: Reading): Promise<void> {
  const unfinished = `${file}.${randomUUID()}.tmp`;
  makeFolder(dirname(file));
  await writeFile(unfinished, `${JSON.stringify(reading)}\n`, {mode: 0o600});
  await rename(unfinished, file);
}

function nameEntry(ledgerDir: string, key: LedgerKey): string {
  return join(ledgerDir, `${createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 32)}.json`);
}
