import type {DuckDBConnection} from '@duckdb/node-api';
import type {CastOptions, Load} from '../destination/destination.js';
import {ResponseError} from '../errors.js';
import {isDated} from './casts.js';
import {applyContract} from './contract.js';
import {dropDiscarded, warnOfDiscarded} from './discard.js';
import {queryNumber, queryRows, run} from './duckdb.js';
import type {EarlierColumns, EvolvedColumn} from './evolve.js';
import {firstLine, isDuckdbFailure} from './failures.js';
import {readManifest} from './read.js';
import {type FailureBit, type Selectable, selectRows} from './select.js';
import {joinSql, type Sql, sql} from './sql.js';
import {refuseChangedPlaces, verify} from './verify.js';

export interface Staged {
  readonly rows: number;
  readonly invalidDates: Readonly<Record<string, number>>;
  readonly castFailures: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  /** The columns that no declaration has. */
  readonly evolved: readonly EvolvedColumn[];
}

interface StageOptions extends CastOptions {
  readonly loadId: string;
  /** Null where the destination keeps nothing of its columns but their names. */
  readonly earlier: EarlierColumns | null;
}

/** Makes one load's rows into the table `staged`, quoted, and proves them. Throws if the table cannot be published. */
export async function stage(
  connection: DuckDBConnection,
  {table, spooled}: Load,
  staged: Sql,
  {loadId, earlier, ...options}: StageOptions,
): Promise<Staged> {
  const contract = applyContract(table, spooled, earlier, options);
  try {
    const fast: Selectable = {
      table,
      spooled,
      contract,
      loadId,
      options,
      bound: await boundNames(connection, spooled),
      largestPageBytes: await largestPage(connection, spooled),
      reading: 'typed',
    };
    const {failures, warnings} = await makeRows(connection, staged, fast);
    const {total, moved} = spooled;
    if (moved) await refuseChangedPlaces(connection, staged, table.name);
    const discarded = await dropDiscarded(connection, staged, contract.discardedBy);
    const least = total === null ? null : total - discarded;
    const rows = await verify(connection, staged, table, {records: spooled.records - discarded, total: least, moved});
    const counts = await countFailures(connection, staged, failures);
    if (options.onCastError === 'fail') refuseCastFailures(table.name, counts.castFailures);
    await dropMasks(connection, staged, failures);
    return {
      rows,
      ...counts,
      evolved: contract.evolved,
      warnings: [...contract.warnings, ...warnings, ...warnOfDiscarded(discarded, contract.discardedBy)],
    };
  } catch (error) {
    if (!isDuckdbFailure(error) || !isAboutTheRecords(error)) throw error;
    throw new ResponseError(`${table.name}: the records as sent could not be read: ${withoutRecord(error)}`);
  }
}

/** One record that holds a key twice fails the fast reading of all of them, so they are read once more. */
async function makeRows(connection: DuckDBConnection, staged: Sql, fast: Selectable) {
  const {select, failures} = selectRows(fast);
  try {
    await run(connection, sql`CREATE OR REPLACE TABLE ${staged} AS ${select}`);
    return {failures, warnings: []};
  } catch (error) {
    if (!isDuckdbFailure(error) || !error.message.includes('has duplicate key')) throw error;
  }
  await run(connection, sql`CREATE OR REPLACE TABLE ${staged} AS ${selectRows({...fast, reading: 'whole'}).select}`);
  return {failures, warnings: ['Some records hold a key twice; the first of the two values was taken']};
}

/** DuckDB quotes the record that it fails on, and records are about people. */
function withoutRecord(error: Error): string {
  return firstLine(error).replace(/Object \{.*\} has/, 'a record has');
}

/** Other failures of DuckDB's (disk full, out of memory) concern the destination as a whole. */
function isAboutTheRecords({message}: Error): boolean {
  return /^(Invalid Input|Conversion|Out of Range) Error/.test(message);
}

async function boundNames(connection: DuckDBConnection, spooled: Load['spooled']): Promise<ReadonlySet<string>> {
  const rows = await queryRows(
    connection,
    sql`SELECT DISTINCT unnest(json_keys(bound)) FROM ${readManifest(spooled)} WHERE type = 'page'`,
  );
  return new Set(rows.map(([name]) => String(name)));
}

/** No record is larger than the page that it came with. */
async function largestPage(connection: DuckDBConnection, spooled: Load['spooled']): Promise<number> {
  return queryNumber(
    connection,
    sql`SELECT max(bytes) FROM (
       SELECT end_offset - lag(end_offset, 1, 0) OVER (ORDER BY end_offset) AS bytes
       FROM ${readManifest(spooled)} WHERE type = 'page'
     )`,
  );
}

async function countFailures(connection: DuckDBConnection, staged: Sql, failures: readonly FailureBit[]) {
  const invalidDates: Record<string, number> = {};
  const castFailures: Record<string, number> = {};
  if (failures.length === 0) return {invalidDates, castFailures};
  const counts = failures.map(({mask, bit}) => sql`count(*) FILTER (WHERE (${mask} & ${2n ** BigInt(bit)}) <> 0)`);
  const [row = []] = await queryRows(connection, sql`SELECT ${joinSql(counts)} FROM ${staged}`);
  for (const [i, {column, kind}] of failures.entries()) {
    const count = Number(row[i] ?? 0);
    if (count > 0) (isDated(kind) ? invalidDates : castFailures)[column] = count;
  }
  return {invalidDates, castFailures};
}

function refuseCastFailures(table: string, castFailures: Readonly<Record<string, number>>): void {
  const said = Object.entries(castFailures).map(([column, count]) => `${column} (${count})`);
  if (said.length === 0) return;
  throw new ResponseError(`${table}: values that do not fit their column's kind, by column: ${said.join(', ')}`, {
    hint: 'Cast errors are set to fail. With "null" such values become NULL and are counted.',
  });
}

async function dropMasks(connection: DuckDBConnection, staged: Sql, failures: readonly FailureBit[]) {
  for (const mask of new Set(failures.map(({mask}) => mask))) {
    await run(connection, sql`ALTER TABLE ${staged} DROP COLUMN ${mask}`);
  }
}
