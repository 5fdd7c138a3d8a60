import type {DuckDBConnection} from '@duckdb/node-api';
import type {EarlierColumns} from '../engine/contract.js';
import {queryRows, readCatalog} from '../engine/duckdb.js';
import {quoteIdentifier, quoteText} from '../engine/quote.js';
import type {Table} from '../table.js';

/** What stands at the target now. */
export interface Earlier {
  readonly isView: boolean;
  readonly types: EarlierColumns;
  readonly columns: readonly {readonly name: string; readonly type: string}[];
  /** The statements that made its secondary indexes. */
  readonly indexes: readonly string[];
}

export async function readEarlier(connection: DuckDBConnection, schema: string, name: string): Promise<Earlier> {
  // Names of tables and columns are case-insensitive in DuckDB.
  const isIt = (column: string) =>
    `database_name = current_database() AND lower(schema_name) = lower(${quoteText(schema)})
     AND lower(${column}) = lower(${quoteText(name)})`;
  const views = await queryRows(connection, `SELECT 1 FROM duckdb_views() WHERE ${isIt('view_name')}`);
  const rows = await queryRows(
    connection,
    `SELECT column_name, data_type FROM duckdb_columns() WHERE ${isIt('table_name')} ORDER BY column_index`,
  );
  const indexes = await queryRows(
    connection,
    `SELECT sql FROM duckdb_indexes() WHERE ${isIt('table_name')} AND sql IS NOT NULL`,
  );
  const columns = rows.map(([column, type]) => ({name: String(column), type: String(type)}));
  return {
    isView: views.length > 0,
    columns,
    types: new Map(columns.map(column => [column.name.toLowerCase(), column.type])),
    indexes: indexes.map(([sql]) => String(sql)),
  };
}

/** A column once published is not dropped by a run in which it happens to be empty. */
export async function keepEarlierColumns(
  connection: DuckDBConnection,
  staged: string,
  {columns}: Earlier,
): Promise<void> {
  const described = await queryRows(connection, `DESCRIBE ${staged}`);
  const made = new Set(described.map(([name]) => String(name).toLowerCase()));
  for (const {name, type} of columns.filter(column => !made.has(column.name.toLowerCase()))) {
    await connection.run(`ALTER TABLE ${staged} ADD COLUMN ${quoteIdentifier(name)} ${type}`);
  }
}

/** Writes what the declaration knows into the table: descriptions, and which columns are never null. */
export async function describeTable(connection: DuckDBConnection, staged: string, table: Table): Promise<void> {
  await connection.run(`COMMENT ON TABLE ${staged} IS ${quoteText(table.description)}`);
  for (const [name, {description}] of Object.entries(table.columns)) {
    await connection.run(`COMMENT ON COLUMN ${staged}.${quoteIdentifier(name)} IS ${quoteText(description)}`);
  }
  for (const name of table.primaryKey) {
    await connection.run(`ALTER TABLE ${staged} ALTER COLUMN ${quoteIdentifier(name)} SET NOT NULL`);
  }
}

/** Indexes do not survive a replace. One that cannot be made again is reported; its table is published all the same. */
export async function recreateIndexes(connection: DuckDBConnection, statements: readonly string[]): Promise<string[]> {
  const warnings: string[] = [];
  const catalog = quoteIdentifier(await readCatalog(connection));
  for (const sql of statements) {
    try {
      await connection.run(sql.replace(' ON ', ` ON ${catalog}.`));
    } catch (error) {
      warnings.push(
        `An index could not be made again: ${sql} (${error instanceof Error ? error.message : String(error)})`,
      );
    }
  }
  return warnings;
}
