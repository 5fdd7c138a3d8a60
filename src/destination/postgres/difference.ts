import {quoteIdentifier, quoteName} from '../../engine/quote.js';
import {joinSql, type Sql, sql} from '../../engine/sql.js';
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

export function findDifference(plan: Plan, index: number): Difference {
  return plan.key.length > 0 ? byKey(plan) : byRow(plan, sql`pg_temp.${quoteIdentifier(`docebo_pairs_${index}`)}`);
}

function byKey({place, temporary, columns, gone, key}: Plan): Difference {
  const at = quoteName(...place);
  const isSame = joinSql(
    key.map(name => sql`t.${quoteIdentifier(name)} = s.${quoteIdentifier(name)}`),
    sql` AND `,
  );
  const compared = columns.filter(({name}) => !isMetadata(name) && !key.includes(name));
  const differs = [
    ...compared.map(({name, type}) => sql`t.${exactly(name, type)} IS DISTINCT FROM s.${exactly(name, type)}`),
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
    remove: sql`DELETE FROM ${at} t WHERE NOT EXISTS (SELECT FROM ${temporary} s WHERE ${isSame})`,
    change:
      differs.length === 0
        ? undefined
        : sql`UPDATE ${at} t SET ${joinSql(written)} FROM ${temporary} s WHERE ${isSame} AND (${joinSql(differs, sql` OR `)})`,
    add: sql`${insert(at, temporary, columns)} WHERE NOT EXISTS (SELECT FROM ${at} t WHERE ${isSame})`,
  };
}

/** Texts are compared by their bytes, whatever collation somebody gave the column. */
function exactly(name: string, type: Sql): Sql {
  return type === sql`text` ? sql`${quoteIdentifier(name)} COLLATE "C"` : quoteIdentifier(name);
}

/**
 * Without a key, two equal rows are two rows: of equal rows the first there is paired with the first that came, and so on. A row as text tells all of its
 * values apart, and NULL from an empty text.
 */
function byRow({place, temporary, columns, gone}: Plan, pairs: Sql): Difference {
  const at = quoteName(...place);
  const compared = columns.filter(({name}) => !isMetadata(name)).map(({name}) => quoteIdentifier(name));
  const there = joinSql([...compared, ...gone.map(({name}) => quoteIdentifier(name))]);
  const sent = joinSql([...compared, ...gone.map(() => sql`NULL`)]);
  const numbered = (row: Sql, from: Sql) =>
    sql`(SELECT ctid AS place, whole, row_number() OVER (PARTITION BY whole) AS copy FROM (SELECT ctid, ROW(${row})::text COLLATE "C" AS whole FROM ${from}) each)`;
  return {
    compare: [
      sql`CREATE TEMPORARY TABLE ${pairs} ON COMMIT DROP AS SELECT t.place AS there, s.place AS sent
          FROM ${numbered(there, at)} t FULL JOIN ${numbered(sent, temporary)} s ON t.whole = s.whole AND t.copy = s.copy
          WHERE t.place IS NULL OR s.place IS NULL`,
    ],
    remove: sql`DELETE FROM ${at} t WHERE t.ctid IN (SELECT there FROM ${pairs} WHERE there IS NOT NULL)`,
    change: undefined,
    add: sql`${insert(at, temporary, columns)} WHERE s.ctid IN (SELECT sent FROM ${pairs} WHERE sent IS NOT NULL)`,
  };
}

function insert(at: Sql, temporary: Sql, columns: Plan['columns']): Sql {
  const names = columns.map(({name}) => quoteIdentifier(name));
  return sql`INSERT INTO ${at} (${joinSql(names)}) SELECT ${joinSql(names.map(name => sql`s.${name}`))} FROM ${temporary} s`;
}
