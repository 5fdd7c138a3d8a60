import type {DuckDBConnection} from '@duckdb/node-api';
import {queryRows} from '../engine/duckdb.js';
import {quoteIdentifier, quoteName} from '../engine/quote.js';
import {joinSql, type Sql, sql} from '../engine/sql.js';
import type {EarlierColumn, Place} from './earlier.js';

const metadata = ['_docebo_load_id', '_docebo_extracted_at'];

/**
 * Warns of columns that somebody added, which the new table keeps but whose values are gone, since its rows are new. Columns that we made
 * are left out: their values came from Docebo.
 */
export async function nameLostValues(
  connection: DuckDBConnection,
  earlier: Place,
  columns: readonly EarlierColumn[],
): Promise<readonly string[]> {
  const own = columns.filter(({name, key}) => !metadata.includes(name) && key === null);
  if (own.length === 0) return [];
  const counts = own.map(column => sql`count(*) FILTER (WHERE ${differs(column)})`);
  const [row = []] = await queryRows(connection, sql`SELECT ${joinSql(counts)} FROM ${quoteName(...earlier)}`);
  return own.filter((_, i) => Number(row[i]) > 0).map(({name}) => `The values of ${name} were lost`);
}

const constant = /^(NULL|-?[\d.]+|'(?:[^']|'')*'|CAST\('(?:[^']|'')*' AS [\w ]+\))$/;

/** A default that is not a constant may have effects, such as `nextval`, or differ in each row. */
export function isConstant(value: string): boolean {
  return constant.test(value);
}

/** Whether the earlier value differs from what the new rows hold, which is the default. */
function differs({name, default: value}: EarlierColumn): Sql {
  const column = quoteIdentifier(name);
  return value !== null && isConstant(value) ? sql`${column} IS DISTINCT FROM ${value}` : sql`${column} IS NOT NULL`;
}
