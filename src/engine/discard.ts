import type {DuckDBConnection} from '@duckdb/node-api';
import {listSome} from './contract.js';
import {queryNumber} from './duckdb.js';

const isDiscarded = '_docebo_is_discarded';

/** The column that tells which records a contract of `discard_row` leaves out: those in which any of these values is something. */
export function markDiscarded(values: readonly string[]): {
  readonly names: readonly string[];
  readonly columns: readonly string[];
} {
  if (values.length === 0) return {names: [], columns: []};
  const holdsAny = values.map(value => `${value} IS NOT NULL`).join(' OR ');
  return {names: [isDiscarded], columns: [`(${holdsAny}) AS ${isDiscarded}`]};
}

/**
 * Drops the marked rows and gives their number. Not while they are read: where rows moved, an older reading of a record would be
 * published in place of its last one.
 */
export async function dropDiscarded(
  connection: DuckDBConnection,
  staged: string,
  keys: readonly string[],
): Promise<number> {
  if (keys.length === 0) return 0;
  const discarded = await queryNumber(connection, `SELECT count(*) FILTER (WHERE ${isDiscarded}) FROM ${staged}`);
  if (discarded > 0) await connection.run(`DELETE FROM ${staged} WHERE ${isDiscarded}`);
  await connection.run(`ALTER TABLE ${staged} DROP COLUMN ${isDiscarded}`);
  return discarded;
}

export function warnOfDiscarded(discarded: number, keys: readonly string[]): string[] {
  if (discarded === 0) return [];
  const were =
    discarded === 1 ? '1 record was left out because it holds' : `${discarded} records were left out because they hold`;
  return [`${were} undeclared keys: ${listSome(keys)}`];
}
