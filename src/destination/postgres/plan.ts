import {foldCase} from '../../engine/fold-case.js';
import {quoteIdentifier, quoteName} from '../../engine/quote.js';
import {joinSql, type Sql, sql} from '../../engine/sql.js';
import type {Staged} from '../../engine/stage.js';
import type {Comment} from '../our-comments.js';
import {isOurs} from '../our-comments.js';
import type {Place} from './names.js';
import type {Standing, StandingColumn} from './standing.js';
import {toPostgresType} from './types.js';
import type {StagedColumn} from './write-csv.js';

/** What turns the table at the target into the proved one. */
export interface Plan {
  readonly place: Place;
  /** The temporary table that holds the proved rows. */
  readonly temporary: Sql;
  readonly standing: Standing;
  /** Columns of the proved rows. */
  readonly columns: readonly {readonly name: string; readonly type: Sql}[];
  /** Columns of ours that no longer come: their values go. */
  readonly gone: readonly StandingColumn[];
  readonly key: readonly string[];
  readonly renamed: ReadonlyMap<string, string>;
  readonly comments: readonly Comment[];
  readonly rows: number;
}

const metadata = ['_docebo_load_id', '_docebo_extracted_at'];

/** They tell when a row was last changed here, so they are written only with it. */
export function isMetadata(name: string): boolean {
  return metadata.includes(name);
}

export function makePlan(
  facts: Pick<Plan, 'place' | 'temporary' | 'standing' | 'key' | 'comments'>,
  {rows, renamed: asked}: Pick<Staged, 'rows' | 'renamed'>,
  staged: readonly StagedColumn[],
): Plan {
  const {columns: there, ours} = facts.standing;
  const names = new Set(staged.map(({name}) => name));
  const has = new Set(there.map(({name}) => name));
  // Both names may be there, if the choice of names changed to and fro.
  const renamed = new Map(
    there.flatMap(({name}): (readonly [string, string])[] => {
      const to = asked.get(foldCase(name));
      return to === undefined || has.has(to) ? [] : [[name, to]];
    }),
  );
  const isOurColumn = ({name, key, comment: text}: StandingColumn) =>
    isMetadata(name) || key !== null || (text !== null && isOurs({column: name, text}, ours));
  return {
    ...facts,
    renamed,
    rows,
    columns: staged.map(({name, type}) => ({name, type: toPostgresType(type)})),
    gone: there.filter(column => !names.has(column.name) && !renamed.has(column.name) && isOurColumn(column)),
  };
}

/** Creates the temporary table, empty. It is no wider than the proved rows. */
export function createTemporary({temporary, columns}: Pick<Plan, 'temporary' | 'columns'>): Sql {
  return sql`CREATE TEMPORARY TABLE ${temporary} (${joinSql(columns.map(define))})`;
}

/** Makes the table at the target such that it can hold the rows. A table that need not change is not locked for readers. */
export function shape({place, standing, columns, renamed, key}: Plan): readonly Sql[] {
  const at = quoteName(...place);
  if (standing.kind === undefined) return [sql`CREATE TABLE ${at} (${joinSql(columns.map(define))})`];
  const there = new Map(standing.columns.map(column => [renamed.get(column.name) ?? column.name, column]));
  const renames = [...renamed].map(
    ([from, to]) => sql`ALTER TABLE ${at} RENAME COLUMN ${quoteIdentifier(from)} TO ${quoteIdentifier(to)}`,
  );
  const changes = columns.flatMap(column => {
    const held = there.get(column.name);
    if (held === undefined) return [sql`ADD COLUMN ${define(column)}`];
    if (held.type === column.type) return [];
    const name = quoteIdentifier(column.name);
    return [
      sql`ALTER COLUMN ${name} TYPE ${column.type} USING ${convert(name, column.type, key.includes(column.name))}`,
    ];
  });
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

function define({name, type}: Plan['columns'][number]): Sql {
  return sql`${quoteIdentifier(name)} ${type}`;
}

/** Gives the table its primary key once its rows are there, which is faster. */
export function giveKey({place, standing, key}: Plan): readonly Sql[] {
  if (key.length === 0 || standing.primaryKey?.columns.join('\0') === key.join('\0')) return [];
  return [sql`ALTER TABLE ${quoteName(...place)} ADD PRIMARY KEY (${joinSql(key.map(quoteIdentifier))})`];
}
