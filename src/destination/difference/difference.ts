import {quoteIdentifier} from '../../engine/quote.js';
import {joinSql, type Sql, sql} from '../../engine/sql.js';
import type {Dialect} from './dialect.js';
import {isMetadata, type Plan} from './plan.js';

/**
 * Statements that write nothing but the difference between a table (`t`) and the proved rows (`s`): a row that did not change is not touched, so nothing
 * that depends on it is.
 */
export interface Difference {
  /** What has to be known before anything is changed. */
  readonly compare: readonly Sql[];
  /** Undefined where the table is new. */
  readonly remove: Sql | undefined;
  readonly change: Sql | undefined;
  readonly add: Sql;
}

export function findDifference(dialect: Dialect, plan: Plan, index: number): Difference {
  const {at, staged, columns, gone, key, standing} = plan;
  const names = columns.map(({name}) => quoteIdentifier(name));
  const insert = sql`INSERT INTO ${at} (${joinSql(names)}) SELECT ${joinSql(names.map(name => sql`s.${name}`))} FROM ${staged} s`;
  if (standing.kind === undefined) return {compare: [], remove: undefined, change: undefined, add: insert};
  const {rowId} = dialect;
  const pairs = sql`${dialect.temporary}.${quoteIdentifier(`docebo_pairs_${index}`)}`;
  const written = [
    ...columns
      .filter(({name}) => !key.includes(name))
      .map(({name}) => sql`${quoteIdentifier(name)} = s.${quoteIdentifier(name)}`),
    ...gone.map(({name}) => sql`${quoteIdentifier(name)} = NULL`),
  ];
  const change = sql`UPDATE ${at} t SET ${joinSql(written)} FROM ${pairs} p, ${staged} s WHERE p.there = t.${rowId} AND p.sent = s.${rowId}`;
  return {
    // One pass over both finds all that differs, however the rows do.
    compare: [
      sql`CREATE TEMPORARY TABLE ${pairs} ${dialect.onCommit} AS SELECT t._docebo_row AS there, s._docebo_row AS sent
          FROM ${key.length > 0 ? pairByKey(dialect, plan) : pairByRow(dialect, plan)}`,
    ],
    remove: sql`DELETE FROM ${at} t WHERE t.${rowId} IN (SELECT there FROM ${pairs} WHERE sent IS NULL)`,
    change: key.length > 0 && written.length > 0 ? change : undefined,
    add: sql`${insert} WHERE s.${rowId} IN (SELECT sent FROM ${pairs} WHERE there IS NULL)`,
  };
}

/** The rows there and those sent, side by side where they have the same key, without those that are equal. */
function pairByKey({exactly, rowId}: Dialect, {at, staged, columns, gone, key}: Plan): Sql {
  const differs = [
    ...columns
      .filter(({name}) => !isMetadata(name) && !key.includes(name))
      .map(({name, type}) => {
        const column = exactly(quoteIdentifier(name), type);
        return sql`t.${column} IS DISTINCT FROM s.${column}`;
      }),
    ...gone.map(({name}) => sql`t.${quoteIdentifier(name)} IS NOT NULL`),
  ];
  const isSame = key.map(name => sql`t.${quoteIdentifier(name)} = s.${quoteIdentifier(name)}`);
  const isAlone = [sql`t._docebo_row IS NULL`, sql`s._docebo_row IS NULL`];
  return sql`(SELECT ${rowId} AS _docebo_row, * FROM ${at}) t FULL JOIN (SELECT ${rowId} AS _docebo_row, * FROM ${staged}) s
    ON ${joinSql(isSame, sql` AND `)} WHERE ${joinSql([...isAlone, ...differs], sql` OR `)}`;
}

/**
 * Without a key, two equal rows are two rows: of equal rows the first there is paired with the first that came, and so on. What is left has no pair.
 */
function pairByRow({rowId, whole}: Dialect, {at, staged, columns, gone}: Plan): Sql {
  const compared = columns.filter(({name}) => !isMetadata(name)).map(({name}) => quoteIdentifier(name));
  const there = joinSql([...compared, ...gone.map(({name}) => quoteIdentifier(name))]);
  const sent = joinSql([...compared, ...gone.map(() => sql`NULL`)]);
  const numbered = (row: Sql, from: Sql) =>
    sql`(SELECT _docebo_row, whole, row_number() OVER (PARTITION BY whole) AS copy FROM (SELECT ${rowId} AS _docebo_row, ${whole(row)} AS whole FROM ${from}) each)`;
  return sql`${numbered(there, at)} t FULL JOIN ${numbered(sent, staged)} s ON t.whole = s.whole AND t.copy = s.copy
    WHERE t._docebo_row IS NULL OR s._docebo_row IS NULL`;
}
