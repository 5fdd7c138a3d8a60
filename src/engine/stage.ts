import type {DuckDBConnection} from '@duckdb/node-api';
import type {CastOptions, Load} from '../destination/destination.js';
import {ResponseError} from '../errors.js';
import {applyContract, listSome} from './contract.js';
import {dropDiscarded, warnOfDiscarded} from './discard.js';
import {queryNumber, queryRows, run} from './duckdb.js';
import type {EarlierColumns, EvolvedColumn} from './evolve.js';
import {firstLine, isDuckdbFailure} from './failures.js';
import {readManifest} from './read.js';
import {type Failure, type FailureBit, type Selectable, selectRows} from './select.js';
import {joinSql, type Sql, sql} from './sql.js';
import {refuseChangedPlaces, verify} from './verify.js';

export interface Staged {
  readonly rows: number;
  readonly invalidDates: Readonly<Record<string, number>>;
  readonly castFailures: Readonly<Record<string, number>>;
  readonly mendedTexts: Readonly<Record<string, number>>;
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
      longestLine: await longestLine(connection, spooled),
      reading: 'typed',
    };
    const {failures, warnings} = await makeRows(connection, staged, fast);
    const {total, moved} = spooled;
    if (moved) await refuseChangedPlaces(connection, staged, table.name);
    const discarded = await dropDiscarded(connection, staged, contract.discardedBy);
    const least = total === null ? null : total - discarded;
    const rows = await verify(connection, staged, table, {records: spooled.records - discarded, total: least, moved});
    const counts = await countFailures(connection, staged, failures);
    if (options.onCastError === 'fail') refuseFailures(table.name, counts);
    await dropMasks(connection, staged, failures);
    return {
      rows,
      ...counts,
      evolved: contract.evolved,
      warnings: [
        ...contract.warnings,
        ...warnOfRepeated(spooled),
        ...warnings,
        ...warnOfDiscarded(discarded, contract.discardedBy),
      ],
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

async function longestLine(connection: DuckDBConnection, spooled: Load['spooled']): Promise<number> {
  return queryNumber(connection, sql`SELECT max(longest_line) FROM ${readManifest(spooled)} WHERE type = 'page'`);
}

function warnOfRepeated({repeated}: Load['spooled']): string[] {
  if (repeated.size === 0) return [];
  return [`Some records hold a key twice (${listSome([...repeated])}); the last of the two values was taken`];
}

type FailureCounts = Readonly<Record<Failure, Record<string, number>>>;

async function countFailures(
  connection: DuckDBConnection,
  staged: Sql,
  failures: readonly FailureBit[],
): Promise<FailureCounts> {
  const found: FailureCounts = {invalidDates: {}, castFailures: {}, mendedTexts: {}};
  if (failures.length === 0) return found;
  const counts = failures.map(({mask, bit}) => sql`count(*) FILTER (WHERE (${mask} & ${2n ** BigInt(bit)}) <> 0)`);
  const [row = []] = await queryRows(connection, sql`SELECT ${joinSql(counts)} FROM ${staged}`);
  for (const [i, {column, failure}] of failures.entries()) {
    const count = Number(row[i] ?? 0);
    if (count > 0) found[failure][column] = count;
  }
  return found;
}

function refuseFailures(table: string, {castFailures, mendedTexts}: FailureCounts): void {
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([column, count]) => `${column} (${count})`)
      .join(', ');
  const said = [
    {what: "values that do not fit their column's kind", columns: list(castFailures)},
    {what: 'texts that hold what is no character', columns: list(mendedTexts)},
  ].filter(({columns}) => columns !== '');
  if (said.length === 0) return;
  throw new ResponseError(`${table}: ${said.map(({what, columns}) => `${what}, by column: ${columns}`).join('; ')}`, {
    hint: 'Cast errors are set to fail. With "null" such values become NULL, such characters U+FFFD, and all are counted.',
  });
}

async function dropMasks(connection: DuckDBConnection, staged: Sql, failures: readonly FailureBit[]) {
  for (const mask of new Set(failures.map(({mask}) => mask))) {
    await run(connection, sql`ALTER TABLE ${staged} DROP COLUMN ${mask}`);
  }
}
