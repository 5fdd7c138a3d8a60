import type {MergeChoices} from '../../choices.js';
import {BusyError, IncompleteError, messageOf, RejectedError, ResponseError, SignInError} from '../../errors.js';
import {describeReport} from '../../export-table.js';
import {leastCertain, type Plan, type PlannedHour, sumPlan, type TablePlan} from '../../plan.js';
import {describeRoute, isDerived, nameRoute} from '../../routes.js';
import {Bases} from '../../spool/bases.js';
import {matchesWhere} from '../../spool/record-values.js';
import type {DerivedRoute, Route, Table} from '../../table.js';
import type {Docebo} from '../docebo.js';
import type {HourlyUsage} from '../http/hourly-window.js';
import {isRouteRefusal} from '../http/policy.js';
import {PageFormat} from '../lists/page.js';
import {readSample} from '../lists/sample.js';
import {UnfitRouteError} from '../lists/unfit-route.js';
import {hasChanges} from '../merge/merge-list.js';
import {tenantFolder} from '../tenant.js';
import {bindParents} from './bind-parents.js';
import type {ChildRoute} from './child-list.js';
import {ElementReader, nameRow} from './elements.js';
import {type Estimate, exported, needs, nothing, planFanOut, planList, planUnknown, type Seen} from './estimate.js';
import {orderRoutes} from './merge-table.js';
import {isTaken, type PlannedMerge, peekBase, planMergedFanOut, planMergedList, type Taken} from './plan-merge.js';
import {isChild} from './read-table.js';
import {RouteMemory} from './route-memory.js';

export interface PlanOptions {
  /** Calls in any hour, as given to `openDocebo`. */
  readonly ratePerHour?: number | null;
  /** The routes by which the tables were read before. @default unknown */
  readonly memory?: RouteMemory;
  /** What the columns of additional fields are named after: for titles their list is read too. @default 'id' */
  readonly customFields?: 'id' | 'title' | undefined;
  /** For a run that merges, and the folder where its bases are. @default whole tables */
  readonly merge?: {
    readonly stateDir: string;
    readonly choices: MergeChoices;
    readonly isFullRefresh: boolean;
  };
}

interface Planned {
  readonly plan: TablePlan;
  /** Null if nothing was read that says anything about the table's children. */
  readonly seen: Seen | null;
  readonly expectedRows: number | undefined;
}

/**
 * Says what reading tables will take, at one call per table at most: its first page tells its total and, as a sample of the parents, how many lists
 * its children need. Throws CredentialsError, SignInError and UnavailableError, and BusyError if no call could be made; anything else is noted.
 */
export async function planTables(
  docebo: Docebo,
  tables: readonly Table[],
  {ratePerHour = null, memory = new RouteMemory(null), customFields, merge}: PlanOptions = {},
): Promise<Plan> {
  const {clock, tenant} = docebo;
  const planner = new Planner(
    docebo,
    new Set(tables),
    memory,
    merge && {
      ...merge,
      bases: new Bases(tenantFolder(merge.stateDir, tenant)),
      // A plan is made without --accept.
      accept: {},
      nowMs: (clock.wall ?? clock.now)(),
    },
  );
  for (const table of tables) await planner.plan(table);
  if (customFields === 'title') for (const table of tables) await planner.planFieldList(table);
  const {client, parallelism, budget} = docebo;
  const {unasked, latencyMs} = planner;
  if (unasked !== null && latencyMs === null) throw unasked.error;
  const pace = {
    planRequests: client.counts.requests,
    planTokenRequests: client.tokenRequests,
    latencyMs,
    parallelism,
    ratePerHour,
    msUntil: (calls: number) => budget.msUntil(calls),
    hour: describeHour(budget.hourlyUsage()),
  };
  return sumPlan(planner.plans, pace, unasked && {tables: unasked.tables, reason: messageOf(unasked.error)});
}

function describeHour(usage: HourlyUsage | null): PlannedHour | null {
  if (usage === null) return null;
  const {limit, used, nextAtMs, freeAtMs} = usage;
  const toText = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return {limit, used, nextCallAt: toText(nextAtMs), freeAt: toText(freeAtMs)};
}

class Planner {
  readonly #docebo: Docebo;
  readonly #asked: ReadonlySet<Table>;
  readonly #memory: RouteMemory;
  readonly #merge: PlannedMerge | undefined;
  readonly #fieldLists = new Set<Table>();
  /** Parents come before their children, since the plan of the children depends on them. */
  readonly #planned = new Map<Table, Planned>();
  readonly #latenciesMs: number[] = [];
  readonly #unasked: string[] = [];
  #busy: BusyError | undefined;

  constructor(docebo: Docebo, asked: ReadonlySet<Table>, memory: RouteMemory, merge: PlannedMerge | undefined) {
    this.#merge = merge;
    this.#docebo = docebo;
    this.#asked = asked;
    this.#memory = memory;
  }

  get plans(): readonly TablePlan[] {
    return [...this.#planned.values()].map(({plan}) => plan);
  }

  /** Mean of the samples. */
  get latencyMs(): number | null {
    const sumMs = this.#latenciesMs.reduce((sum, latencyMs) => sum + latencyMs, 0);
    return this.#latenciesMs.length === 0 ? null : sumMs / this.#latenciesMs.length;
  }

  /** Tables for which no call was left, and why; null if there are none. */
  get unasked(): {readonly tables: readonly string[]; readonly error: BusyError} | null {
    return this.#busy === undefined ? null : {tables: this.#unasked, error: this.#busy};
  }

  async plan(table: Table): Promise<Planned> {
    const known = this.#planned.get(table);
    if (known !== undefined) return known;
    const planned = await this.#planFirstServed(table);
    this.#planned.set(table, planned);
    return planned;
  }

  /** Plans the list that describes a table's additional fields, if the sample has any. */
  async planFieldList({customFields, name}: Table): Promise<void> {
    const seen = [...this.#planned].find(([table]) => table.name === name)?.[1].seen;
    const holdsFields = seen?.records.some(record => /"field_\d+":/.test(record.encode().toString()));
    if (customFields === undefined || !holdsFields || this.#planned.has(customFields.table)) return;
    this.#fieldLists.add(customFields.table);
    await this.plan(customFields.table);
  }

  async #planFirstServed(table: Table): Promise<Planned> {
    const {held} = await this.#memory.recall(table);
    const taken = this.#merge && (await peekBase(table, held, this.#merge, this.#docebo.pageSize));
    const ordered = this.#merge === undefined ? table.routes : orderRoutes(table, taken);
    const routes = held === undefined ? ordered : [held];
    const refusals: string[] = [];
    let refusedCalls = 0;
    const conclude = (route: string | null, {expectedRows, ...estimate}: Estimate, seen: Seen | null): Planned => {
      const what = this.#fieldLists.has(table) ? 'the titles of additional fields' : 'its children';
      const unasked = this.#asked.has(table) ? [] : [`Read for ${what} only.`];
      const notes = [...refusals, ...unasked, estimate.note].filter(text => text !== null);
      const all = {
        strategy: 'replace' as const,
        ...(typeof taken === 'string' && {reason: taken}),
        ...estimate,
        requests: estimate.requests + refusedCalls,
        note: notes.join(' ') || null,
      };
      return {plan: {table: table.name, area: table.area, route, ...all}, seen, expectedRows};
    };
    if (table.exportOf !== undefined) return conclude(describeReport(table.exportOf), exported, null);
    for (const [index, route] of routes.entries()) {
      if (isDerived(route)) {
        const planned = await this.#planDerived(route, index === routes.length - 1);
        if (planned === null) continue;
        return conclude(nameRoute(route), planned.estimate, planned.seen);
      }
      if (isChild(route)) {
        const {path, estimate, seen = null} = await this.#planChildren(table, routes.filter(isChild), taken);
        return conclude(path, estimate, seen);
      }
      try {
        if (this.#merge !== undefined && isTaken(taken, route) && hasChanges(route)) {
          const asked = {base: taken.base, route};
          const {estimate, seen, latencyMs} = await planMergedList(this.#docebo, table, asked, this.#merge.choices);
          if (latencyMs !== undefined) this.#latenciesMs.push(latencyMs);
          return conclude(route.path, estimate, seen);
        }
        const sample = await readSample(this.#docebo.client, new PageFormat(table, route, this.#docebo.pageSize), {});
        this.#latenciesMs.push(sample.latencyMs);
        const estimate = planList(table, route, sample);
        return conclude(route.path, estimate, {records: sample.records, total: estimate.rows});
      } catch (error) {
        if (error instanceof BusyError) {
          this.#busy ??= error;
          this.#unasked.push(table.name);
          return conclude(route.path, {...nothing('Not asked.'), certainty: 'at least'}, null);
        }
        if (error instanceof UnfitRouteError) refusedCalls++;
        else if (isRouteRefusal(error)) {
          const isAlone = held === undefined && index === routes.length - 1;
          refusedCalls += isAlone ? 1 : 2;
          refusals.push(describeRefusal(table, route, error, held));
        } else if (
          error instanceof RejectedError ||
          (error instanceof ResponseError && !(error instanceof SignInError))
        )
          return conclude(route.path, nothing(error.message, 1), null);
        else throw error;
      }
    }
    return conclude(null, nothing('No route is served, so the table cannot be read.'), null);
  }

  /** Null if the sample shows that the route is unfit. */
  async #planDerived({derive}: DerivedRoute, isLast: boolean): Promise<{estimate: Estimate; seen: Seen | null} | null> {
    const {table, where = {}, named} = derive;
    const {plan, seen} = await this.plan(table);
    if (plan.route === null) return {estimate: nothing(needs(table)), seen: null};
    const names = named === undefined ? [] : (await this.plan(named)).seen?.records;
    const note = 'No calls of its own.';
    if (seen === null || names === undefined)
      return {estimate: {rows: null, requests: 0, certainty: 'exact', note}, seen: null};
    const reader = new ElementReader(derive, named === undefined ? [] : names.flatMap(row => nameRow(named, row)));
    try {
      const records = seen.records
        .filter(record => matchesWhere(record, table, where))
        .flatMap(record => reader.read(record));
      if (!isLast) reader.refuseUnfit();
      const isWhole = seen.records.length === seen.total && seen.changed === undefined;
      const total = isWhole ? records.length : null;
      return {estimate: {rows: total, requests: 0, certainty: 'exact', note}, seen: {records, total}};
    } catch (error) {
      if (error instanceof UnfitRouteError) return null;
      if (!(error instanceof ResponseError)) throw error;
      return {estimate: nothing(error.message), seen: null};
    }
  }

  /** Only the first lists would show which of several routes serves them, so the first route that can be bound stands for all. */
  async #planChildren(
    table: Table,
    routes: readonly ChildRoute[],
    taken: Taken,
  ): Promise<{path: string | null; estimate: Estimate; seen?: Seen}> {
    for (const route of routes) {
      const {plan, seen, expectedRows} = await this.plan(route.parent.table);
      if (seen === null) return {path: route.path, estimate: planUnknown(route, plan, expectedRows)};
      try {
        if (this.#merge !== undefined && isTaken(taken, route)) {
          const {base} = taken;
          return {path: route.path, ...(await planMergedFanOut(this.#docebo, table, {base, route}, seen, this.#merge))};
        }
        const {bounds, lacking} = await bindParents(route.parent, seen.records);
        if (lacking !== null) continue;
        const estimate = planFanOut(route, bounds.length, seen);
        if (seen.changed === undefined) return {path: route.path, estimate};
        const certainty = leastCertain([estimate.certainty, 'estimate']);
        return {path: route.path, estimate: {...estimate, certainty}};
      } catch (error) {
        if (!(error instanceof IncompleteError)) throw error;
        return {path: route.path, estimate: nothing(error.message)};
      }
    }
    return {path: null, estimate: nothing('The parents lack what its routes need.')};
  }
}

function describeRefusal(table: Table, route: Route, {status}: RejectedError, held: Route | undefined): string {
  const isHeld =
    held === undefined ? '' : ', although it has served the table before; the table would be kept as it is';
  return `${describeRoute(table, route)} is not served here (${status})${isHeld}.`;
}
