import type {DuckDBConnection} from '@duckdb/node-api';
import {queryRows} from '../engine/duckdb.js';
import {quoteIdentifier} from '../engine/quote.js';
import {joinSql, type Sql, sql} from '../engine/sql.js';

/** How a column is written: its key, and SQL that gives its value as JSON, or NULL. */
export interface JsonColumn {
  readonly name: string;
  readonly type: string;
  readonly json: Sql;
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

interface Column {
  readonly name: string;
  readonly type: string;
}

/** Says how each column of a table is written: dates as ISO 8601, every other type as DuckDB writes it in JSON. */
export async function formatColumns(connection: DuckDBConnection, staged: Sql): Promise<readonly JsonColumn[]> {
  const described = await queryRows(connection, sql`DESCRIBE ${staged}`);
  const columns = described.map(([name, type]) => ({name: String(name), type: String(type)}));
  const fractional = await findFractions(connection, staged, columns.filter(isMoment));
  return columns.map(column => ({...column, json: formatColumn(column, fractional.has(column.name))}));
}

/** Columns in which any timestamp has a fraction of a second. Found once (5 ms): a check per value takes half the time of writing. */
async function findFractions(
  connection: DuckDBConnection,
  staged: Sql,
  moments: readonly Column[],
): Promise<ReadonlySet<string>> {
  if (moments.length === 0) return new Set();
  const hasAny = moments.map(
    ({name}) => sql`coalesce(bool_or(epoch_us(${quoteIdentifier(name)}) % 1000000 <> 0), false)`,
  );
  const [found = []] = await queryRows(connection, sql`SELECT ${joinSql(hasAny)} FROM ${staged}`);
  return new Set(moments.filter((_, i) => found[i] === true).map(({name}) => name));
}

function isMoment({type}: Column): boolean {
  return type === 'TIMESTAMP WITH TIME ZONE';
}

function formatColumn(column: Column, hasFractions: boolean): Sql {
  const name = quoteIdentifier(column.name);
  if (column.type === 'DATE') return sql`strftime(${name}, '"%Y-%m-%d"')`;
  // Gives what to_json would, in less time.
  if (['BIGINT', 'BOOLEAN', 'JSON'].includes(column.type)) return sql`CAST(${name} AS VARCHAR)`;
  if (!isMoment(column)) return sql`CAST(to_json(${name}) AS VARCHAR)`;
  // Takes half as long without a zone, and the session's zone is UTC anyway.
  const moment = sql`make_timestamp(epoch_us(${name}))`;
  const whole = sql`strftime(${moment}, '"%Y-%m-%dT%H:%M:%SZ"')`;
  if (!hasFractions) return whole;
  const exact = sql`strftime(${moment}, '"%Y-%m-%dT%H:%M:%S.%fZ"')`;
  return sql`CASE WHEN epoch_us(${name}) % 1000000 = 0 THEN ${whole} ELSE ${exact} END`;
}
