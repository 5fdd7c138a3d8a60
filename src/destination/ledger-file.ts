import {open, rm, stat} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import type {DuckDBConnection} from '@duckdb/node-api';
import {casts} from '../engine/casts.js';
import {queryNumber, run, withDuckdb} from '../engine/duckdb.js';
import {firstLine, isDuckdbFailure} from '../engine/failures.js';
import {foldCase} from '../engine/fold-case.js';
import {followLinks} from '../engine/links.js';
import {inMemory} from '../engine/open.js';
import {sql} from '../engine/sql.js';
import {takeTurn} from '../engine/turns.js';
import {nameUnfinished} from '../engine/unfinished.js';
import {DestinationError, messageOf} from '../errors.js';
import {isSystemError} from '../local-paths.js';
import {appendToLedger} from './append-to-ledger.js';
import type {LedgerRow, Target} from './destination.js';
import {refuseFaulty} from './faulty.js';
import {fileName} from './file-name.js';
import type {FileFormat} from './formats/format.js';
import {describeColumns} from './formats/line-format.js';
import {ledgerColumnNames, ledgerColumns, ledgerDescription, ledgerName, warnOfLedger} from './ledger.js';
import {checkPlace, putInPlace, type Waiting} from './place.js';
import {syncMeanwhile} from './sync.js';

const mostAttempts = 5;

/**
 * Puts a new ledger in place of the earlier one. It comes after the tables: a crash in between leaves a table without its row, never a row without its
 * table. Returns a warning if the ledger could not be written; one that cannot be read stays as it is.
 */
export async function appendToLedgerFile(
  folder: string,
  format: FileFormat,
  rows: readonly LedgerRow[],
  workDir: string,
): Promise<readonly string[]> {
  if (rows.length === 0) return [];
  const name = fileName({schema: null, name: ledgerName}, format.scheme);
  try {
    const to = await followLinks(join(folder, name));
    const place = {from: join(dirname(to), await nameUnfinished()), to};
    await checkPlace(to);
    const scratch = {workDir, lockTimeoutMs: 0, label: folder};
    const replace = async () =>
      withDuckdb(inMemory, scratch, async connection => replaceLedger(connection, format, rows, place));
    await takeTurn(to, replace).finally(async () => rm(place.from, {force: true}).catch(() => undefined));
    return [];
  } catch (error) {
    const isExpected = error instanceof DestinationError || isDuckdbFailure(error) || isSystemError(error);
    if (!isExpected) throw error;
    return [warnOfLedger(name, isDuckdbFailure(error) ? firstLine(error) : messageOf(error))];
  }
}

/** Another process may put its own in place meanwhile. Then that is read again: only what happens between this look and the rename is missed. */
async function replaceLedger(
  connection: DuckDBConnection,
  format: FileFormat,
  rows: readonly LedgerRow[],
  place: Waiting,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const before = await identify(place.to);
    await writeLedger(connection, format, rows, place, before !== undefined);
    if (attempt < mostAttempts && (await identify(place.to)) !== before) continue;
    const {error} = await putInPlace([place]);
    if (error !== undefined) throw error;
    return;
  }
}

/** Tells a file from one that took its place; undefined if there is none, or none with anything in it. */
async function identify(file: string): Promise<string | undefined> {
  const found = await stat(file, {bigint: true}).catch(() => undefined);
  return found === undefined || found.size === 0n ? undefined : `${found.ino} ${found.size} ${found.mtimeNs}`;
}

async function writeLedger(
  connection: DuckDBConnection,
  format: FileFormat,
  rows: readonly LedgerRow[],
  {from, to}: Waiting,
  isThere: boolean,
): Promise<void> {
  const staged = sql`ledger`;
  await run(connection, sql`DROP TABLE IF EXISTS ${staged}`);
  if (isThere) await format.readInto(connection, staged, to, ledgerTypes);
  const there = isThere ? await describeColumns(connection, staged) : null;
  const columns = there && new Set(there.map(({name}) => foldCase(name)));
  const place = {at: staged, columns, nameTable: (target: Target) => nameTable(target, format)};
  for (const statement of appendToLedger(place, rows)) await run(connection, statement);
  const count = await queryNumber(connection, sql`SELECT count(*) FROM ${staged}`);
  // Created first for its mode: DuckDB would use the process's umask.
  await (await open(from, 'w', 0o600)).close();
  await syncMeanwhile(from, format.write(connection, staged, from, comments));
  refuseFaulty(basename(to), count, await format.findFault(connection, staged, from, count));
}

const ledgerTypes = new Map(ledgerColumnNames.map(name => [foldCase(name), casts[ledgerColumns[name].kind].type]));

const comments = [
  {column: null, text: ledgerDescription},
  ...ledgerColumnNames.map(column => ({column, text: ledgerColumns[column].description})),
];

function nameTable(target: Target, {scheme}: FileFormat): string {
  return fileName(target, scheme).slice(0, -1 - scheme.length);
}
