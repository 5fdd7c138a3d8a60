import {IncompleteError, RefusedListsError, RejectedError} from '../../errors.js';
import {describeRoute, describeRouteChange, fullRouteName, isDerived, nameRoute} from '../../routes.js';
import type {CompletedTable, Merged, Toleration} from '../../spool/format.js';
import {blankReason} from '../../spool/tolerated.js';
import type {ApiRoute, Route} from '../../table.js';
import type {Docebo} from '../docebo.js';
import {isRouteRefusal} from '../http/policy.js';
import {List} from '../lists/list.js';
import {type LandedPage, type Miscount, warnOfUnproved} from '../lists/list-context.js';
import {PageFormat} from '../lists/page.js';
import {UnfitRouteError} from '../lists/unfit-route.js';
import {CannotMergeError} from '../merge/cannot-merge.js';
import {CarriedLists} from '../merge/carried-lists.js';
import {hasChanges, ListMerge} from '../merge/merge-list.js';
import type {ChildRoute} from './child-list.js';
import {derive} from './derive.js';
import {FanOut, type FanOutContext} from './fan-out.js';
import {type Merging, orderRoutes, readParents, type TakenBase, takeBase} from './merge-table.js';
import {ExportReader, type ReadExportContext} from './read-export.js';
import {TreeReader} from './read-tree.js';
import type {RouteMemory} from './route-memory.js';

/*
 * The way of a page from its request to the spool:
 *
 * Extractor      extract.ts: opens the spool of a table, and completes it once a TableReader has proved that the table is whole.
 * TableReader    Chooses a route, and follows the pages that it gives. Each has landed when it comes by here.
 *                The pages are those of one list (List), of a list for each parent (FanOut) or for each node (TreeReader), or they
 *                are made of the rows of another table (derive) or of a report (ExportReader).
 * List           lists/list.ts: says which pages to read, reads them side by side, notes each among its Readings and lands it.
 * PageRequests   lists/page-requests.ts: sends the request by Client.get, which has PageFormat.read cut the reply into records.
 * TableSpool     spool/table-spool.ts: accepts the page, and writes it together with others that have come meanwhile (SpoolFiles).
 */

export interface TableContext extends FanOutContext, ReadExportContext, Pick<Docebo, 'budget' | 'onEvent'> {
  readonly memory: RouteMemory;
  /** Left out if tables are read whole. */
  readonly merging?: Merging | undefined;
}

/** What reading a table proved. */
export interface Proof extends Pick<CompletedTable, 'route' | 'total' | 'moved'> {
  /** Null if no list was read, because every parent was refused or there is none. */
  readonly served: Route | null;
  readonly tolerated: readonly Toleration[];
  /** Lists of which only the count was wrong, which is accepted. */
  readonly miscounts: readonly Miscount[];
  readonly warnings: readonly string[];
  /** Why the whole table was read, although a merge was asked for. */
  readonly reason?: string;
  /** Set if it was merged. */
  readonly merged?: Merged;
  /** Changes from this moment on may be missing. Milliseconds since 1970. @default when the table was begun */
  readonly askedAtMs?: number;
}

/** Whether Docebo refuses a table: its list, or the lists of too many parents. */
export function isRefusal(error: unknown): error is RejectedError | RefusedListsError {
  return isRouteRefusal(error) || error instanceof RefusedListsError;
}

export function isChild(route: Route): route is ChildRoute {
  return !isDerived(route) && route.parent !== undefined;
}

/**
 * Reads a table by the route that has served it before, or else by the first that the tenant serves. A route that has served it is never left for
 * another; any other route is left once it was refused twice.
 */
export class TableReader {
  readonly #context: TableContext;
  readonly #export: ExportReader | undefined;
  /** Records that have landed by the current route. */
  #landed = 0;
  #hasAnswer = false;
  /** What to merge with. */
  #taken: TakenBase | undefined;
  #reason: string | undefined;

  constructor(context: TableContext) {
    this.#context = context;
    const {exportOf} = context.table;
    this.#export = exportOf && new ExportReader(exportOf, context);
  }

  /** Whether any list of the table was answered, be it without records. */
  get hasAnswer(): boolean {
    return this.#hasAnswer;
  }

  /** Throws if no route is served. */
  async read(): Promise<Proof> {
    const {table, memory, merging} = this.#context;
    const {held, before, warnings} = await memory.recall(table);
    if (merging !== undefined) await this.#takeBase(held, merging);
    const proof = held === undefined ? await this.#readFirst(before, warnings) : await this.#readHeld(held);
    return {...proof, ...(this.#reason !== undefined && {reason: this.#reason})};
  }

  async #takeBase(held: Route | undefined, merging: Merging): Promise<void> {
    const {table, spool, clock, pageSize} = this.#context;
    const nowMs = (clock.wall ?? clock.now)();
    const taken = await takeBase({table, held, merging, nowMs, pageSize}, spool);
    if (taken === null) return;
    if (typeof taken !== 'string') this.#taken = taken;
    else await this.#beginWhole(taken);
  }

  /** What was merged does not count once the whole table is read. What an earlier run has landed of that stays. */
  async #beginWhole(reason: string): Promise<void> {
    const {spool} = this.#context;
    [this.#taken, this.#reason] = [undefined, reason];
    if (spool.before.wholeBecause === null) await spool.beginWhole(reason);
  }

  async #readFirst(before: string | null, warnings: readonly string[]): Promise<Proof> {
    const {table, merging} = this.#context;
    const told = [...warnings];
    let unfit = '.';
    const all = merging === undefined ? table.routes : orderRoutes(table, this.#taken);
    for (const [index, route] of all.entries()) {
      const routes = all.slice(index);
      const isLast = isChild(route) || routes.length === 1;
      const result = await this.#readUnlessRefused(routes, isLast ? 1 : 2);
      if (result instanceof UnfitRouteError) {
        unfit = `: ${result.message}`;
        continue;
      }
      if (!(result instanceof RejectedError)) {
        const now = result.served === null ? before : fullRouteName(result.served);
        const change = before === null || before === now ? [] : [describeRouteChange(before, now)];
        return {...result, warnings: [...told, ...change, ...result.warnings]};
      }
      if (isLast) throw result;
      told.push(`${describeRoute(table, route)} is not served here (${result.status}).`);
    }
    throw new IncompleteError(`${table.name} has no route that this tenant serves${unfit}`);
  }

  async #readHeld(held: Route): Promise<Proof> {
    const {table} = this.#context;
    const others = table.routes.filter(route => route !== held);
    try {
      const proof = await this.#readRoute([held]);
      const earlier = table.routes.slice(0, table.routes.indexOf(held)).map(route => describeRoute(table, route));
      const change = 'With --allow-route-change the others are asked first';
      const warnings =
        earlier.length === 0
          ? []
          : [`Read by ${describeRoute(table, held)}, as before. ${change}: ${earlier.join(', ')}.`];
      return {...proof, warnings: [...proof.warnings, ...warnings]};
    } catch (error) {
      const isUnfit = error instanceof UnfitRouteError;
      if (!(isUnfit || isRefusal(error)) || others.length === 0) throw error;
      throw new IncompleteError(
        `${error.message} ${describeRoute(table, held)} has served ${table.name} before, so no other route is taken.`,
        {
          hint: `${isUnfit ? '' : (error.hint ?? '')} If it is gone for good, --allow-route-change takes another route, which may give other columns.`.trim(),
          cause: error,
        },
      );
    }
  }

  /** Returns the refusal if the first route is refused `times` times, and what makes it unfit. Records of two routes are not mixed. */
  async #readUnlessRefused(routes: readonly Route[], times: number): Promise<Proof | RejectedError | UnfitRouteError> {
    try {
      return await this.#readRoute(routes);
    } catch (error) {
      if (error instanceof UnfitRouteError) {
        if (this.#landed > 0) await this.#context.spool.empty();
        return error;
      }
      if (!isRouteRefusal(error) || this.#landed > 0) throw error;
      return times === 1 ? error : this.#readUnlessRefused(routes, times - 1);
    }
  }

  /** Reads by the first route, page after page as they land, and reports each. */
  async #readRoute(routes: readonly Route[]): Promise<Proof> {
    try {
      return await this.#follow(this.#pagesOf(routes));
    } catch (error) {
      if (!(error instanceof CannotMergeError)) throw error;
      const {table, merging} = this.#context;
      if (error.isDistrust) await merging?.bases.distrust(table.name, error.message).catch(() => undefined);
      await this.#beginWhole(error.message);
      return this.#follow(this.#pagesOf(routes));
    }
  }

  async #follow(pages: AsyncGenerator<LandedPage, Proof>): Promise<Proof> {
    this.#landed = 0;
    let next = await pages.next();
    for (; !next.done; next = await pages.next()) {
      this.#landed += next.value.records;
      this.#hasAnswer = true;
      if (!next.value.hasLandedBefore) this.#tell(next.value);
    }
    return next.value;
  }

  #tell({total}: LandedPage): void {
    const {table, spool, calls, budget, onEvent} = this.#context;
    onEvent({
      type: 'page_landed',
      table: table.name,
      records: spool.count,
      // Pages that are read again land beside the earlier ones.
      expected: total !== null && spool.count <= total ? total : null,
      requests: calls.made,
      requestsExpected: calls.expected,
      calls: budget.outlook(),
    });
  }

  /** The pages of the first route or, if it is one for children, of whichever of these routes the tenant serves. */
  async *#pagesOf(routes: readonly Route[]): AsyncGenerator<LandedPage, Proof> {
    const [route] = routes;
    if (route === undefined) throw new TypeError('There is no route to read by.');
    if (this.#taken?.route === route && this.#context.merging !== undefined)
      return yield* this.#merge(this.#taken, this.#context.merging);
    if (isChild(route)) return yield* new FanOut(routes.filter(isChild), this.#context).read();
    const proof = {route: nameRoute(route), served: route, total: null, moved: false, tolerated: [], miscounts: []};
    if (isDerived(route)) return {...proof, ...(yield* derive(route, this.#context))};
    if (this.#export !== undefined) return {...proof, ...(yield* this.#export.read(route))};
    return yield* this.#readBulk(route);
  }

  /** The pages of a merge: those that are read, and those that are carried over. */
  async *#merge({base, route}: TakenBase, merging: Merging): AsyncGenerator<LandedPage, Proof> {
    const {table, spool, clock, readParent} = this.#context;
    const {choices, asked, random = Math.random} = merging;
    if (isChild(route)) {
      const times = {nowMs: (clock.wall ?? clock.now)(), ...choices};
      const carried = await CarriedLists.open(base, table, times);
      try {
        const proof = yield* new FanOut([route], {...this.#context, carried}).read();
        // Lists are carried over on the word of their parents, so they are no newer than those; nor than what an earlier run has landed.
        const {readAt} = await readParent(route.parent.table);
        const words = [readAt, spool.before.readAt].flatMap(at => (at === null ? [] : [Date.parse(at)]));
        return {...proof, merged: carried.tell(), askedAtMs: Math.min(times.nowMs, ...words)};
      } finally {
        await carried.close();
      }
    }
    if (!hasChanges(route)) throw new TypeError(`${route.path} cannot be merged.`);
    const parents = async () => readParents(route.changes, asked, readParent);
    const merge = new ListMerge(route, {...this.#context, base, choices, random, readParents: parents});
    const outcome = yield* merge.read();
    return {route: route.path, served: route, tolerated: [], miscounts: [], warnings: [], ...outcome};
  }

  /** The one list of a table, or the tree that hangs from it. */
  async *#readBulk(route: ApiRoute): AsyncGenerator<LandedPage, Proof> {
    const {table, pageSize, spool, calls} = this.#context;
    const format = new PageFormat(table, route, pageSize);
    const first = format.name({number: 1, bound: {}, extra: {}});
    calls.plan(spool.landedBefore(first).length > 0);
    const served = {route: route.path, served: route, tolerated: []};
    if (route.descend !== undefined)
      return {...served, ...(yield* new TreeReader(table, format, route.descend, this.#context).read())};
    const {total, moved, blank, isUnproved, miscount} = yield* new List(format, this.#context).read();
    const miscounts = miscount === undefined ? [] : [miscount];
    const warnings = [
      ...(blank === null ? [] : [`${blankReason} It came twice.`]),
      ...warnOfUnproved(isUnproved === true ? 1 : 0),
    ];
    return {...served, total, moved, miscounts, warnings};
  }
}
