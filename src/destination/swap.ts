import type {DuckDBConnection} from '@duckdb/node-api';
import {firstLine, isDuckdbFailure, isFileFailure} from '../engine/failures.js';
import {quoteIdentifier, quoteName, quoteText} from '../engine/quote.js';
import type {EarlierIndex} from './earlier.js';

/** A staged table, where it goes, and what has to be made again there. Names as catalog, schema, table. */
export interface Move {
  readonly from: readonly [string, string, string];
  readonly to: readonly [string, string, string];
  readonly indexes: readonly EarlierIndex[];
}

/** What stood in the way: of an index only, or of the whole move. Nothing was moved. */
export interface Obstacle {
  readonly move: Move;
  readonly index: EarlierIndex | null;
  readonly said: string;
}

interface Step extends Omit<Obstacle, 'said'> {
  readonly sql: string;
}

/**
 * Puts all tables in place in one transaction of renames, their indexes with them: a process that dies, or a reader that comes,
 * finds all of it or nothing. Gives what stood in the way; throws if the file itself failed.
 */
export async function swap(connection: DuckDBConnection, moves: readonly Move[]): Promise<Obstacle | undefined> {
  await connection.run('BEGIN TRANSACTION');
  try {
    for (const {sql, ...step} of moves.flatMap(toSteps)) {
      try {
        await connection.run(sql);
      } catch (error) {
        if (!isDuckdbFailure(error) || isFileFailure(error)) throw error;
        await connection.run('ROLLBACK');
        return {...step, said: firstLine(error)};
      }
    }
    await connection.run('COMMIT');
    return undefined;
  } catch (error) {
    // A transaction in which a statement failed is undone by COMMIT too, and by a connection that closes.
    await connection.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

function toSteps(move: Move): Step[] {
  const {from, to, indexes} = move;
  const statements = [
    `DROP TABLE IF EXISTS ${quoteName(...to)}`,
    `ALTER TABLE ${quoteName(...from)} RENAME TO ${quoteIdentifier(to[2])}`,
  ];
  return [
    ...statements.map(sql => ({move, index: null, sql})),
    ...indexes.flatMap(index => remake(index, to).map(sql => ({move, index, sql}))),
  ];
}

const identifier = '(?:"(?:[^"]|"")*"|[^\\s".(]+)';
const kept = new RegExp(`^CREATE (UNIQUE )?INDEX ${identifier} ON ${identifier}(?:\\.${identifier})*`);

/** DuckDB keeps the statement without the catalog, which is ambiguous where a schema is called as the file is. */
function remake({name, sql, comment}: EarlierIndex, [catalog, schema, table]: Move['to']): string[] {
  const made = sql.replace(
    kept,
    (_, unique: string | undefined) =>
      `CREATE ${unique ?? ''}INDEX ${quoteIdentifier(name)} ON ${quoteName(catalog, schema, table)}`,
  );
  if (comment === null) return [made];
  return [made, `COMMENT ON INDEX ${quoteName(catalog, schema, name)} IS ${quoteText(comment)}`];
}
