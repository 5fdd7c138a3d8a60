import type {DuckDBConnection} from '@duckdb/node-api';
import {queryRows} from '../engine/duckdb.js';
import {firstLine, isDuckdbFailure, isFileFailure} from '../engine/failures.js';
import {foldCase} from '../engine/fold-case.js';
import {quoteIdentifier, quoteText} from '../engine/quote.js';
import type {Table} from '../table.js';
import type {Earlier} from './earlier.js';

/**
 * Writes what the declaration knows into the table: descriptions, and which columns are never null. In one transaction, since
 * each one would wait for the disk: 0.3 s for all tables, where this takes 0.1.
 */
export async function describeTable(connection: DuckDBConnection, staged: string, table: Table): Promise<void> {
  const columns = Object.entries(table.columns);
  const statements = [
    `COMMENT ON TABLE ${staged} IS ${quoteText(table.description)}`,
    ...columns.map(([name, {description}]) => {
      return `COMMENT ON COLUMN ${staged}.${quoteIdentifier(name)} IS ${quoteText(description)}`;
    }),
  ];
  await runTogether(connection, statements);
  for (const name of table.primaryKey) {
    await connection.run(`ALTER TABLE ${staged} ALTER COLUMN ${quoteIdentifier(name)} SET NOT NULL`);
  }
}

async function runTogether(connection: DuckDBConnection, statements: readonly string[]): Promise<void> {
  await connection.run('BEGIN TRANSACTION');
  try {
    for (const sql of statements) await connection.run(sql);
    await connection.run('COMMIT');
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/**
 * Gives the staged table what was made of the earlier one beside its rows, since a replaced table is a new one: columns that the
 * new one lacks (a column once published is not dropped by a run in which it happens to be empty), comments on columns that are
 * not declared, defaults, NOT NULL and the primary key. Gives a warning for each thing that DuckDB cannot add to a table.
 */
export async function carryOver(
  connection: DuckDBConnection,
  staged: string,
  table: Table,
  {columns, constraints}: Earlier,
): Promise<readonly string[]> {
  const described = await queryRows(connection, `DESCRIBE ${staged}`);
  const made = new Set(described.map(([name]) => foldCase(String(name))));
  const declared = new Set(Object.keys(table.columns).map(foldCase));
  const keys = new Set(table.primaryKey.map(foldCase));
  const steps: Step[] = [];
  for (const {name, type, comment, isNullable, default: value} of columns) {
    const column = quoteIdentifier(name);
    const alter = `ALTER TABLE ${staged} ALTER COLUMN ${column}`;
    const isKey = keys.has(foldCase(name));
    if (!made.has(foldCase(name))) {
      steps.push({what: `column ${name} ${type}`, sql: `ALTER TABLE ${staged} ADD COLUMN ${column} ${type}`});
    }
    if (comment !== null && !declared.has(foldCase(name))) {
      const sql = `COMMENT ON COLUMN ${staged}.${column} IS ${quoteText(comment)}`;
      steps.push({what: `comment on ${name}`, sql});
    }
    if (value !== null) steps.push({what: `default of ${name} (${value})`, sql: `${alter} SET DEFAULT ${value}`});
    if (!isNullable && !isKey) steps.push({what: `NOT NULL of ${name}`, sql: `${alter} SET NOT NULL`});
  }
  for (const {kind, text} of constraints) {
    const sql = kind === 'PRIMARY KEY' ? `ALTER TABLE ${staged} ADD ${text}` : undefined;
    steps.push({what: `constraint ${text}`, sql});
  }
  const warnings: string[] = [];
  for (const step of steps) warnings.push(...(await tryStep(connection, step)));
  return warnings;
}

interface Step {
  readonly what: string;
  /** Left out: DuckDB has no statement for it. */
  readonly sql: string | undefined;
}

async function tryStep(connection: DuckDBConnection, {what, sql}: Step): Promise<string[]> {
  if (sql === undefined) return [`The ${what} was lost, since DuckDB cannot add it to a table`];
  try {
    await connection.run(sql);
    return [];
  } catch (error) {
    if (!isDuckdbFailure(error) || isFileFailure(error)) throw error;
    return [`The ${what} was lost, since it cannot be given to the new table: ${firstLine(error)}`];
  }
}
