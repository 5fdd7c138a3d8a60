import {open} from 'node:fs/promises';
import type {DuckDBConnection} from '@duckdb/node-api';
import {queryRows, run} from '../engine/duckdb.js';
import {quoteIdentifier} from '../engine/quote.js';
import {joinSql, type Sql, sql} from '../engine/sql.js';
import type {Frame, JsonColumn} from './format-json.js';

const batchBytes = 8 * 1024 * 1024;
const leastRowBytes = 1024;
/** Not DuckDB's own `rowid`, because a column may have that name. No name made from a key begins with an underscore. */
const rowNumber = sql`_docebo_row`;

/**
 * Writes rows that are too large for DuckDB to write: it makes JSON of 2,048 rows at once and needs six times the length of each text, so
 * 2,000 texts of 50 KB did not fit in its memory. This takes a few rows at a time, and their texts as they are.
 */
export async function writeLargeRows(
  connection: DuckDBConnection,
  staged: Sql,
  columns: readonly JsonColumn[],
  file: string,
  {where = sql`true`, before = '', after = sql`''`}: Partial<Pick<Frame, 'where' | 'before' | 'after'>> = {},
): Promise<void> {
  const values = [...columns.map(column => (isText(column) ? quoteIdentifier(column.name) : column.json)), after];
  const handle = await open(file, 'w');
  try {
    for (const [first, last] of await cutIntoBatches(connection, staged, columns)) {
      const select = sql`SELECT ${joinSql(values)} FROM ${staged} WHERE ${rowNumber} BETWEEN ${first} AND ${last} AND (${where})`;
      for (const row of await queryRows(connection, select))
        await handle.writeFile(`${before}${formatRow(columns, row)}${row.at(-1)}\n`);
    }
  } finally {
    await handle.close();
  }
}

/** Numbers the rows, and gives the first and last row of each batch: 8 MB of rows, or a single row that is larger. */
async function cutIntoBatches(
  connection: DuckDBConnection,
  staged: Sql,
  columns: readonly JsonColumn[],
): Promise<readonly (readonly [number, number])[]> {
  await run(
    connection,
    sql`CREATE OR REPLACE TEMP SEQUENCE row_numbers;
        ALTER TABLE ${staged} ADD COLUMN ${rowNumber} BIGINT DEFAULT nextval('row_numbers')`,
  );
  const lengths = columns
    .filter(column => isText(column) || column.type === 'JSON')
    .map(({name}) => sql`coalesce(strlen(${quoteIdentifier(name)}), 0)`);
  const batches = await queryRows(
    connection,
    sql`SELECT min(row), max(row) FROM (
          SELECT row, sum(bytes) OVER (ORDER BY row) // ${batchBytes} AS batch
          FROM (SELECT ${rowNumber} AS row, ${joinSql([sql`${leastRowBytes}`, ...lengths], sql` + `)} AS bytes FROM ${staged})
        ) GROUP BY batch ORDER BY batch`,
  );
  return batches.map(([first, last]) => [Number(first), Number(last)]);
}

function isText({type}: JsonColumn): boolean {
  return type === 'VARCHAR';
}

function formatRow(columns: readonly JsonColumn[], row: readonly unknown[]): string {
  const members = columns.map((column, i) => {
    const value = row[i] ?? null;
    return `${JSON.stringify(column.name)}:${isText(column) ? JSON.stringify(value) : String(value)}`;
  });
  return `{${members.join(',')}}`;
}
