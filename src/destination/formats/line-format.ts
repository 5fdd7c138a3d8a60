import type {DuckDBConnection} from '@duckdb/node-api';
import {queryRows, run} from '../../engine/duckdb.js';
import {foldCase} from '../../engine/fold-case.js';
import {quoteIdentifier} from '../../engine/quote.js';
import {joinSql, type Sql, sql} from '../../engine/sql.js';

export interface LineColumn {
  readonly name: string;
  readonly type: string;
}

/** How rows become lines of text. A line is the lead and the value of each column, and the tail. */
export interface LineFormat {
  /** The line before the rows, if there is one. */
  readonly header: ((columns: readonly LineColumn[]) => string) | null;
  readonly lead: (column: LineColumn, index: number) => string;
  readonly tail: string;
  readonly lineEnd: string;
  /** What stands for NULL. */
  readonly nothing: string;
  /** What stands around a date or a moment. */
  readonly around: Sql;
  /** SQL that gives a value, which is neither date nor moment, as it is written. */
  readonly format: (column: LineColumn) => Sql;
  /** The same of a text, or of JSON, outside DuckDB. */
  readonly quote: (text: string, column: LineColumn) => string;
}

/** What is written of a table, if not all of it: some of its columns and rows, each row within a message. */
export interface Frame {
  readonly columns: (name: string) => boolean;
  /** @default every row */
  readonly where?: Sql;
  /** The text before each row. */
  readonly before: string;
  /** SQL that gives the text after a row. */
  readonly after: Sql;
}

/** A column, and SQL that gives its value as it is written, or NULL. */
export interface FormattedColumn extends LineColumn {
  readonly value: Sql;
}

export async function describeColumns(connection: DuckDBConnection, staged: Sql): Promise<readonly LineColumn[]> {
  const described = await queryRows(connection, sql`DESCRIBE ${staged}`);
  return described.map(([name, type]) => ({name: String(name), type: String(type)}));
}

/** Creates a table of everything in a source, with those of its columns that are named in these types. */
export async function createTyped(
  connection: DuckDBConnection,
  created: Sql,
  source: Sql,
  types: ReadonlyMap<string, Sql>,
): Promise<void> {
  const columns = await describeColumns(connection, sql`SELECT * FROM ${source}`);
  const typed = columns.map(({name}) => {
    const [column, type] = [quoteIdentifier(name), types.get(foldCase(name))];
    return type === undefined ? column : sql`CAST(${column} AS ${type}) AS ${column}`;
  });
  await run(connection, sql`CREATE TABLE ${created} AS SELECT ${joinSql(typed)} FROM ${source}`);
}

/** Says how each column of a table is written: dates and moments as ISO 8601, every other type as the format has it. */
export async function formatColumns(
  connection: DuckDBConnection,
  staged: Sql,
  format: LineFormat,
): Promise<readonly FormattedColumn[]> {
  const columns = await describeColumns(connection, staged);
  const fractional = await findFractions(connection, staged, columns.filter(isMoment));
  return columns.map(column => ({...column, value: formatColumn(column, format, fractional.has(column.name))}));
}

/** Columns in which any timestamp has a fraction of a second. Found once (5 ms): a check per value takes half the time of writing. */
async function findFractions(
  connection: DuckDBConnection,
  staged: Sql,
  moments: readonly LineColumn[],
): Promise<ReadonlySet<string>> {
  if (moments.length === 0) return new Set();
  const hasAny = moments.map(
    ({name}) => sql`coalesce(bool_or(epoch_us(${quoteIdentifier(name)}) % 1000000 <> 0), false)`,
  );
  const [found = []] = await queryRows(connection, sql`SELECT ${joinSql(hasAny)} FROM ${staged}`);
  return new Set(moments.filter((_, i) => found[i] === true).map(({name}) => name));
}

function isMoment({type}: LineColumn): boolean {
  return type === 'TIMESTAMP WITH TIME ZONE';
}

function formatColumn(column: LineColumn, {around, format}: LineFormat, hasFractions: boolean): Sql {
  const name = quoteIdentifier(column.name);
  if (column.type === 'DATE') return sql`strftime(${name}, '${around}%Y-%m-%d${around}')`;
  if (!isMoment(column)) return format(column);
  // Takes half as long without a zone, and the session's zone is UTC anyway.
  const moment = sql`make_timestamp(epoch_us(${name}))`;
  const whole = sql`strftime(${moment}, '${around}%Y-%m-%dT%H:%M:%SZ${around}')`;
  if (!hasFractions) return whole;
  const exact = sql`strftime(${moment}, '${around}%Y-%m-%dT%H:%M:%S.%fZ${around}')`;
  return sql`CASE WHEN epoch_us(${name}) % 1000000 = 0 THEN ${whole} ELSE ${exact} END`;
}
