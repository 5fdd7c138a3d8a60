import type {DuckDBConnection} from '@duckdb/node-api';
import type {Table} from '../table.js';
import {queryNumber} from './duckdb.js';
import {quoteIdentifier} from './quote.js';

/** What tells of a record when and where it was read: `page` in order of landing, the others as in spool/format.ts. */
export const readingColumns = ['page', 'number', 'pass', 'list', 'state'] as const;

export function readingColumn(name: (typeof readingColumns)[number]): string {
  return `_docebo_reading_${name}`;
}

const changedPlace = '_docebo_changed_place';
const isApart = '_docebo_is_apart';

/**
 * Of the records with one key, the one that landed last, and whether the key was met at places that cannot both be right: twice on one
 * page, on two pages of one state of a list, or on pages of one that are no neighbours (source/readings.ts). Only the last pass has to hold.
 */
export function keepLast(sql: string, {primaryKey}: Pick<Table, 'primaryKey'>): string {
  const key = primaryKey.map(quoteIdentifier).join(', ');
  const [page, number, pass, list, state] = readingColumns.map(readingColumn);
  const spread = (partition: string) =>
    `max(${number}) OVER (PARTITION BY ${partition}) - min(${number}) OVER (PARTITION BY ${partition})`;
  return `
    SELECT * EXCLUDE (${readingColumns.map(readingColumn).join(', ')}, ${isApart}),
      coalesce(bool_or(${isApart}) OVER (PARTITION BY ${key}), false) AS ${changedPlace}
    FROM (
      SELECT *, ${pass} = max(${pass}) OVER ()
        AND (count(*) OVER (PARTITION BY ${key}, ${page}) > 1
          OR ${spread(`${key}, ${pass}, ${list}, ${state}`)} > 0 OR ${spread(`${key}, ${pass}, ${list}`)} > 1) AS ${isApart}
      FROM (${sql})
    )
    QUALIFY row_number() OVER (PARTITION BY ${key} ORDER BY ${page} DESC) = 1`;
}

/** Counts the rows that changed their place while they were read, and forgets which. */
export async function countChangedPlaces(connection: DuckDBConnection, staged: string): Promise<number> {
  const count = await queryNumber(connection, `SELECT count(*) FILTER (WHERE ${changedPlace}) FROM ${staged}`);
  await connection.run(`ALTER TABLE ${staged} DROP COLUMN ${changedPlace}`);
  return count;
}
