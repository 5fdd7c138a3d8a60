import type {DuckDBConnection} from '@duckdb/node-api';
import {run} from '../engine/duckdb.js';
import type {EvolvedColumn} from '../engine/evolve.js';
import {quoteIdentifier, quoteText} from '../engine/quote.js';
import {describeKey} from '../engine/sent-as.js';
import {type Sql, sql} from '../engine/sql.js';
import type {Table} from '../table.js';
import {runTogether} from './steps.js';

/** Writes what is known of it into the table: descriptions, the keys of columns that are not declared, and which are never null. */
export async function describeTable(
  connection: DuckDBConnection,
  staged: Sql,
  table: Table,
  evolved: readonly EvolvedColumn[],
): Promise<void> {
  const declared = Object.entries(table.columns).map(([name, {description}]) => ({name, description}));
  const undeclared = evolved.map(({name, key}) => ({name, description: describeKey(key)}));
  await runTogether(connection, [
    sql`COMMENT ON TABLE ${staged} IS ${quoteText(table.description)}`,
    ...[...declared, ...undeclared].map(
      ({name, description}) => sql`COMMENT ON COLUMN ${staged}.${quoteIdentifier(name)} IS ${quoteText(description)}`,
    ),
  ]);
  for (const name of table.primaryKey) {
    await run(connection, sql`ALTER TABLE ${staged} ALTER COLUMN ${quoteIdentifier(name)} SET NOT NULL`);
  }
}
