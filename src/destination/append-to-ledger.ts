import {casts} from '../engine/casts.js';
import {quoteIdentifier, quoteText} from '../engine/quote.js';
import {joinSql, type Sql, sql} from '../engine/sql.js';
import type {LedgerRow, Target} from './destination.js';
import {ledgerColumnNames, ledgerColumns, ledgerDescription} from './ledger.js';

/** A ledger in a database. */
export interface LedgerPlace {
  /** Its name, quoted. */
  readonly at: Sql;
  /** Its columns, in the case in which ours are written; null if there is no ledger yet. */
  readonly columns: ReadonlySet<string> | null;
  /** The name of a type, given DuckDB's. @default as it is */
  readonly toType?: (duckdbType: Sql) => Sql;
  readonly nameTable: (target: Target) => string;
}

/**
 * The statements that append rows, for DuckDB, Postgres and what speaks like them. They make the ledger, or add the columns that it lacks, and leave alone
 * what others have added. A load has one row for each table, that of its last outcome; but once it is published, its rows were there, so a later attempt
 * that fails does not replace that.
 */
export function appendToLedger(place: LedgerPlace, rows: readonly LedgerRow[]): readonly Sql[] {
  const {at} = place;
  const columns = joinSql(ledgerColumnNames.map(quoteIdentifier));
  const values = joinSql(rows.map(row => sql`(${joinSql(writeValues(place, row))})`));
  const given = sql`(VALUES ${values}) AS given (${columns})`;
  const isSame = sql`given.load_id = old.load_id AND given.table_name = old.table_name`;
  return [
    ...shapeLedger(place),
    sql`DELETE FROM ${at} AS old WHERE EXISTS (SELECT 1 FROM ${given} WHERE ${isSame}
          AND (given.status = 'published' OR coalesce(old.status, '') <> 'published'))`,
    sql`INSERT INTO ${at} (${columns}) SELECT ${columns} FROM ${given}
          WHERE NOT EXISTS (SELECT 1 FROM ${at} AS old WHERE ${isSame})`,
  ];
}

function shapeLedger({at, columns: there, toType = same}: LedgerPlace): readonly Sql[] {
  const missing = ledgerColumnNames.filter(name => there?.has(name) !== true);
  const define = (name: (typeof missing)[number]) =>
    sql`${quoteIdentifier(name)} ${toType(casts[ledgerColumns[name].kind].type)}`;
  const describe = missing.map(
    name => sql`COMMENT ON COLUMN ${at}.${quoteIdentifier(name)} IS ${quoteText(ledgerColumns[name].description)}`,
  );
  if (there !== null) return [...missing.map(name => sql`ALTER TABLE ${at} ADD COLUMN ${define(name)}`), ...describe];
  return [
    sql`CREATE TABLE ${at} (${joinSql(missing.map(define))})`,
    sql`COMMENT ON TABLE ${at} IS ${quoteText(ledgerDescription)}`,
    ...describe,
  ];
}

function writeValues({nameTable, toType = same}: LedgerPlace, {target, values}: LedgerRow): readonly Sql[] {
  const all = {...values, table_name: nameTable(target)};
  return ledgerColumnNames.map(name => {
    const value = all[name];
    const written = value === null ? sql`NULL` : typeof value === 'number' ? sql`${value}` : quoteText(value);
    return sql`CAST(${written} AS ${toType(casts[ledgerColumns[name].kind].type)})`;
  });
}

function same(type: Sql): Sql {
  return type;
}
