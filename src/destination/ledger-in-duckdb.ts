import type {DuckDBConnection} from '@duckdb/node-api';
import {queryRows, run} from '../engine/duckdb.js';
import {firstLine, isDuckdbFailure} from '../engine/failures.js';
import {foldCase} from '../engine/fold-case.js';
import {quoteName, quoteText} from '../engine/quote.js';
import {type Sql, sql} from '../engine/sql.js';
import {appendToLedger} from './append-to-ledger.js';
import type {LedgerRow} from './destination.js';
import {ledgerName, warnOfLedger} from './ledger.js';
import {readSchemas, schemaOf} from './schemas.js';

/** How long a failed load waits for a file to say so in its ledger. */
export const recordTimeoutMs = 2000;

/** How often a commit is tried again because another load has written to the same ledger. */
const mostRaces = 2;

/** The ledgers of a database that DuckDB writes, one in each schema. */
export interface Ledgers {
  /** Returns warnings; null if a ledger has spoilt the transaction, and is left out of the next one. */
  readonly append: (rows: readonly LedgerRow[]) => Promise<readonly string[] | null>;
  /** Gives null for a commit that failed because another load has made the ledger meanwhile, which its message names. Throws any other error. */
  readonly passRace: (error: unknown) => null;
}

/** DuckDB has no savepoints: a statement that fails takes the transaction with it, so that all is written again without that ledger. */
export function openLedgers(connection: DuckDBConnection, catalog: string): Ledgers {
  const warnings = new Map<string, string>();
  let races = 0;
  return {
    async append(rows) {
      if (races > mostRaces) return [warnOfLedger(ledgerName, 'other loads wrote to it at the same time')];
      for (const {schema, statements} of await planAppends(connection, catalog, rows)) {
        if (warnings.has(schema)) continue;
        try {
          for (const statement of statements) await run(connection, statement);
        } catch (error) {
          if (!isDuckdbFailure(error)) throw error;
          warnings.set(schema, warnOfLedger(`${schema}.${ledgerName}`, firstLine(error)));
          return null;
        }
      }
      return [...warnings.values()];
    },
    passRace(error) {
      if (!isDuckdbFailure(error) || !error.message.includes(ledgerName)) throw error;
      races += 1;
      return null;
    },
  };
}

/** Appends to the ledgers in a transaction of their own. Returns warnings. */
export async function recordAlone(
  connection: DuckDBConnection,
  catalog: string,
  rows: readonly LedgerRow[],
): Promise<readonly string[]> {
  const {append} = openLedgers(connection, catalog);
  for (;;) {
    await run(connection, sql`BEGIN TRANSACTION`);
    const warnings = await append(rows);
    await run(connection, warnings === null ? sql`ROLLBACK` : sql`COMMIT`);
    if (warnings !== null) return warnings;
  }
}

interface Append {
  readonly schema: string;
  readonly statements: readonly Sql[];
}

/**
 * Says what is to be appended to the ledger of each schema. Rows of a schema that is not there have no ledger, since none of its tables is. To
 * DuckDB, schemas that differ in case only are one.
 */
async function planAppends(
  connection: DuckDBConnection,
  catalog: string,
  rows: readonly LedgerRow[],
): Promise<readonly Append[]> {
  if (rows.length === 0) return [];
  const columns = await queryRows(
    connection,
    sql`SELECT schema_name, column_name FROM duckdb_columns()
        WHERE database_name = ${quoteText(catalog)} AND lower(table_name) = ${quoteText(ledgerName)}`,
  );
  const there = await readSchemas(connection, catalog);
  const names = new Map(rows.map(({target}) => [foldCase(schemaOf(target)), schemaOf(target)]));
  const standing = [...names].filter(([folded]) => there.has(folded));
  return standing.map(([folded, schema]) => {
    const found = columns.flatMap(([of, name]) => (foldCase(String(of)) === folded ? [foldCase(String(name))] : []));
    const place = {
      at: quoteName(catalog, schema, ledgerName),
      columns: found.length === 0 ? null : new Set(found),
      nameTable: ({name}: LedgerRow['target']) => name,
    };
    const own = rows.filter(({target}) => foldCase(schemaOf(target)) === folded);
    return {schema, statements: appendToLedger(place, own)};
  });
}
