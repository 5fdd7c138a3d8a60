import type {DuckDBConnection} from '@duckdb/node-api';
import {queryNumber, queryRows} from '../engine/duckdb.js';
import type {EarlierColumns} from '../engine/evolve.js';
import {foldCase, foldCaseSql} from '../engine/fold-case.js';
import {quoteName, quoteText} from '../engine/quote.js';

/** What stands at the target now. */
export interface Earlier {
  readonly isView: boolean;
  /** 0 where nothing stands. */
  readonly rows: number;
  readonly types: EarlierColumns;
  readonly columns: readonly EarlierColumn[];
  /** In DuckDB's words: `PRIMARY KEY(id)`, `CHECK((z > 0))`. Without those of NOT NULL. */
  readonly constraints: readonly {readonly kind: string; readonly text: string}[];
  readonly indexes: readonly EarlierIndex[];
}

export interface EarlierColumn {
  readonly name: string;
  readonly type: string;
  readonly default: string | null;
  readonly isNullable: boolean;
  readonly comment: string | null;
}

/** An index that somebody made beside the table. */
export interface EarlierIndex {
  readonly name: string;
  /** The statement that made it, as DuckDB keeps it. */
  readonly sql: string;
  readonly comment: string | null;
}

export async function readEarlier(
  connection: DuckDBConnection,
  [catalog, schema, name]: readonly [string, string, string],
): Promise<Earlier> {
  const isIt = (column: string) =>
    `database_name = ${quoteText(catalog)} AND ${foldCaseSql('schema_name')} = ${quoteText(foldCase(schema))}
     AND ${foldCaseSql(column)} = ${quoteText(foldCase(name))}`;
  const query = async (select: string, column = 'table_name') =>
    queryRows(connection, `${select} WHERE ${isIt(column)}`);
  const views = await query('SELECT 1 FROM duckdb_views()', 'view_name');
  const isTable = (await query('SELECT 1 FROM duckdb_tables()')).length > 0;
  const columns = await query(
    'SELECT column_index, column_name, data_type, column_default, is_nullable, comment FROM duckdb_columns()',
  );
  const constraints = await query('SELECT constraint_type, constraint_text FROM duckdb_constraints()');
  const indexes = await query('SELECT index_name, sql, comment FROM duckdb_indexes()');
  const found = columns.sort(([a], [b]) => Number(a) - Number(b)).map(([, ...facts]) => toColumn(facts));
  return {
    isView: views.length > 0,
    rows: isTable ? await queryNumber(connection, `SELECT count(*) FROM ${quoteName(catalog, schema, name)}`) : 0,
    columns: found,
    types: new Map(found.map(column => [foldCase(column.name), column.type])),
    constraints: constraints
      .map(([kind, text]) => ({kind: String(kind), text: String(text)}))
      .filter(({kind}) => kind !== 'NOT NULL'),
    indexes: indexes
      .filter(([, sql]) => sql !== null)
      .map(([index, sql, comment]) => ({name: String(index), sql: String(sql), comment: textOrNull(comment)})),
  };
}

function toColumn([name, type, defaultValue, isNullable, comment]: readonly unknown[]): EarlierColumn {
  return {
    name: String(name),
    type: String(type),
    default: textOrNull(defaultValue),
    isNullable: isNullable === true,
    comment: textOrNull(comment),
  };
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
