import type {DuckDBConnection} from '@duckdb/node-api';
import {listSome} from './contract.js';
import {queryNumber, run} from './duckdb.js';
import {joinSql, type Sql, sql} from './sql.js';

const isDiscarded = sql`_docebo_is_discarded`;

/** The column that marks the records which a contract of `discard_row` leaves out: those in which any of these values is not null. */
export function markDiscarded(values: readonly Sql[]): {
  readonly names: readonly Sql[];
  readonly columns: readonly Sql[];
} {
  if (values.length === 0) return {names: [], columns: []};
  const holdsAny = joinSql(
    values.map(value => sql`${value} IS NOT NULL`),
    sql` OR `,
  );
  return {names: [isDiscarded], columns: [sql`(${holdsAny}) AS ${isDiscarded}`]};
}

/**
 * Drops the marked rows and returns how many there were. They are not left out while reading: where rows moved, an older reading of a
 * record would then be published in place of its last one.
 */
export async function dropDiscarded(
  connection: DuckDBConnection,
  staged: Sql,
  keys: readonly string[],
): Promise<number> {
  if (keys.length === 0) return 0;
  const discarded = await queryNumber(connection, sql`SELECT count(*) FILTER (WHERE ${isDiscarded}) FROM ${staged}`);
  if (discarded > 0) await run(connection, sql`DELETE FROM ${staged} WHERE ${isDiscarded}`);
  await run(connection, sql`ALTER TABLE ${staged} DROP COLUMN ${isDiscarded}`);
  return discarded;
}

export function warnOfDiscarded(discarded: number, keys: readonly string[]): string[] {
  if (discarded === 0) return [];
  const were =
    discarded === 1
      ? '1 record was left out because it holds'
      : sql`${discarded} records were left out because they hold`;
  return [`${were} undeclared keys: ${listSome(keys)}`];
}
