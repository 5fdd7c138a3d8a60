import type {Accepted, MergeChoices} from '../../choices.js';
import {IngestError, messageOf} from '../../errors.js';
import {formatDuration} from '../../format-duration.js';
import {describeRoute, fullRouteName, isDerived} from '../../routes.js';
import type {Base, Bases} from '../../spool/bases.js';
import type {SpooledTable} from '../../spool/format.js';
import {loadManifest} from '../../spool/load-manifest.js';
import {readRecords} from '../../spool/read-records.js';
import {readValue} from '../../spool/record-values.js';
import type {TableSpool} from '../../spool/table-spool.js';
import type {ApiRoute, Changes, KeyedTable, Route, Table} from '../../table.js';
import {mostAheadMs} from '../http/budget.js';
import {splitKeys} from '../merge/known-rows.js';

/** What a run needs to merge its tables. */
export interface Merging {
  readonly bases: Bases;
  readonly choices: MergeChoices;
  /** Whether every table is read whole. */
  readonly isFullRefresh: boolean;
  readonly accept: Accepted;
  /** The tables that the run was asked for. */
  readonly asked: ReadonlySet<Table>;
  /** At least 0 and below 1: which pages are audited. @default Math.random */
  readonly random?: () => number;
}

/** A base to build on, and the route by which it was read. */
export interface TakenBase {
  readonly base: Base;
  readonly route: ApiRoute;
}

/** The routes by which a table can be merged. */
export function mergeableRoutes({routes}: Pick<Table, 'routes'>): readonly ApiRoute[] {
  return routes.filter((route): route is ApiRoute => !isDerived(route) && isMergeable(route));
}

/** The routes in the order in which a merge tries them: one that can be merged comes before those that cannot, so that the next run finds a base. */
export function orderRoutes(table: Table, taken: TakenBase | string | null | undefined): readonly Route[] {
  const first = typeof taken === 'object' && taken !== null ? [taken.route] : [];
  return [...new Set([...first, ...mergeableRoutes(table), ...table.routes])];
}

function isMergeable({changes, parent}: ApiRoute): boolean {
  return changes !== undefined || parent?.unchangedWhen !== undefined;
}

/** The calls of a merge if nothing has changed: the pages that are audited, one for the changes and one more for the count. */
export function leastCalls(pages: number, {auditPages}: MergeChoices): number {
  return Math.min(Math.max(1, auditPages), pages) + 2;
}

/** What decides whether a table is merged. */
export interface MergeQuestion {
  readonly table: Table;
  /** The route that must not be left for another. */
  readonly held: Route | undefined;
  readonly merging: Pick<Merging, 'bases' | 'choices' | 'isFullRefresh' | 'accept'>;
  readonly nowMs: number;
  readonly pageSize: number;
}

/**
 * Finds the base that a table can be merged with, or says why it has to be read whole; null if it is made of other tables, which costs nothing. `find` gives
 * the base of a route of one of these names.
 */
export async function findBase(
  {table, held, merging: {bases, choices, isFullRefresh, accept}, nowMs, pageSize}: MergeQuestion,
  find: (routes: readonly string[]) => Promise<Base | string>,
): Promise<TakenBase | string | null> {
  if (table.routes.every(isDerived)) return null;
  const routes = mergeableRoutes(table);
  const [first] = routes;
  if (first === undefined) return 'Docebo does not say what has changed in it.';
  if (table.primaryKey.length === 0) return 'It has no key.';
  const usable = held === undefined ? routes : routes.filter(route => route === held);
  if (held !== undefined && usable.length === 0)
    return `It was read by ${describeRoute(table, held)} so far, which does not tell what has changed; with --allow-route-change it is read by ${describeRoute(table, first)}.`;
  if (isFullRefresh) return 'A full refresh was asked for.';
  if (accept[table.name] !== undefined) return 'Its faults are accepted (--accept), so its count proves nothing.';
  const distrust = await bases.distrustOf(table.name);
  if (distrust !== null) return distrust;
  const base = await find(usable.map(fullRouteName));
  if (typeof base === 'string') return base;
  if (Math.max(base.askedAtMs, base.oldestMs) > nowMs + mostAheadMs)
    return 'The clock of this machine was ahead when it was read last.';
  const route = usable.find(each => fullRouteName(each) === base.completed.servedBy) ?? first;
  // Of the lists of parents each has an age of its own.
  if (route.changes === undefined) return {base, route};
  if (nowMs - base.oldestMs > choices.maxAgeMs)
    return `Its oldest rows were read more than ${formatDuration(choices.maxAgeMs / 1000)} ago.`;
  const pages = countPages(base, pageSize);
  return pages <= leastCalls(pages, choices) ? 'To read all of it takes no more calls.' : {base, route};
}

/** Pages of a list as long as its base. */
export function countPages({completed}: Base, pageSize: number): number {
  return Math.max(1, Math.ceil((completed.total ?? 0) / pageSize));
}

/** Takes the base that a table can be merged with into the run, as `findBase` finds it. */
export async function takeBase(question: MergeQuestion, spool: TableSpool): Promise<TakenBase | string | null> {
  const {table, merging} = question;
  if (spool.before.wholeBecause !== null) return spool.before.wholeBecause;
  if (spool.pass > 0) return findBase(question, async () => 'What was merged could not be published.');
  if (merging.isFullRefresh) await merging.bases.trust(table.name).catch(() => undefined);
  return findBase(question, async routes => {
    // Where it cannot be taken, as on a full disk, the table may still be read.
    const failed = (error: unknown) => `What earlier runs have read could not be taken: ${messageOf(error)}.`;
    return merging.bases.take(table.name, routes, `${spool.folder}/base`).catch(failed);
  });
}

/** The keys that each of the tables holds with whose rows others go, as far as the run reads them. By column of the route's own table. */
export async function readParents(
  {goesWith = {}}: Changes,
  asked: ReadonlySet<Table>,
  readParent: (parent: Table) => Promise<SpooledTable>,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const keys = new Map<string, ReadonlySet<string>>();
  for (const [column, {table}] of Object.entries(goesWith)) {
    if (!asked.has(table)) continue;
    try {
      keys.set(column, await readKeys(table, await readParent(table)));
    } catch (error) {
      // Its own report tells of that.
      if (!(error instanceof IngestError)) throw error;
    }
  }
  return keys;
}

/** The keys of a table that one column identifies. */
async function readKeys(table: KeyedTable, spooled: SpooledTable): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  const pages = (await loadManifest(spooled.manifestFile)).lines.filter(line => line.type === 'page');
  if (pages.every(page => page.keys !== undefined)) {
    for (const page of pages) for (const {key} of splitKeys(page.keys ?? '', 1)) keys.add(key);
    return keys;
  }
  const [column] = table.primaryKey;
  for await (const record of readRecords(spooled)) keys.add(readValue(record, table, column) ?? '');
  return keys;
}
