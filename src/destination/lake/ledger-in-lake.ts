import type {DuckDBConnection} from '@duckdb/node-api';
import {run} from '../../engine/duckdb.js';
import {firstLine, isDuckdbFailure, isOutOfMemory} from '../../engine/failures.js';
import {messageOf} from '../../errors.js';
import type {LedgerRow} from '../destination.js';
import {ledgerName, warnOfLedger} from '../ledger.js';
import {planAppends} from '../ledger-in-duckdb.js';
import {schemaOf} from '../schemas.js';

/** How often a commit is tried again because another load has written to the same ledger. */
const mostRaces = 2;

/** The ledgers of a lake, one in each schema. DuckDB has no savepoints: a statement that fails takes the transaction with it. */
export function openLedgers(connection: DuckDBConnection, catalog: string) {
  const unwritable = new Map<string, string>();
  let races = 0;
  return {
    /** Returns warnings; null if the transaction is lost. The ledger that was the cause is left out from then on. */
    async append(rows: readonly LedgerRow[]): Promise<readonly string[] | null> {
      if (races > mostRaces) {
        for (const schema of new Set(rows.map(({target}) => schemaOf(target))))
          unwritable.set(schema, warnOfLedger(`${schema}.${ledgerName}`, 'other loads wrote to it at the same time'));
      }
      for (const {schema, statements} of await planAppends({connection, catalog}, rows, new Set(unwritable.keys()))) {
        try {
          for (const statement of statements) await run(connection, statement);
        } catch (error) {
          if (!isDuckdbFailure(error) || isOutOfMemory(error)) throw error;
          unwritable.set(schema, warnOfLedger(`${schema}.${ledgerName}`, firstLine(error)));
          return null;
        }
      }
      return [...unwritable.values()];
    },
    /** Gives null for a commit that failed because another load has made the ledger meanwhile, which its message names. */
    passRace(error: unknown): null {
      if (races > mostRaces || !messageOf(error).includes(ledgerName)) throw error;
      races += 1;
      return null;
    },
  };
}
