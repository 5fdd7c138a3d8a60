import {foldCase} from '../../engine/fold-case.js';
import {quoteIdentifier} from '../../engine/quote.js';
import {joinSql, type Sql, sql} from '../../engine/sql.js';
import type {Staged} from '../../engine/stage.js';
import type {Comment} from '../our-comments.js';
import {isOurs} from '../our-comments.js';
import type {StagedColumn} from '../staged-columns.js';
import type {Standing, StandingColumn} from './standing.js';

/** Schema and name of a table. */
export type Place = readonly [schema: string, name: string];

/** What a database calls types, and which names it takes for one. */
export interface Naming {
  /** The type that holds all values of one of DuckDB's without loss. */
  readonly typeOf: (duckdbType: string) => Sql;
  /** Gives the same for names that the database takes for one. */
  readonly fold: (name: string) => string;
}

/** What turns the table at the target into the proved one. */
export interface Plan {
  readonly place: Place;
  /** The same as a name in SQL, and that of its schema. */
  readonly at: Sql;
  readonly schema: Sql;
  /** The table that holds the proved rows. */
  readonly staged: Sql;
  readonly standing: Standing;
  /** Columns of the proved rows. */
  readonly columns: readonly {readonly name: string; readonly type: Sql}[];
  /** Columns of ours that no longer come: their values go. */
  readonly gone: readonly StandingColumn[];
  readonly key: readonly string[];
  readonly renamed: ReadonlyMap<string, string>;
  readonly comments: readonly Comment[];
  readonly rows: number;
  /** The version of the table, if it holds the proved rows already, which then are not staged: to be told again once nobody else writes to it. */
  readonly unchanged: string | undefined;
}

const metadata = ['_docebo_load_id', '_docebo_extracted_at'];

/** They tell when a row was last changed here, so they are written only with it. */
export function isMetadata(name: string): boolean {
  return metadata.includes(name);
}

export function makePlan(
  {typeOf, fold}: Naming,
  facts: Pick<Plan, 'place' | 'at' | 'schema' | 'staged' | 'standing' | 'key' | 'comments'>,
  {rows, renamed: asked}: Pick<Staged, 'rows' | 'renamed'>,
  staged: readonly StagedColumn[],
): Plan {
  const {columns: there, ours} = facts.standing;
  const names = new Set(staged.map(({name}) => fold(name)));
  const has = new Set(there.map(({name}) => fold(name)));
  // Both names may be there, if the choice of names changed to and fro.
  const renamed = new Map(
    there.flatMap(({name}): (readonly [string, string])[] => {
      const to = asked.get(foldCase(name));
      return to === undefined || has.has(fold(to)) ? [] : [[name, to]];
    }),
  );
  const isOurColumn = ({name, key, comment: text}: StandingColumn) =>
    isMetadata(name) || key !== null || (text !== null && isOurs({column: name, text}, ours));
  return {
    ...facts,
    renamed,
    rows,
    unchanged: undefined,
    columns: staged.map(({name, type}) => ({name, type: typeOf(type)})),
    gone: there.filter(column => !names.has(fold(column.name)) && !renamed.has(column.name) && isOurColumn(column)),
  };
}

/** Lists columns with their types, as a statement that creates a table does. */
export function defineColumns(columns: Plan['columns']): Sql {
  return joinSql(columns.map(define));
}

export function define({name, type}: Plan['columns'][number]): Sql {
  return sql`${quoteIdentifier(name)} ${type}`;
}

/** What has to be renamed, and the columns that are missing or have another type than they need. */
export function findChanges(
  {standing, columns, renamed, at}: Plan,
  {fold}: Pick<Naming, 'fold'>,
): {
  readonly renames: readonly Sql[];
  readonly missing: Plan['columns'];
  readonly others: readonly {readonly column: Plan['columns'][number]; readonly held: StandingColumn}[];
} {
  const there = new Map(standing.columns.map(column => [fold(renamed.get(column.name) ?? column.name), column]));
  const paired = columns.map(column => ({column, held: there.get(fold(column.name))}));
  return {
    renames: [...renamed].map(
      ([from, to]) => sql`ALTER TABLE ${at} RENAME COLUMN ${quoteIdentifier(from)} TO ${quoteIdentifier(to)}`,
    ),
    missing: paired.filter(({held}) => held === undefined).map(({column}) => column),
    others: paired.flatMap(({column, held}) =>
      held === undefined || held.type === column.type ? [] : [{column, held}],
    ),
  };
}
