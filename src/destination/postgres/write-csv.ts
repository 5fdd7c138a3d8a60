import {open} from 'node:fs/promises';
import type {DuckDBConnection} from '@duckdb/node-api';
import {queryRows, run} from '../../engine/duckdb.js';
import {quoteIdentifier, quoteText} from '../../engine/quote.js';
import {joinSql, type Sql, sql} from '../../engine/sql.js';
import type {StagedColumn} from '../staged-columns.js';

const isText = ({type}: StagedColumn) => type === 'VARCHAR';
const isJson = ({type}: StagedColumn) => type === 'JSON';

/** As text a backslash escapes only within JSON, where two of them are no escape. No JSON holds U+0001 as it is. */
const aside = quoteText('\u0001');
const jsonWithoutPairs = (json: Sql) => sql`replace(CAST(${json} AS VARCHAR), ${quoteText('\\\\')}, ${aside})`;
const nulInJson = quoteText('\\u0000');

/** Counts, by column, the values that hold U+0000, which Postgres keeps neither in a text nor in JSON. */
export async function countNuls(
  connection: DuckDBConnection,
  staged: Sql,
  columns: readonly StagedColumn[],
): Promise<Readonly<Record<string, number>>> {
  const texts = columns.filter(column => isText(column) || isJson(column));
  if (texts.length === 0) return {};
  const counts = texts.map(column => sql`count(*) FILTER (WHERE ${holdsNul(column)})`);
  const [row = []] = await queryRows(connection, sql`SELECT ${joinSql(counts)} FROM ${staged}`);
  const found = texts.map(({name}, i): [string, number] => [name, Number(row[i])]);
  return Object.fromEntries(found.filter(([, count]) => count > 0));
}

function holdsNul(column: StagedColumn): Sql {
  const name = quoteIdentifier(column.name);
  return isJson(column) ? sql`contains(${jsonWithoutPairs(name)}, ${nulInJson})` : sql`contains(${name}, chr(0))`;
}

/**
 * Writes a table as CSV that Postgres reads without loss: every value is quoted and no NULL is, so an empty text is none. `mended` are the
 * columns whose U+0000 become U+FFFD.
 */
export async function writeCsv(
  connection: DuckDBConnection,
  staged: Sql,
  columns: readonly StagedColumn[],
  mended: ReadonlySet<string>,
  file: string,
): Promise<void> {
  // Created first for its mode: DuckDB would use the process's umask.
  await (await open(file, 'w', 0o600)).close();
  const values = columns.map(column => (mended.has(column.name) ? mend(column) : quoteIdentifier(column.name)));
  await run(
    connection,
    sql`COPY (SELECT ${joinSql(values)} FROM ${staged}) TO ${quoteText(file)}
        (FORMAT csv, HEADER false, DELIMITER ',', QUOTE '"', ESCAPE '"', NULLSTR '', FORCE_QUOTE *, USE_TMP_FILE false)`,
  );
}

function mend(column: StagedColumn): Sql {
  const name = quoteIdentifier(column.name);
  if (!isJson(column)) return sql`replace(${name}, chr(0), ${quoteText('\ufffd')})`;
  const replaced = sql`replace(${jsonWithoutPairs(name)}, ${nulInJson}, ${quoteText('\ufffd')})`;
  return sql`replace(${replaced}, ${aside}, ${quoteText('\\\\')})`;
}
