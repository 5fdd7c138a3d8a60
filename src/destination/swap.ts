import type {DuckDBConnection} from '@duckdb/node-api';
import {queryNumber, run} from '../engine/duckdb.js';
import {firstLine, isDuckdbFailure, isFileFailure} from '../engine/failures.js';
import {quoteIdentifier, quoteName, quoteText} from '../engine/quote.js';
import {type Sql, sql, trust} from '../engine/sql.js';
import type {EarlierIndex} from './earlier.js';

/** A staged table, where it goes, and the indexes to create again there. Names are catalog, schema, table. */
export interface Move {
  readonly from: readonly [string, string, string];
  readonly to: readonly [string, string, string];
  readonly indexes: readonly EarlierIndex[];
  /** How many rows were proved. */
  readonly rows: number;
}

/** Statements that append to the ledger of one schema. */
export interface Append {
  readonly schema: string;
  readonly statements: readonly Sql[];
}

/** Why nothing was moved: a ledger could not be written, an index not be created, or one table not be replaced. */
export type Obstacle = Subject & {readonly said: string};

type Subject =
  | {readonly append: Append}
  | {readonly append?: undefined; readonly move: Move; readonly index: EarlierIndex | null};

type Step = Subject & {readonly statement: Sql};

/**
 * Puts all tables and their indexes in place in one transaction of renames: after a crash, and for any reader, all of it is done or
 * nothing, the rows of the ledger included. Counts the rows in place before the commit. Returns what stood in the way; throws if the file itself failed.
 */
export async function swap(
  connection: DuckDBConnection,
  moves: readonly Move[],
  appends: readonly Append[],
): Promise<Obstacle | undefined> {
  await run(connection, sql`BEGIN TRANSACTION`);
  try {
    for (const {statement, ...step} of [...moves.flatMap(toSteps), ...appends.flatMap(toAppendSteps)]) {
      try {
        await run(connection, statement);
      } catch (error) {
        if (!isDuckdbFailure(error) || isFileFailure(error)) throw error;
        await run(connection, sql`ROLLBACK`);
        return {...step, said: firstLine(error)};
      }
    }
    for (const move of moves) {
      const rows = await queryNumber(connection, sql`SELECT count(*) FROM ${quoteName(...move.to)}`);
      if (rows === move.rows) continue;
      await run(connection, sql`ROLLBACK`);
      return {move, index: null, said: `${move.rows} rows were proved, but ${rows} are in place`};
    }
    await run(connection, sql`COMMIT`);
    return undefined;
  } catch (error) {
    // If this fails, the closing connection undoes the transaction.
    await run(connection, sql`ROLLBACK`).catch(() => undefined);
    throw error;
  }
}

function toAppendSteps(append: Append): Step[] {
  return append.statements.map(statement => ({append, statement}));
}

function toSteps(move: Move): Step[] {
  const {from, to, indexes} = move;
  const statements = [
    sql`DROP TABLE IF EXISTS ${quoteName(...to)}`,
    sql`ALTER TABLE ${quoteName(...from)} RENAME TO ${quoteIdentifier(to[2])}`,
  ];
  return [
    ...statements.map(statement => ({move, index: null, statement})),
    ...indexes.flatMap(index => remake(index, to).map(statement => ({move, index, statement}))),
  ];
}

const identifier = '(?:"(?:[^"]|"")*"|[^\\s".(]+)';
const keptStart = new RegExp(`^CREATE (UNIQUE )?INDEX ${identifier} ON ${identifier}(?:\\.${identifier})*`);

/** DuckDB keeps the statement without the catalog, which is ambiguous if a schema has the name of the file. */
function remake({name, sql: kept, comment}: EarlierIndex, [catalog, schema, table]: Move['to']): Sql[] {
  const made = kept.replace(
    keptStart,
    (_, unique: string | undefined) =>
      sql`CREATE ${unique === undefined ? sql`` : sql`UNIQUE `}INDEX ${quoteIdentifier(name)} ON ${quoteName(catalog, schema, table)}`,
  );
  if (comment === null) return [trust(made)];
  return [trust(made), sql`COMMENT ON INDEX ${quoteName(catalog, schema, name)} IS ${quoteText(comment)}`];
}
