import type {DuckDBConnection} from '@duckdb/node-api';
import {DriftError, IncompleteError} from '../errors.js';
import type {SpooledTable} from '../spool/format.js';
import type {Table} from '../table.js';
import {queryNumber, queryRows, run} from './duckdb.js';
import {quoteIdentifier} from './quote.js';
import {joinSql, type Sql, sql} from './sql.js';

const sampleKeys = 3;

/**
 * Proves a staged table and returns its number of rows: every record is there, and no key is null or occurs twice. Where rows moved while
 * the list was read, a record may have come twice; then there must be at least as many rows as the list held throughout.
 */
export async function verify(
  connection: DuckDBConnection,
  staged: Sql,
  {name, primaryKey}: Table,
  {records, total, moved}: Pick<SpooledTable, 'records' | 'total' | 'moved'>,
): Promise<number> {
  const rows = await queryNumber(connection, sql`SELECT count(*) FROM ${staged}`);
  if (!moved && rows !== records) {
    throw new IncompleteError(`${name}: ${records} records were fetched, but they gave ${rows} rows`, {
      hint: 'The earlier table was kept. Fetch the table again.',
    });
  }
  if (moved && rows < (total ?? 0)) {
    throw new DriftError(`${name}: Docebo counts ${total} rows, but only ${rows} came while rows moved`, {
      hint: 'The earlier table was kept. Run again when fewer rows change.',
    });
  }
  if (primaryKey.length === 0) return rows;
  await refuseNullKeys(connection, staged, name, primaryKey);
  await refuseRepeatedKeys(connection, staged, name, primaryKey, rows);
  return rows;
}

/** A row that was met at two places shows that another row may have been missed. */
export function refuseChangedPlaces(table: string, changed: number): void {
  if (changed === 0) return;
  throw new DriftError(`${table}: ${changed} rows were met at two places of the list, so others may be missing`, {
    hint: 'The earlier table was kept. Run again when fewer rows change.',
  });
}

/** Drops the rows whose key is null, wholly or in part, and returns how many there were. */
export async function dropNullKeys(
  connection: DuckDBConnection,
  staged: Sql,
  {primaryKey}: Pick<Table, 'primaryKey'>,
): Promise<number> {
  const lacks = joinSql(
    primaryKey.map(column => sql`${quoteIdentifier(column)} IS NULL`),
    sql` OR `,
  );
  const keyless = await queryNumber(connection, sql`SELECT count(*) FILTER (WHERE ${lacks}) FROM ${staged}`);
  if (keyless > 0) await run(connection, sql`DELETE FROM ${staged} WHERE ${lacks}`);
  return keyless;
}

async function refuseNullKeys(connection: DuckDBConnection, staged: Sql, table: string, key: readonly string[]) {
  const counts = key.map(column => sql`count(*) - count(${quoteIdentifier(column)})`);
  const [row = []] = await queryRows(connection, sql`SELECT ${joinSql(counts)} FROM ${staged}`);
  const nulls = key.map((column, i) => ({column, count: Number(row[i] ?? 0)})).filter(({count}) => count > 0);
  if (nulls.length === 0) return;
  const said = nulls.map(({column, count}) => `${column} is null in ${count} ${count === 1 ? 'row' : 'rows'}`);
  throw new IncompleteError(`${table}: ${said.join(', ')}, though it is part of the primary key`, {
    hint: 'The earlier table was kept. If the API sends this key under another name, declare it with `from`.',
  });
}

async function refuseRepeatedKeys(
  connection: DuckDBConnection,
  staged: Sql,
  table: string,
  key: readonly string[],
  rows: number,
) {
  const columns = joinSql(key.map(quoteIdentifier));
  const distinct = await queryNumber(connection, sql`SELECT count(*) FROM (SELECT DISTINCT ${columns} FROM ${staged})`);
  if (distinct === rows) return;
  const samples = await queryRows(
    connection,
    sql`SELECT ${columns} FROM ${staged} GROUP BY ${columns} HAVING count(*) > 1 ORDER BY ${columns} LIMIT ${sampleKeys}`,
  );
  const shown = samples.map(sample => `(${sample.map(String).join(', ')})`).join(', ');
  throw new DriftError(
    `${table}: ${rows - distinct} of ${rows} rows repeat the key (${key.join(', ')}) of another, such as ${shown}`,
    {hint: 'The earlier table was kept. The list probably changed while it was read: run again.'},
  );
}
