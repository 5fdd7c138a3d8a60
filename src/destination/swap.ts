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

/** Why nothing was moved: one index could not be created, or with `index` null, one table could not be replaced. */
export interface Obstacle {
  readonly move: Move;
  readonly index: EarlierIndex | null;
  readonly said: string;
}

/** Appends to the ledgers within the transaction. Returns warnings; null if one has spoilt it, and is left out the next time. */
type Append = () => Promise<readonly string[] | null>;

type Swapped = {readonly obstacle: Obstacle} | {readonly obstacle?: undefined; readonly warnings: readonly string[]};

interface Step extends Omit<Obstacle, 'said'> {
  readonly statement: Sql;
}

/**
 * Puts all tables and their indexes in place in one transaction of renames: after a crash, and for any reader, all of it is done or
 * nothing. Counts the rows in place, and appends to the ledgers before the commit: without the one that stands in the way. Returns which table stood
 * in the way, or the warnings of the ledgers; throws if the file itself failed.
 */
export async function swap(connection: DuckDBConnection, moves: readonly Move[], append: Append): Promise<Swapped> {
  await run(connection, sql`BEGIN TRANSACTION`);
  try {
    for (const {statement, ...step} of moves.flatMap(toSteps)) {
      try {
        await run(connection, statement);
      } catch (error) {
        if (!isDuckdbFailure(error) || isFileFailure(error)) throw error;
        await run(connection, sql`ROLLBACK`);
        return {obstacle: {...step, said: firstLine(error)}};
      }
    }
    for (const move of moves) {
      const rows = await queryNumber(connection, sql`SELECT count(*) FROM ${quoteName(...move.to)}`);
      if (rows === move.rows) continue;
      await run(connection, sql`ROLLBACK`);
      return {obstacle: {move, index: null, said: `${move.rows} rows were proved, but ${rows} are in place`}};
    }
    const warnings = await append();
    await run(connection, warnings === null ? sql`ROLLBACK` : sql`COMMIT`);
    return warnings === null ? await swap(connection, moves, append) : {warnings};
  } catch (error) {
    // If this fails, the closing connection undoes the transaction.
    await run(connection, sql`ROLLBACK`).catch(() => undefined);
    throw error;
  }
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
