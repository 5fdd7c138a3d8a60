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
  readonly remove: Sql;
  readonly change: Sql | undefined;
  readonly add: Sql;
}

export function findDifference(dialect: Dialect, plan: Plan, index: number): Difference {
  if (plan.key.length > 0) return byKey(dialect, plan);
  return byRow(dialect, plan, sql`${dialect.temporary}.${quoteIdentifier(`docebo_pairs_${index}`)}`);
}

function byKey({exactly}: Dialect, {at, staged, columns, gone, key}: Plan): Difference {
  const isSame = joinSql(
    key.map(name => sql`t.${quoteIdentifier(name)} = s.${quoteIdentifier(name)}`),
    sql` AND `,
  );
  const compared = columns.filter(({name}) => !isMetadata(name) && !key.includes(name));
  const differs = [
    ...compared.map(({name, type}) => {
      const column = exactly(quoteIdentifier(name), type);
      return sql`t.${column} IS DISTINCT FROM s.${column}`;
    }),
    ...gone.map(({name}) => sql`t.${quoteIdentifier(name)} IS NOT NULL`),
  ];
  const written = [
    ...columns
      .filter(({name}) => !key.includes(name))
      .map(({name}) => sql`${quoteIdentifier(name)} = s.${quoteIdentifier(name)}`),
    ...gone.map(({name}) => sql`${quoteIdentifier(name)} = NULL`),
  ];
  return {
    compare: [],
    remove: sql`DELETE FROM ${at} t WHERE NOT EXISTS (SELECT 1 FROM ${staged} s WHERE ${isSame})`,
    change:
      differs.length === 0
        ? undefined
        : sql`UPDATE ${at} t SET ${joinSql(written)} FROM ${staged} s WHERE ${isSame} AND (${joinSql(differs, sql` OR `)})`,
    add: sql`${insert(at, staged, columns)} WHERE NOT EXISTS (SELECT 1 FROM ${at} t WHERE ${isSame})`,
  };
}

/**
 * Without a key, two equal rows are two rows: of equal rows the first there is paired with the first that came, and so on.
 */
function byRow(dialect: Dialect, {at, staged, columns, gone}: Plan, pairs: Sql): Difference {
  const {rowId, whole, onCommit} = dialect;
  const compared = columns.filter(({name}) => !isMetadata(name)).map(({name}) => quoteIdentifier(name));
  const there = joinSql([...compared, ...gone.map(({name}) => quoteIdentifier(name))]);
  const sent = joinSql([...compared, ...gone.map(() => sql`NULL`)]);
  const numbered = (row: Sql, from: Sql) =>
    sql`(SELECT place, whole, row_number() OVER (PARTITION BY whole) AS copy FROM (SELECT ${rowId} AS place, ${whole(row)} AS whole FROM ${from}) each)`;
  return {
    compare: [
      sql`CREATE TEMPORARY TABLE ${pairs} ${onCommit} AS SELECT t.place AS there, s.place AS sent
          FROM ${numbered(there, at)} t FULL JOIN ${numbered(sent, staged)} s ON t.whole = s.whole AND t.copy = s.copy
          WHERE t.place IS NULL OR s.place IS NULL`,
    ],
    remove: sql`DELETE FROM ${at} t WHERE t.${rowId} IN (SELECT there FROM ${pairs} WHERE there IS NOT NULL)`,
    change: undefined,
    add: sql`${insert(at, staged, columns)} WHERE s.${rowId} IN (SELECT sent FROM ${pairs} WHERE sent IS NOT NULL)`,
  };
}

function insert(at: Sql, staged: Sql, columns: Plan['columns']): Sql {
  const names = columns.map(({name}) => quoteIdentifier(name));
  return sql`INSERT INTO ${at} (${joinSql(names)}) SELECT ${joinSql(names.map(name => sql`s.${name}`))} FROM ${staged} s`;
}
