import {quoteName, quoteText} from '../../engine/quote.js';
import {type Sql, sql} from '../../engine/sql.js';
import {DestinationError} from '../../errors.js';
import {nameSubject} from '../describe-table.js';
import type {Load, PublishOptions} from '../destination.js';
import {findDifference} from './difference.js';
import {failTable} from './fail-table.js';
import {isPostgresFailure} from './failures.js';
import {giveKey, type Plan, shape} from './plan.js';
import type {Session} from './session.js';

/** A table whose proved rows wait in a temporary one. */
export interface Ready {
  readonly load: Load;
  readonly plan: Plan;
}

/** Why nothing can be committed: one table cannot be written. */
export interface Obstacle {
  readonly load: Load;
  readonly error: DestinationError;
}

interface Step {
  /** Null if it concerns all tables. */
  readonly ready: Ready | null;
  readonly statement: Sql;
  /** What the rows are that it touches. */
  readonly rows?: 'removed' | 'changed' | 'added';
}

/** Writes the differences of all tables, and counts what is there then. Returns what stood in the way of one table. */
export async function applyAll(
  session: Session,
  tables: readonly Ready[],
  {onEvent}: PublishOptions,
): Promise<Obstacle | undefined> {
  for (const {ready, statement, rows} of listSteps(tables)) {
    try {
      const {count} = await session.ask(statement);
      if (ready === null || rows === undefined) continue;
      onEvent?.({type: 'debug', message: `${ready.plan.place.join('.')}: ${count} rows ${rows}`});
    } catch (error) {
      const concerned = ready ?? findConcerned(error, tables);
      const failure = concerned && failTable(concerned.plan.place, error);
      if (concerned !== undefined && failure instanceof DestinationError) return {load: concerned.load, error: failure};
      throw error;
    }
  }
  for (const {load, plan} of tables) {
    const {rows} = await session.ask(sql`SELECT count(*) FROM ${quoteName(...plan.place)}`);
    const there = Number(rows[0]?.[0]);
    if (there !== plan.rows) return {load, error: refuseCount(plan, there)};
  }
  return undefined;
}

/**
 * Rows go from children first and come to parents first, so that no foreign key is broken meanwhile. A constraint that may be checked late is checked
 * before keys are made, since Postgres alters no table for which checks are pending.
 */
function listSteps(tables: readonly Ready[]): readonly Step[] {
  const work = tables.map((ready, index) => ({ready, difference: findDifference(ready.plan, index)}));
  const forEach = (list: (ready: Ready) => readonly Sql[]) =>
    tables.flatMap(ready => list(ready).map(statement => ({ready, statement})));
  return [
    {ready: null, statement: sql`SET CONSTRAINTS ALL DEFERRED`},
    ...forEach(({plan}) => [...makeSchema(plan, tables), ...shape(plan)]),
    ...work.flatMap(({ready, difference}) => difference.compare.map(statement => ({ready, statement}))),
    ...work.map(({ready, difference}) => ({ready, statement: difference.remove, rows: 'removed' as const})).reverse(),
    ...work.flatMap(({ready, difference: {change, add}}): Step[] => [
      ...(change === undefined ? [] : [{ready, statement: change, rows: 'changed' as const}]),
      {ready, statement: add, rows: 'added'},
    ]),
    {ready: null, statement: sql`SET CONSTRAINTS ALL IMMEDIATE`},
    ...forEach(({plan}) => [...giveKey(plan), ...writeComments(plan)]),
  ];
}

/** Once, by the first table that needs it. Without the right to create schemas even IF NOT EXISTS is refused. */
function makeSchema({place: [schema], standing}: Plan, tables: readonly Ready[]): readonly Sql[] {
  if (standing.hasSchema) return [];
  const first = tables.find(({plan}) => plan.place[0] === schema)?.plan;
  return first?.standing === standing ? [sql`CREATE SCHEMA ${quoteName(schema)}`] : [];
}

/** Only those that differ. */
function writeComments({place, standing, comments}: Plan): readonly Sql[] {
  const at = quoteName(...place);
  const there = new Map<string | null, string | null>(
    standing.columns.map(({name, fullComment}) => [name, fullComment]),
  );
  there.set(null, standing.fullComment);
  return comments
    .filter(({column, text}) => there.get(column) !== text)
    .map(({column, text}) => sql`COMMENT ON ${nameSubject(at, column)} IS ${quoteText(text)}`);
}

/** The table whose constraint was checked late, or to which such a constraint points: only the message names that. */
function findConcerned(error: unknown, tables: readonly Ready[]): Ready | undefined {
  if (!isPostgresFailure(error)) return undefined;
  const {schema, table, message} = error;
  const isOwn = ({plan: {place}}: Ready) => place[0] === schema && place[1] === table;
  return tables.find(isOwn) ?? tables.find(({plan: {place}}) => message.includes(`"${place[1]}"`)) ?? tables[0];
}

function refuseCount({place, rows}: Plan, there: number): DestinationError {
  return new DestinationError(`${place.join('.')}: ${rows} rows were proved, but ${there} would be there`, {
    hint: 'The earlier table was kept. Look for a trigger or a rule on the table that changes what is written.',
  });
}
