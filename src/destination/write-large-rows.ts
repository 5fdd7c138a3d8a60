import {open} from 'node:fs/promises';
import type {DuckDBConnection} from '@duckdb/node-api';
import {queryRows} from '../engine/duckdb.js';
import {quoteIdentifier} from '../engine/quote.js';
import type {JsonColumn} from './format-json.js';

const batchBytes = 8 * 1024 * 1024;
const leastRowBytes = 1024;

/**
 * Writes rows that are too large for DuckDB to write: it makes JSON of 2,048 at once, and for each text takes six times its length,
 * so that 2,000 texts of 50 KB did not fit in its memory. Here a few rows are taken at a time, and their texts as they are.
 */
export async function writeLargeRows(
  connection: DuckDBConnection,
  staged: string,
  columns: readonly JsonColumn[],
  file: string,
): Promise<void> {
  const values = columns.map(column => (isText(column) ? quoteIdentifier(column.name) : column.json));
  const handle = await open(file, 'w');
  try {
    for (const [first, last] of await cutIntoBatches(connection, staged, columns)) {
      const select = `SELECT ${values.join(', ')} FROM ${staged} WHERE rowid BETWEEN ${first} AND ${last}`;
      for (const row of await queryRows(connection, select)) await handle.writeFile(formatLine(columns, row));
    }
  } finally {
    await handle.close();
  }
}

/** First and last row of each batch: rows of 8 MB, or a single one that is larger. */
async function cutIntoBatches(connection: DuckDBConnection, staged: string, columns: readonly JsonColumn[]) {
  const lengths = columns
    .filter(column => isText(column) || column.type === 'JSON')
    .map(({name}) => `coalesce(strlen(${quoteIdentifier(name)}), 0)`);
  return queryRows(
    connection,
    `SELECT min(row), max(row) FROM (
       SELECT row, sum(bytes) OVER (ORDER BY row) // ${batchBytes} AS batch
       FROM (SELECT rowid AS row, ${[leastRowBytes, ...lengths].join(' + ')} AS bytes FROM ${staged})
     ) GROUP BY batch ORDER BY batch`,
  );
}

function isText({type}: JsonColumn): boolean {
  return type === 'VARCHAR';
}

function formatLine(columns: readonly JsonColumn[], row: readonly unknown[]): string {
  const members = columns.map((column, i) => {
    const value = row[i] ?? null;
    return `${JSON.stringify(column.name)}:${isText(column) ? JSON.stringify(value) : String(value)}`;
  });
  return `{${members.join(',')}}\n`;
}
