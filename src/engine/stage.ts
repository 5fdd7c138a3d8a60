import type {DuckDBConnection} from '@duckdb/node-api';
import {type Accepted, accepts, type CastOptions, warnOfAccepted} from '../choices.js';
import type {CustomFields} from '../custom-fields.js';
import {ResponseError} from '../errors.js';
import {areRepeatsLasting} from '../spool/compare-readings.js';
import type {SpooledTable} from '../spool/format.js';
import type {Table} from '../table.js';
import {applyContract, type Contract, listSome} from './contract.js';
import {dropDiscarded, warnOfDiscarded} from './discard.js';
import {checkpointMeanwhile, queryRows, run} from './duckdb.js';
import type {EvolvedColumn} from './evolve.js';
import {firstLine, isDuckdbFailure} from './failures.js';
import {type FittingKinds, inferKinds} from './infer.js';
import {dropIdleLabels} from './labels.js';
import {countChangedPlaces, dropOlder, keepLast} from './moved.js';
import type {EarlierColumns} from './name-keys.js';
import {cutIntoPieces, isHeavy} from './pieces.js';
import {settleReportColumns} from './report-columns.js';
import {type Failure, type FailureBit, type Selectable, selectRows} from './select.js';
import {joinSql, type Sql, sql} from './sql.js';
import {fillPaths} from './tree-paths.js';
import {dropNullKeys, refuseChangedPlaces, verify} from './verify.js';

export interface Staged {
  readonly rows: number;
  readonly invalidDates: Readonly<Record<string, number>>;
  readonly castFailures: Readonly<Record<string, number>>;
  readonly mendedTexts: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  /** The undeclared columns. */
  readonly evolved: readonly EvolvedColumn[];
  /** Earlier column → the column that holds its key now. */
  readonly renamed: ReadonlyMap<string, string>;
}

interface StageOptions extends CastOptions {
  readonly accept: Accepted;
  /** Whether the table can be read once more if rows moved. */
  readonly awaitDrift: boolean;
  readonly loadId: string;
  /** For scratch files. */
  readonly workDir: string;
  /** Null if the destination keeps only the names of its columns. */
  readonly earlier: EarlierColumns | null;
}

/** Turns one load's records into the table `staged` and proves it. Throws if it cannot be published. */
export async function stage(
  connection: DuckDBConnection,
  {table, spooled, fields}: {readonly table: Table; readonly spooled: SpooledTable; readonly fields?: CustomFields},
  staged: Sql,
  {loadId, earlier, accept, awaitDrift, workDir, ...options}: StageOptions,
): Promise<Staged> {
  const {name} = table;
  const mayRepeat = accepts(accept, name, 'duplicates') && (await areRepeatsLasting(table, spooled, awaitDrift));
  try {
    const contract =
      table.exportOf === undefined
        ? applyContract(table, spooled, earlier, {...options, fields})
        : await settleReport(connection, {table, spooled}, earlier, options);
    const fast: Selectable = {
      table,
      spooled: mayRepeat ? {...spooled, moved: true} : spooled,
      contract,
      loadId,
      options,
      reading: 'typed',
      numberedFrom: mayRepeat ? 0 : null,
    };
    if (mayRepeat) await run(connection, sql`SET threads = 1`);
    const {failures, warnings, changed} = await makeRows(connection, staged, fast, workDir);
    if (mayRepeat) await run(connection, sql`RESET threads`);
    const {total, moved} = spooled;
    if (!mayRepeat) refuseChangedPlaces(name, changed);
    const discarded = await dropDiscarded(connection, staged, contract.discardedBy);
    const keyless = accepts(accept, name, 'null-keys') ? await dropNullKeys(connection, staged, table) : 0;
    const left = discarded + keyless;
    const least = total === null || mayRepeat ? null : total - left;
    const expected = {records: spooled.records - left, total: least, moved: moved || mayRepeat};
    const rows = await verify(connection, staged, table, expected);
    const repeated = moved ? changed : expected.records - rows;
    const counts = await countFailures(connection, staged, failures);
    if (options.onCastError === 'fail') refuseFailures(table.name, counts);
    await dropMasks(connection, staged, failures);
    await fillPaths(connection, staged, table);
    const evolved = await dropIdleLabels(connection, staged, contract.evolved);
    const {otherParents, ...told} = counts;
    return {
      rows,
      ...told,
      evolved,
      renamed: contract.renamed,
      warnings: [
        ...(fields?.warnings ?? []),
        ...contract.warnings,
        ...warnOfRepeated(spooled),
        ...Object.entries(otherParents).map(([column, count]) => warnOfOtherParents(column, count)),
        ...warnings,
        ...warnOfDiscarded(discarded, contract.discardedBy),
        ...(mayRepeat && repeated > 0
          ? [warnOfAccepted(name, 'duplicates', describeRepeats(repeated, rows, total))]
          : []),
        ...(keyless > 0 ? [warnOfAccepted(name, 'null-keys', `${keyless} records without a key were left out`)] : []),
      ],
    };
  } catch (error) {
    if (!isDuckdbFailure(error) || !isAboutTheRecords(error)) throw error;
    throw new ResponseError(`${table.name}: the records as sent could not be read: ${withoutRecord(error)}`);
  }
}

async function settleReport(
  connection: DuckDBConnection,
  {table, spooled}: {readonly table: Table; readonly spooled: SpooledTable},
  earlier: EarlierColumns | null,
  options: CastOptions,
): Promise<Contract> {
  const isInferred = options.reportTypes !== 'text';
  const texts: FittingKinds = new Map([...spooled.undeclared.keys()].map(key => [key, ['text']]));
  const fitting = isInferred ? await inferKinds(connection, spooled) : texts;
  const contract = settleReportColumns(table, spooled, earlier, fitting, options);
  if (contract.evolved.length > 0 || options.loadMetadata) return contract;
  throw new ResponseError(`${table.name}: the report has no rows, and nothing else tells its columns`, {
    hint: 'The earlier table was kept. With --load-metadata a table without rows can be made.',
    allowedBy: {'load-metadata': true},
  });
}

/** Makes the rows, and returns how many changed place if rows moved. */
async function makeRows(connection: DuckDBConnection, staged: Sql, facts: Selectable, workDir: string) {
  const {table, spooled} = facts;
  const {moved} = spooled;
  const create = sql`CREATE OR REPLACE TABLE ${staged} AS`;
  if (!(await isHeavy(connection, spooled))) {
    const made = await addRows(connection, create, facts, moved ? 'last' : 'all');
    return {...made, changed: moved ? await countChangedPlaces(connection, staged) : 0};
  }
  const warnings = new Set<string>();
  let failures: readonly FailureBit[] = [];
  for await (const {file, start} of cutIntoPieces(spooled, workDir)) {
    const piece = {...facts, spooled: {...spooled, recordsFile: file}, numberedFrom: start};
    const made = await addRows(connection, start === 0 ? create : sql`INSERT INTO ${staged}`, piece, 'all');
    failures = made.failures;
    for (const warning of made.warnings) warnings.add(warning);
    // In a file each piece then is a row group of its own, and DuckDB takes one row group at a time.
    await checkpointMeanwhile(connection);
  }
  const changed = moved ? await dropOlder(connection, staged, table) : 0;
  return {failures, warnings: [...warnings], changed};
}

/** One record that holds a key twice makes the fast reading fail for all records, so they are read again. */
async function addRows(connection: DuckDBConnection, into: Sql, fast: Selectable, readings: 'all' | 'last') {
  const add = async (facts: Selectable) => {
    const {select, failures} = selectRows(facts);
    await run(connection, sql`${into} ${readings === 'last' ? keepLast(select, facts.table) : select}`);
    return failures;
  };
  try {
    return {failures: await add(fast), warnings: []};
  } catch (error) {
    if (!isDuckdbFailure(error) || !error.message.includes('has duplicate key')) throw error;
  }
  const failures = await add({...fast, reading: 'whole'});
  return {failures, warnings: ['Some records hold a key twice; the first of the two values was taken']};
}

/** DuckDB's message quotes the record that it fails on, which holds personal data. */
function withoutRecord(error: Error): string {
  return firstLine(error).replace(/Object \{.*\} has/, 'a record has');
}

/** DuckDB's other failures (disk full, out of memory) concern the whole destination. */
function isAboutTheRecords({message}: Error): boolean {
  return /^(Invalid Input|Conversion|Out of Range) Error/.test(message);
}

function describeRepeats(repeated: number, rows: number, total: number | null): string {
  const fewer = total !== null && rows < total ? `, which leaves ${rows} rows of the ${total} that Docebo counts` : '';
  return `${repeated} records came twice; of each key the last counts${fewer}`;
}

function warnOfOtherParents(column: string, count: number): string {
  return `${count} records say another ${column} than the one in whose list they came, which is what the rows hold`;
}

function warnOfRepeated({repeated}: SpooledTable): string[] {
  if (repeated.size === 0) return [];
  return [`Some records hold a key twice (${listSome([...repeated])}); the last of the two values was taken`];
}

type FailureCounts = Readonly<Record<Failure, Record<string, number>>>;

async function countFailures(
  connection: DuckDBConnection,
  staged: Sql,
  failures: readonly FailureBit[],
): Promise<FailureCounts> {
  if (failures.length === 0) return {invalidDates: {}, castFailures: {}, mendedTexts: {}, otherParents: {}};
  const counts = failures.map(({mask, bit}) => sql`count(*) FILTER (WHERE (${mask} & ${2n ** BigInt(bit)}) <> 0)`);
  const [row = []] = await queryRows(connection, sql`SELECT ${joinSql(counts)} FROM ${staged}`);
  const found = failures.map((each, i) => ({...each, count: Number(row[i] ?? 0)})).filter(({count}) => count > 0);
  // Not assigned one by one: a tenant may call a key __proto__.
  const countsOf = (failure: Failure) =>
    Object.fromEntries(found.filter(each => each.failure === failure).map(({column, count}) => [column, count]));
  return {
    invalidDates: countsOf('invalidDates'),
    castFailures: countsOf('castFailures'),
    mendedTexts: countsOf('mendedTexts'),
    otherParents: countsOf('otherParents'),
  };
}

export function refuseFailures(
  table: string,
  {castFailures, mendedTexts}: Pick<FailureCounts, 'castFailures' | 'mendedTexts'>,
): void {
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([column, count]) => `${column} (${count})`)
      .join(', ');
  const said = [
    {what: "values that do not fit their column's kind", columns: list(castFailures)},
    {what: 'texts that hold invalid characters', columns: list(mendedTexts)},
  ].filter(({columns}) => columns !== '');
  if (said.length === 0) return;
  throw new ResponseError(`${table}: ${said.map(({what, columns}) => `${what}, by column: ${columns}`).join('; ')}`, {
    hint: 'Cast errors are set to fail. With "null" such values become NULL, such characters U+FFFD, and all are counted.',
    allowedBy: {'on-cast-error': 'null'},
  });
}

async function dropMasks(connection: DuckDBConnection, staged: Sql, failures: readonly FailureBit[]) {
  for (const mask of new Set(failures.map(({mask}) => mask))) {
    await run(connection, sql`ALTER TABLE ${staged} DROP COLUMN ${mask}`);
  }
}
