import type {DuckDBConnection} from '@duckdb/node-api';
import {casts} from '../../engine/casts.js';
import {ask} from '../../engine/duckdb.js';
import {foldCase} from '../../engine/fold-case.js';
import {quoteIdentifier, quoteText} from '../../engine/quote.js';
import {joinSql, type Sql, sql} from '../../engine/sql.js';
import type {Dialect} from '../difference/dialect.js';
import {define, findChanges, type Plan} from '../difference/plan.js';
import {failTable} from './failures.js';

export function makeDialect(connection: DuckDBConnection): Dialect {
  return {
    ask: async statement => ask(connection, statement),
    typeOf,
    fold: foldCase,
    rowId: [sql`rowid`],
    tellVersion: undefined,
    temporary: sql`temp`,
    onCommit: sql``,
    exactly: column => column,
    // Within a row, NULL equals NULL and nothing else.
    whole: values => sql`ROW(${values})`,
    shape,
    giveKey: () => [],
    around: {before: [], after: []},
    failTable,
    findConcerned: () => undefined,
    countHint: 'If other rows with the same keys stand in the table, delete them, or drop the table.',
  };
}

function typeOf(duckdbType: string): Sql {
  return Object.values(casts).find(({type}) => type === duckdbType)?.type ?? casts.text.type;
}

/** Makes the table such that it can hold the rows. No catalog keeps a primary key: that it holds was proved. */
function shape(plan: Plan): readonly Sql[] {
  const {at, standing, columns, key} = plan;
  if (standing.kind === undefined) {
    const defined = columns.map(column =>
      key.includes(column.name) ? sql`${define(column)} NOT NULL` : define(column),
    );
    return [sql`CREATE TABLE ${at} (${joinSql(defined)})`];
  }
  const {renames, missing, others} = findChanges(plan, {fold: foldCase});
  return [
    ...renames,
    ...missing.map(column => sql`ALTER TABLE ${at} ADD COLUMN ${define(column)}`),
    ...others.flatMap(({column, held}) => {
      const name = quoteIdentifier(column.name);
      if (isWider(held.type, column.type)) return [sql`ALTER TABLE ${at} ALTER COLUMN ${name} TYPE ${column.type}`];
      const words = held.fullComment;
      // DuckLake changes no type but to a wider one. The values come again with the rows.
      return [
        sql`ALTER TABLE ${at} DROP COLUMN ${name}`,
        sql`ALTER TABLE ${at} ADD COLUMN ${define(column)}`,
        ...(words === null ? [] : [sql`COMMENT ON COLUMN ${at}.${name} IS ${quoteText(words)}`]),
      ];
    }),
  ];
}

const whole = /^(TINY|SMALL|BIG)?INT(EGER)?$/;

/** Whether DuckLake takes the one type for wider than the other. */
function isWider(held: string, wanted: string): boolean {
  if (wanted === casts.integer.type) return whole.test(held);
  return wanted === casts.double.type && (whole.test(held) || held === 'FLOAT');
}
