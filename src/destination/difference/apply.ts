import {quoteText} from '../../engine/quote.js';
import {type Sql, sql} from '../../engine/sql.js';
import {DestinationError} from '../../errors.js';
import {nameSubject} from '../describe-table.js';
import type {Load, PublishOptions} from '../destination.js';
import type {Dialect} from './dialect.js';
import {findDifference} from './difference.js';
import type {Plan} from './plan.js';

/** A table whose proved rows wait to be compared. */
export interface Ready {
  readonly load: Load;
  readonly plan: Plan;
}

/** Why nothing can be committed: one table cannot be written. */
export interface Obstacle {
  readonly load: Load;
  readonly error: DestinationError;
}

/** What became of all tables. */
interface Applied {
  readonly obstacle?: Obstacle;
  /** The versions of the tables that held the proved rows already, or are new. Triggers, rules and policies may have others hold other rows than were written. */
  readonly versions: ReadonlyMap<Load, string>;
}

interface Step {
  /** Null if it concerns all tables. */
  readonly ready: Ready | null;
  readonly statement: Sql;
  /** What the rows are that it touches. */
  readonly rows?: 'differ' | 'removed' | 'changed' | 'added';
}

/** Writes the differences of all tables, and counts what is there then. Returns also what stood in the way of one table. */
export async function applyAll(
  dialect: Dialect,
  tables: readonly Ready[],
  {onEvent}: Pick<PublishOptions, 'onEvent'>,
): Promise<Applied> {
  const versions = new Map<Load, string>();
  const fail = (obstacle: Obstacle) => ({obstacle, versions: new Map()});
  for (const {load, plan} of tables) {
    if (plan.unchanged === undefined) continue;
    if ((await askVersion(dialect, plan)) !== plan.unchanged) return fail({load, error: refuseChange(plan)});
    versions.set(load, plan.unchanged);
    onEvent?.({type: 'debug', message: `${plan.place.join('.')}: no row differs from the last load, none was sent`});
  }
  for (const {ready, statement, rows} of listSteps(dialect, tables)) {
    try {
      const {count} = await dialect.ask(statement);
      if (ready === null || rows === undefined) continue;
      // Told at once: whatever is written later, to this table or others, may change it.
      const isNew = ready.plan.standing.kind === undefined;
      const holdsRows = rows === 'differ' ? count === 0 : rows === 'added' && isNew;
      const version = holdsRows ? await askVersion(dialect, ready.plan, isNew) : undefined;
      if (version !== undefined) versions.set(ready.load, version);
      onEvent?.({type: 'debug', message: `${ready.plan.place.join('.')}: ${count} rows ${rows}`});
    } catch (error) {
      const plans = tables.map(({plan}) => plan);
      const concerned = ready ?? tables.find(({plan}) => plan === dialect.findConcerned(error, plans));
      const failure = concerned && dialect.failTable(concerned.plan, error);
      if (concerned !== undefined && failure instanceof DestinationError)
        return fail({load: concerned.load, error: failure});
      throw error;
    }
  }
  for (const {load, plan} of tables) {
    const {rows} = await dialect.ask(sql`SELECT count(*) FROM ${plan.at}`);
    const there = Number(rows[0]?.[0]);
    if (there !== plan.rows) return fail({load, error: refuseCount(plan, there, dialect)});
  }
  return {versions};
}

/** Undefined if it cannot be told. */
export async function askVersion(
  {ask, tellVersion}: Dialect,
  {place}: Plan,
  isNew = false,
): Promise<string | undefined> {
  if (tellVersion === undefined) return undefined;
  const {rows} = await ask(tellVersion(place, isNew));
  const version = rows[0]?.[0];
  return typeof version === 'string' ? version : undefined;
}

/**
 * Rows go from children first and come to parents first, so that no foreign key is broken meanwhile. A constraint that may be checked late is checked
 * before keys are made, since Postgres alters no table for which checks are pending.
 */
function listSteps(dialect: Dialect, tables: readonly Ready[]): readonly Step[] {
  const changing = tables.filter(({plan}) => plan.unchanged === undefined);
  const work = changing.map((ready, index) => ({ready, difference: findDifference(dialect, ready.plan, index)}));
  const forEach = (some: readonly Ready[], list: (ready: Ready) => readonly Sql[]) =>
    some.flatMap(ready => list(ready).map(statement => ({ready, statement})));
  const {before, after} = dialect.around;
  return [
    ...before.map(statement => ({ready: null, statement})),
    ...forEach(changing, ({plan}) => [...makeSchema(plan, tables), ...dialect.shape(plan)]),
    ...work.flatMap(({ready, difference: {compare}}): Step[] =>
      compare === undefined ? [] : [{ready, statement: compare, rows: 'differ'}],
    ),
    ...work
      .flatMap(({ready, difference: {remove}}): Step[] =>
        remove === undefined ? [] : [{ready, statement: remove, rows: 'removed'}],
      )
      .reverse(),
    ...work.flatMap(({ready, difference: {change, add}}): Step[] => [
      ...(change === undefined ? [] : [{ready, statement: change, rows: 'changed' as const}]),
      {ready, statement: add, rows: 'added'},
    ]),
    ...after.map(statement => ({ready: null, statement})),
    ...forEach(changing, ({plan}) => dialect.giveKey(plan)),
    ...forEach(tables, ({plan}) => writeComments(plan)),
  ];
}

/** Once, by the first table that needs it. Without the right to create schemas even IF NOT EXISTS is refused. */
function makeSchema({schema, standing}: Plan, tables: readonly Ready[]): readonly Sql[] {
  if (standing.hasSchema) return [];
  const first = tables.find(({plan}) => plan.schema === schema)?.plan;
  return first?.standing === standing ? [sql`CREATE SCHEMA ${schema}`] : [];
}

/** Only those that differ. */
function writeComments({at, standing, comments}: Plan): readonly Sql[] {
  const there = new Map<string | null, string | null>(
    standing.columns.map(({name, fullComment}) => [name, fullComment]),
  );
  there.set(null, standing.fullComment);
  return comments
    .filter(({column, text}) => there.get(column) !== text)
    .map(({column, text}) => sql`COMMENT ON ${nameSubject(at, column)} IS ${quoteText(text)}`);
}

function refuseChange({place}: Plan): DestinationError {
  return new DestinationError(`${place.join('.')} was changed by somebody else while it was compared`, {
    hint: 'It was left as it is. Run again, or load the run once more.',
  });
}

function refuseCount({place, rows}: Plan, there: number, {countHint}: Dialect): DestinationError {
  return new DestinationError(`${place.join('.')}: ${rows} rows were proved, but ${there} would be there`, {
    hint: `The earlier table was kept. ${countHint}`,
  });
}
