import type {DuckDBConnection} from '@duckdb/node-api';
import type {Table} from '../table.js';
import {queryNumber, run} from './duckdb.js';
import {quoteIdentifier} from './quote.js';
import {joinSql, type Sql, sql} from './sql.js';

/**
 * When and where a record was read: `page` counts in order of landing, `row` in order of the records if rows are numbered; for the
 * others see spool/format.ts.
 */
export const readingColumns = ['page', 'row', 'number', 'pass', 'list', 'state'] as const;

export function readingColumn(name: (typeof readingColumns)[number]): Sql {
  return quoteIdentifier(`_docebo_reading_${name}`);
}

const changedPlace = sql`_docebo_changed_place`;
const isApart = sql`_docebo_is_apart`;

/**
 * Keeps of the records with one key the one that landed last, and tells whether the key was met at places that cannot both be right:
 * twice on one page, on two pages of one state of a list, or on pages that are not neighbours (source/lists/readings.ts). Only the last
 * pass is checked. Records without a key are all different: those of the last pass stay, to be refused or left out.
 */
export function keepLast(readings: Sql, {primaryKey}: Pick<Table, 'primaryKey'>): Sql {
  const key = joinSql(primaryKey.map(quoteIdentifier));
  const lacksKey = joinSql(
    primaryKey.map(column => sql`${quoteIdentifier(column)} IS NULL`),
    sql` OR `,
  );
  const page = readingColumn('page');
  const number = readingColumn('number');
  const pass = readingColumn('pass');
  const list = readingColumn('list');
  const state = readingColumn('state');
  const spread = (partition: Sql) =>
    sql`max(${number}) OVER (PARTITION BY ${partition}) - min(${number}) OVER (PARTITION BY ${partition})`;
  return sql`
    SELECT * EXCLUDE (${joinSql(readingColumns.map(readingColumn))}, ${isApart}),
      NOT (${lacksKey}) AND coalesce(bool_or(${isApart}) OVER (PARTITION BY ${key}), false) AS ${changedPlace}
    FROM (
      SELECT *, ${pass} = max(${pass}) OVER ()
        AND (count(*) OVER (PARTITION BY ${key}, ${page}) > 1
          OR ${spread(sql`${key}, ${pass}, ${list}, ${state}`)} > 0 OR ${spread(sql`${key}, ${pass}, ${list}`)} > 1) AS ${isApart}
      FROM (${readings})
    )
    QUALIFY CASE WHEN ${lacksKey} THEN ${pass} = max(${pass}) OVER ()
      ELSE row_number() OVER (PARTITION BY ${key} ORDER BY ${page} DESC, ${readingColumn('row')} DESC) = 1 END`;
}

/** Does the same as `keepLast` to a table that already holds the readings, without reading their texts. Returns how many changed place. */
export async function dropOlder(
  connection: DuckDBConnection,
  staged: Sql,
  table: Pick<Table, 'primaryKey'>,
): Promise<number> {
  const [kept, keptRow, row] = [sql`_docebo_kept`, sql`_docebo_kept_row`, readingColumn('row')];
  const columns = [...table.primaryKey.map(quoteIdentifier), ...readingColumns.map(readingColumn)];
  const readings = sql`SELECT ${joinSql(columns)}, ${row} AS ${keptRow} FROM ${staged}`;
  await run(connection, sql`CREATE OR REPLACE TEMP TABLE ${kept} AS ${keepLast(readings, table)}`);
  await run(connection, sql`DELETE FROM ${staged} WHERE ${row} NOT IN (SELECT ${keptRow} FROM ${kept})`);
  for (const name of readingColumns)
    await run(connection, sql`ALTER TABLE ${staged} DROP COLUMN ${readingColumn(name)}`);
  const changed = await countChangedPlaces(connection, kept);
  await run(connection, sql`DROP TABLE ${kept}`);
  return changed;
}

/** Counts the rows that changed place while the list was read, and drops the marks. */
export async function countChangedPlaces(connection: DuckDBConnection, staged: Sql): Promise<number> {
  const count = await queryNumber(connection, sql`SELECT count(*) FILTER (WHERE ${changedPlace}) FROM ${staged}`);
  await run(connection, sql`ALTER TABLE ${staged} DROP COLUMN ${changedPlace}`);
  return count;
}
