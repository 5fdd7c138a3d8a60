import {quoteIdentifier} from '../../engine/quote.js';
import {joinSql, type Sql, sql} from '../../engine/sql.js';
import type {Dialect} from './dialect.js';
import {isMetadata, type Plan} from './plan.js';

/**
 * Statements that write nothing but the difference between a table (`t`) and the proved rows (`s`): a row that did not change is not touched, so nothing
 * that depends on it is.
 */
export interface Difference {
  /** Finds the rows that differ, before anything is changed. Undefined where the table is new, as the two that follow. */
  readonly compare: Sql | undefined;
  readonly remove: Sql | undefined;
  readonly change: Sql | undefined;
  readonly add: Sql;
}

export function findDifference(dialect: Dialect, plan: Plan, index: number): Difference {
  const {at, staged, columns, gone, key, standing} = plan;
  const names = columns.map(({name}) => quoteIdentifier(name));
  const insert = sql`INSERT INTO ${at} (${joinSql(names)}) SELECT ${joinSql(names.map(name => sql`s.${name}`))} FROM ${staged} s`;
  if (standing.kind === undefined) return {compare: undefined, remove: undefined, change: undefined, add: insert};
  const [there, sent] = [nameIds(dialect, 'there'), nameIds(dialect, 'sent')];
  const id = (row: Sql) => joinSql(dialect.rowId.map(column => sql`${row}.${column}`));
  const pairs = sql`${dialect.temporary}.${quoteIdentifier(`docebo_pairs_${index}`)}`;
  const written = [
    ...columns
      .filter(({name}) => !key.includes(name))
      .map(({name}) => sql`${quoteIdentifier(name)} = s.${quoteIdentifier(name)}`),
    ...gone.map(({name}) => sql`${quoteIdentifier(name)} = NULL`),
  ];
  const change = sql`UPDATE ${at} t SET ${joinSql(written)} FROM ${pairs} p, ${staged} s
    WHERE (${joinSql(there)}) = (${id(sql`t`)}) AND (${joinSql(sent)}) = (${id(sql`s`)})`;
  return {
    // One pass over both finds all that differs, however the rows do.
    compare: sql`CREATE TEMPORARY TABLE ${pairs} ${dialect.onCommit} AS SELECT ${joinSql([...there, ...sent])}
      FROM ${key.length > 0 ? pairByKey(dialect, plan) : pairByRow(dialect, plan)}`,
    remove: sql`DELETE FROM ${at} t WHERE (${id(sql`t`)}) IN (SELECT ${joinSql(there)} FROM ${pairs} WHERE ${isNone(sent)})`,
    change: key.length > 0 && written.length > 0 ? change : undefined,
    add: sql`${insert} WHERE (${id(sql`s`)}) IN (SELECT ${joinSql(sent)} FROM ${pairs} WHERE ${isNone(there)})`,
  };
}

/** The rows there and those sent, side by side where they have the same key, without those that are equal. */
function pairByKey(dialect: Dialect, {at, staged, columns, gone, key}: Plan): Sql {
  const differs = [
    ...columns
      .filter(({name}) => !isMetadata(name) && !key.includes(name))
      .map(({name, type}) => {
        const column = dialect.exactly(quoteIdentifier(name), type);
        return sql`t.${column} IS DISTINCT FROM s.${column}`;
      }),
    ...gone.map(({name}) => sql`t.${quoteIdentifier(name)} IS NOT NULL`),
  ];
  const isSame = key.map(name => sql`t.${quoteIdentifier(name)} = s.${quoteIdentifier(name)}`);
  const [there, sent] = [nameIds(dialect, 'there'), nameIds(dialect, 'sent')];
  const isAlone = [isNone(there), isNone(sent)];
  return sql`(SELECT ${as(dialect, there)}, * FROM ${at}) t FULL JOIN (SELECT ${as(dialect, sent)}, * FROM ${staged}) s
    ON ${joinSql(isSame, sql` AND `)} WHERE ${joinSql([...isAlone, ...differs], sql` OR `)}`;
}

/**
 * Without a key, two equal rows are two rows: of equal rows the first there is paired with the first that came, and so on. What is left has no pair.
 */
function pairByRow(dialect: Dialect, {at, staged, columns, gone}: Plan): Sql {
  const compared = columns.filter(({name}) => !isMetadata(name)).map(({name}) => quoteIdentifier(name));
  const valuesThere = joinSql([...compared, ...gone.map(({name}) => quoteIdentifier(name))]);
  const valuesSent = joinSql([...compared, ...gone.map(() => sql`NULL`)]);
  const [there, sent] = [nameIds(dialect, 'there'), nameIds(dialect, 'sent')];
  const numbered = (ids: readonly Sql[], values: Sql, from: Sql) =>
    sql`(SELECT *, row_number() OVER (PARTITION BY whole) AS copy FROM (SELECT ${as(dialect, ids)}, ${dialect.whole(values)} AS whole FROM ${from}) each)`;
  return sql`${numbered(there, valuesThere, at)} t FULL JOIN ${numbered(sent, valuesSent, staged)} s ON t.whole = s.whole AND t.copy = s.copy
    WHERE ${isNone(there)} OR ${isNone(sent)}`;
}

/** What the columns that identify a row are called beside those of a table. No name made from a key begins with an underscore. */
function nameIds({rowId}: Dialect, side: 'there' | 'sent'): readonly Sql[] {
  return rowId.map((_, i) => quoteIdentifier(`_docebo_${side}_${i}`));
}

function as({rowId}: Dialect, names: readonly Sql[]): Sql {
  return joinSql(rowId.map((column, i) => sql`${column} AS ${names[i] ?? column}`));
}

function isNone(names: readonly Sql[]): Sql {
  return joinSql(
    names.map(name => sql`${name} IS NULL`),
    sql` AND `,
  );
}
