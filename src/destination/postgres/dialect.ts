import {quoteIdentifier} from '../../engine/quote.js';
import {joinSql, type Sql, sql} from '../../engine/sql.js';
import type {Dialect} from '../difference/dialect.js';
import {define, defineColumns, findChanges, type Plan} from '../difference/plan.js';
import {failTable} from './fail-table.js';
import {isPostgresFailure} from './failures.js';
import type {Session} from './session.js';
import {toPostgresType} from './types.js';
import {tellVersion} from './unchanged.js';

const fold = (name: string) => name;

export function makeDialect({ask}: Session): Dialect {
  return {
    ask,
    typeOf: toPostgresType,
    fold,
    // The rows of two partitions may have the same ctid.
    rowId: [sql`ctid`, sql`tableoid`],
    tellVersion,
    temporary: sql`pg_temp`,
    onCommit: sql`ON COMMIT DROP`,
    // Whatever collation somebody gave the column.
    exactly: (column, type) => (type === sql`text` ? sql`${column} COLLATE "C"` : column),
    // As text it tells all values apart, and NULL from an empty text.
    whole: values => sql`ROW(${values})::text COLLATE "C"`,
    shape,
    giveKey,
    around: {before: [sql`SET CONSTRAINTS ALL DEFERRED`], after: [sql`SET CONSTRAINTS ALL IMMEDIATE`]},
    failTable: ({place}, error) => failTable(place, error),
    findConcerned,
    countHint: 'Look for a trigger or a rule on the table that changes what is written.',
  };
}

/** Makes the table at the target such that it can hold the rows. A table that need not change is not locked for readers. */
function shape(plan: Plan): readonly Sql[] {
  const {at, standing, columns, key} = plan;
  if (standing.kind === undefined) return [sql`CREATE TABLE ${at} (${defineColumns(columns)})`];
  const {renames, missing, others} = findChanges(plan, {fold});
  const changes = [
    ...missing.map(column => sql`ADD COLUMN ${define(column)}`),
    ...others.map(({column: {name, type}}) => {
      const column = quoteIdentifier(name);
      return sql`ALTER COLUMN ${column} TYPE ${type} USING ${convert(column, type, key.includes(name))}`;
    }),
  ];
  const oldKey = standing.primaryKey;
  const drop =
    oldKey !== undefined && oldKey.columns.join('\0') !== key.join('\0') && key.length > 0
      ? [sql`ALTER TABLE ${at} DROP CONSTRAINT ${quoteIdentifier(oldKey.name)}`]
      : [];
  return [...drop, ...renames, ...(changes.length > 0 ? [sql`ALTER TABLE ${at} ${joinSql(changes)}`] : [])];
}

/** The values are compared with those that came, so what no cast can tell may be lost; only a key must not. */
function convert(name: Sql, type: Sql, isKey: boolean): Sql {
  if (type === sql`text`) return sql`${name}::text`;
  return isKey ? sql`${name}::text::${type}` : sql`NULL::${type}`;
}

/** Gives the table its primary key once its rows are there, which is faster. */
function giveKey({at, standing, key}: Plan): readonly Sql[] {
  if (key.length === 0 || standing.primaryKey?.columns.join('\0') === key.join('\0')) return [];
  return [sql`ALTER TABLE ${at} ADD PRIMARY KEY (${joinSql(key.map(quoteIdentifier))})`];
}

/** The table whose constraint was checked late, or to which such a constraint points: only the message names that. */
function findConcerned(error: unknown, plans: readonly Plan[]): Plan | undefined {
  if (!isPostgresFailure(error)) return undefined;
  const {schema, table, message} = error;
  const isOwn = ({place}: Plan) => place[0] === schema && place[1] === table;
  return plans.find(isOwn) ?? plans.find(({place}) => message.includes(`"${place[1]}"`)) ?? plans[0];
}
