import type {DuckDBConnection} from '@duckdb/node-api';
import {queryRows} from '../../engine/duckdb.js';
import {quoteIdentifier, quoteName, quoteText} from '../../engine/quote.js';
import {joinSql, type Sql, sql} from '../../engine/sql.js';
import {isMetadata, type Place} from '../difference/plan.js';
import type {StagedColumn} from '../staged-columns.js';

/** Longer texts are rare, and twenty columns of shorter ones take 40 MB. */
const longBytes = 1000;

/**
 * Digests proved rows in whatever order they are, without the columns that tell of the load, and the names of the columns that are `gone`. Equal
 * digests mean equal columns, types and rows: it takes work to make others with the same, and only who may set all those values could.
 */
export async function digestRows(
  connection: DuckDBConnection,
  staged: Sql,
  columns: readonly StagedColumn[],
  gone: readonly Pick<StagedColumn, 'name'>[],
): Promise<string> {
  const compared = columns.filter(({name}) => !isMetadata(name));
  // A list of JSON tells all values apart, and NULL from any.
  const row = sql`sha256(CAST(json_array(${joinSql(compared.map(shorten))}) AS VARCHAR))`;
  const part = (from: number) => sql`sum(CAST('0x' || substr(row, ${from}, 16) AS UBIGINT))`;
  const [found = []] = await queryRows(
    connection,
    sql`SELECT count(*), ${part(1)}, ${part(17)} FROM (SELECT ${row} AS row FROM ${staged})`,
  );
  return JSON.stringify([found.map(String), compared.map(({name, type}) => [name, type]), gone.map(({name}) => name)]);
}

/** DuckDB makes the lists of 2,048 rows at once, so a long text stands there as its length and digest. A short one has another length. */
function shorten({name, type}: StagedColumn): Sql {
  const column = quoteIdentifier(name);
  if (!['VARCHAR', 'JSON'].includes(type)) return column;
  const text = sql`CAST(${column} AS VARCHAR)`;
  return sql`strlen(${text}), CASE WHEN strlen(${text}) > ${longBytes} THEN sha256(${text}) ELSE ${text} END`;
}

/** Of a trigger: TRIGGER_TYPE_ROW of Postgres's pg_trigger.h. */
const isForEachRow = sql`(tgtype::int & 1 = 1)`;

/**
 * A statement that tells a table of Postgres apart from itself before any change: which rows there are, each in the version that Postgres keeps of it
 * (`ctid` and `xmin`), and which columns. VACUUM FULL, which moves rows, may make it another one without a change. Gives no row for a table with
 * partitions or heirs, whose columns may become others while they are detached, nor for one whose rows an extension keeps, perhaps without versions,
 * nor for one with rules or triggers that even a statement without rows sets off, nor for a new one that was given any trigger.
 */
export function tellVersion([schema, name]: Place, isNew: boolean): Sql {
  const columns = sql`SELECT string_agg(concat_ws(' ', attnum, attname, atttypid, atttypmod), ',' ORDER BY attnum)
    FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped`;
  const rows = sql`SELECT concat_ws(' ', count(*), sum(hashtextextended(concat_ws(' ', ctid, xmin), 0))) FROM ${quoteName(schema, name)}`;
  const triggers = sql`SELECT FROM pg_trigger WHERE tgrelid = c.oid AND (${isNew ? sql`true` : sql`NOT ${isForEachRow}`})`;
  return sql`SELECT concat_ws(' ', c.oid, md5((${columns})), (${rows})) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_am a ON a.oid = c.relam WHERE n.nspname = ${quoteText(schema)} AND c.relname = ${quoteText(name)}
    AND c.relkind = 'r' AND NOT c.relhassubclass AND coalesce(a.amname, 'heap') = 'heap'
    AND NOT c.relhasrules AND NOT EXISTS (${triggers})`;
}
