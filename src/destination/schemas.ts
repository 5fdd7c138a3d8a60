import type {DuckDBConnection} from '@duckdb/node-api';
import {queryRows, run} from '../engine/duckdb.js';
import {foldCase} from '../engine/fold-case.js';
import {quoteName, quoteText} from '../engine/quote.js';
import {type Sql, sql} from '../engine/sql.js';
import type {Target} from './destination.js';

export function schemaOf({schema}: Target): string {
  return schema ?? 'main';
}

/** Creates the schemas that are missing, and returns them. */
export async function createSchemas(
  connection: DuckDBConnection,
  catalog: string,
  schemas: readonly string[],
): Promise<readonly string[]> {
  const there = await readSchemas(connection, catalog);
  const missing = new Set(schemas.filter(schema => !there.has(foldCase(schema))));
  for (const schema of missing) await run(connection, sql`CREATE SCHEMA IF NOT EXISTS ${quoteName(catalog, schema)}`);
  return [...missing];
}

/** The names of the schemas, in the form in which they are compared. */
export async function readSchemas(connection: DuckDBConnection, catalog: string): Promise<ReadonlySet<string>> {
  return readNames(
    connection,
    sql`SELECT schema_name FROM duckdb_schemas() WHERE database_name = ${quoteText(catalog)}`,
  );
}

/** Checks for tables first: DROP SCHEMA without CASCADE drops tables that were renamed (DuckDB 1.5.6). */
export async function dropUnused(
  connection: DuckDBConnection,
  catalog: string,
  schemas: readonly string[],
): Promise<void> {
  const used = await readNames(
    connection,
    sql`SELECT schema_name FROM duckdb_tables() WHERE database_name = current_database()`,
  );
  for (const schema of schemas.filter(name => !used.has(foldCase(name)))) {
    await run(connection, sql`DROP SCHEMA IF EXISTS ${quoteName(catalog, schema)}`);
  }
}

async function readNames(connection: DuckDBConnection, select: Sql): Promise<ReadonlySet<string>> {
  return new Set((await queryRows(connection, select)).map(([name]) => foldCase(String(name))));
}
