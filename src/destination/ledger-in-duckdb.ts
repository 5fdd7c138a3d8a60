import type {DuckDBConnection} from '@duckdb/node-api';
import {queryRows} from '../engine/duckdb.js';
import {foldCase} from '../engine/fold-case.js';
import {quoteName, quoteText} from '../engine/quote.js';
import {sql} from '../engine/sql.js';
import {appendToLedger} from './append-to-ledger.js';
import type {LedgerRow} from './destination.js';
import {ledgerName} from './ledger.js';
import {readSchemas, schemaOf} from './schemas.js';
import type {Append} from './swap.js';

/** How long a failed load waits for a file to say so in its ledger. */
export const recordTimeoutMs = 2000;

/**
 * Says what is to be appended to the ledger of each schema. Rows of a schema that is not there have no ledger, since none of its tables is. To
 * DuckDB, schemas that differ in case only are one.
 */
export async function planAppends(
  {connection, catalog}: {readonly connection: DuckDBConnection; readonly catalog: string},
  rows: readonly LedgerRow[],
  unwritable: ReadonlySet<string>,
): Promise<readonly Append[]> {
  if (rows.length === 0) return [];
  const columns = await queryRows(
    connection,
    sql`SELECT schema_name, column_name FROM duckdb_columns()
        WHERE database_name = ${quoteText(catalog)} AND lower(table_name) = ${quoteText(ledgerName)}`,
  );
  const schemas = await readSchemas(connection, catalog);
  const names = new Map(rows.map(({target}) => [foldCase(schemaOf(target)), schemaOf(target)]));
  const writable = [...names].filter(([folded, schema]) => schemas.has(folded) && !unwritable.has(schema));
  return writable.map(([folded, schema]) => {
    const there = columns.filter(([name]) => foldCase(String(name)) === folded);
    const place = {
      at: quoteName(catalog, schema, ledgerName),
      columns: there.length === 0 ? null : new Set(there.map(([, name]) => foldCase(String(name)))),
      nameTable: ({name}: LedgerRow['target']) => name,
    };
    const own = rows.filter(({target}) => foldCase(schemaOf(target)) === folded);
    return {schema, statements: appendToLedger(place, own)};
  });
}
