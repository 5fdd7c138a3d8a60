import {quoteName, quoteText} from '../../engine/quote.js';
import {type Sql, sql} from '../../engine/sql.js';
import {messageOf} from '../../errors.js';
import {appendToLedger} from '../append-to-ledger.js';
import type {LedgerRow} from '../destination.js';
import {ledgerName, warnOfLedger} from '../ledger.js';
import {isLost, isPostgresFailure, type PostgresFailure} from './failures.js';
import {locate} from './names.js';
import type {Session} from './session.js';
import {toPostgresType} from './types.js';

/** Others may hold a lock on the ledger; the tables do not wait for it as long as for themselves. */
const lockTimeout = sql`'3s'`;

/** Two loads may make or alter the ledger at once: the second one then finds that of the first. Whatever else fails, fails again. */
const raced = ['23505', '42P07', '42701', '42710'];

/**
 * Appends to the ledger of each schema that is there, within the transaction of the tables, but undoes only its own statements if one fails. Returns a
 * warning for each ledger that could not be written.
 */
export async function appendToLedgers(session: Session, rows: readonly LedgerRow[]): Promise<readonly string[]> {
  const warnings: string[] = [];
  // In one order for all loads, so that two of them do not wait for each other.
  for (const schema of [...new Set(rows.map(({target}) => locate(target)[0]))].sort()) {
    const own = rows.filter(({target}) => locate(target)[0] === schema);
    const first = await attemptAppend(session, schema, own);
    const failure =
      first !== undefined && raced.includes(first.code) ? await attemptAppend(session, schema, own) : first;
    if (failure !== undefined) warnings.push(warnOfLedger(`${schema}.${ledgerName}`, messageOf(failure)));
  }
  return warnings;
}

async function attemptAppend(
  session: Session,
  schema: string,
  rows: readonly LedgerRow[],
): Promise<PostgresFailure | undefined> {
  await session.ask(sql`SAVEPOINT ledger`);
  try {
    await session.ask(sql`SET LOCAL lock_timeout = ${lockTimeout}`);
    for (const statement of await planAppend(session, schema, rows)) await session.ask(statement);
    // A deferred constraint would fail at the commit, and the tables with it.
    await session.ask(sql`SET CONSTRAINTS ALL IMMEDIATE`);
    await session.ask(sql`RELEASE SAVEPOINT ledger`);
    return undefined;
  } catch (error) {
    if (!isPostgresFailure(error) || isLost(error)) throw error;
    await session.ask(sql`ROLLBACK TO SAVEPOINT ledger`);
    return error;
  }
}

async function planAppend(session: Session, schema: string, rows: readonly LedgerRow[]): Promise<readonly Sql[]> {
  const {rows: found} = await session.ask(
    sql`SELECT c.oid IS NOT NULL, array_to_json(array(SELECT attname::text FROM pg_attribute
          WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped))::text
        FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = ${quoteText(ledgerName)}
        WHERE n.nspname = ${quoteText(schema)}`,
  );
  const [there] = found;
  if (there === undefined) return [];
  const names: readonly string[] = JSON.parse(String(there[1]));
  return appendToLedger(
    {
      at: quoteName(schema, ledgerName),
      columns: there[0] === true ? new Set(names) : null,
      toType: toPostgresType,
      nameTable: target => locate(target)[1],
    },
    rows,
  );
}

/** Appends to the ledgers in a transaction of their own. */
export async function recordInPostgres(session: Session, rows: readonly LedgerRow[]): Promise<readonly string[]> {
  await session.ask(sql`BEGIN`);
  const warnings = await appendToLedgers(session, rows);
  await session.ask(sql`COMMIT`);
  return warnings;
}
