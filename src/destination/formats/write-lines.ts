import type {DuckDBConnection} from '@duckdb/node-api';
import {run} from '../../engine/duckdb.js';
import {isOutOfMemory} from '../../engine/failures.js';
import {quoteIdentifier, quoteText} from '../../engine/quote.js';
import {joinSql, type Sql, sql} from '../../engine/sql.js';
import {type FormattedColumn, type Frame, formatColumns, type LineFormat} from './line-format.js';
import {writeLargeRows} from './write-large-rows.js';

/** Writes a table, one row a line. */
export async function writeLines(
  connection: DuckDBConnection,
  staged: Sql,
  file: string,
  format: LineFormat,
  frame?: Frame,
): Promise<void> {
  const all = await formatColumns(connection, staged, format);
  const columns = frame === undefined ? all : all.filter(({name}) => frame.columns(name));
  const rows = frame?.where === undefined ? staged : sql`${staged} WHERE ${frame.where}`;
  // DuckDB writes the name of the only column above the lines.
  const header = quoteIdentifier(format.header?.(columns) ?? 'line');
  const lines = sql`SELECT ${formatLine(columns, format, frame)} AS ${header} FROM ${rows}`;
  try {
    await run(connection, sql`COPY (${lines}) TO ${quoteText(file)} (${asItIs(format)})`);
  } catch (error) {
    if (!isOutOfMemory(error)) throw error;
    await writeLargeRows(connection, staged, columns, file, format, frame);
  }
}

/**
 * A sixth less work than `FORMAT json`, which builds an object of each row and searches its text for what CSV would quote. FORCE_QUOTE
 * ends that search, and the quote is empty.
 */
function asItIs({header, lineEnd}: LineFormat): Sql {
  const hasHeader = header === null ? sql`false` : sql`true`;
  return sql`FORMAT csv, HEADER ${hasHeader}, NEW_LINE ${quoteText(lineEnd)}, DELIMITER '\n', QUOTE '', ESCAPE '', FORCE_QUOTE *, USE_TMP_FILE false`;
}

function formatLine(
  columns: readonly FormattedColumn[],
  {lead, nothing, tail}: LineFormat,
  frame: Frame | undefined,
): Sql {
  const parts = columns.map((column, i) => {
    return sql`${quoteText(lead(column, i))}, coalesce(${column.value}, ${quoteText(nothing)})`;
  });
  const line = [...parts, quoteText(tail)];
  return sql`concat(${joinSql(frame === undefined ? line : [quoteText(frame.before), ...line, frame.after])})`;
}
