import {open} from 'node:fs/promises';
import type {DuckDBConnection} from '@duckdb/node-api';
import {queryRows, run} from '../../engine/duckdb.js';
import {quoteIdentifier} from '../../engine/quote.js';
import {joinSql, type Sql, sql} from '../../engine/sql.js';
import type {FormattedColumn, Frame, LineColumn, LineFormat} from './line-format.js';

const batchBytes = 8 * 1024 * 1024;
const leastRowBytes = 1024;
/** Not DuckDB's own `rowid`, because a column may have that name. No name made from a key begins with an underscore. */
const rowNumber = sql`_docebo_row`;

/**
 * Writes rows that are too large for DuckDB to write: it formats 2,048 rows at once, for JSON with six times the length of each text, so
 * 2,000 texts of 50 KB did not fit in its memory. This takes a few rows at a time, and their texts as they are.
 */
export async function writeLargeRows(
  connection: DuckDBConnection,
  staged: Sql,
  columns: readonly FormattedColumn[],
  file: string,
  format: LineFormat,
  frame?: Frame,
): Promise<void> {
  const {before = '', after = sql`''`, where = sql`true`} = frame ?? {};
  const values = [...columns.map(column => (isText(column) ? quoteIdentifier(column.name) : column.value)), after];
  const handle = await open(file, 'w');
  try {
    if (format.header !== null) await handle.writeFile(`${format.header(columns)}${format.lineEnd}`);
    for (const [first, last] of await cutIntoBatches(connection, staged, columns)) {
      const select = sql`SELECT ${joinSql(values)} FROM ${staged} WHERE ${rowNumber} BETWEEN ${first} AND ${last} AND (${where})`;
      for (const row of await queryRows(connection, select))
        await handle.writeFile(`${before}${formatRow(columns, row, format)}${row.at(-1)}${format.lineEnd}`);
    }
  } finally {
    await handle.close();
  }
}

/** Numbers the rows, and gives the first and last row of each batch: 8 MB of rows, or a single row that is larger. */
async function cutIntoBatches(
  connection: DuckDBConnection,
  staged: Sql,
  columns: readonly FormattedColumn[],
): Promise<readonly (readonly [number, number])[]> {
  await run(
    connection,
    sql`CREATE OR REPLACE TEMP SEQUENCE row_numbers;
        ALTER TABLE ${staged} ADD COLUMN ${rowNumber} BIGINT DEFAULT nextval('row_numbers')`,
  );
  const lengths = columns.filter(isText).map(({name}) => sql`coalesce(strlen(${quoteIdentifier(name)}), 0)`);
  const batches = await queryRows(
    connection,
    sql`SELECT min(row), max(row) FROM (
          SELECT row, sum(bytes) OVER (ORDER BY row) // ${batchBytes} AS batch
          FROM (SELECT ${rowNumber} AS row, ${joinSql([sql`${leastRowBytes}`, ...lengths], sql` + `)} AS bytes FROM ${staged})
        ) GROUP BY batch ORDER BY batch`,
  );
  return batches.map(([first, last]) => [Number(first), Number(last)]);
}

function isText({type}: LineColumn): boolean {
  return type === 'VARCHAR' || type === 'JSON';
}

function formatRow(
  columns: readonly FormattedColumn[],
  row: readonly unknown[],
  {lead, quote, nothing, tail}: LineFormat,
): string {
  const members = columns.map((column, i) => {
    const value = row[i] ?? null;
    const written = value === null ? nothing : isText(column) ? quote(String(value), column) : String(value);
    return `${lead(column, i)}${written}`;
  });
  return `${members.join('')}${tail}`;
}
