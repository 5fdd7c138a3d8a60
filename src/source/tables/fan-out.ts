import type {Accepted} from '../../choices.js';
import {IncompleteError, RefusedListsError, RejectedError} from '../../errors.js';
import type {SpooledTable, Toleration} from '../../spool/format.js';
import type {TableSpool} from '../../spool/table-spool.js';
import {type Refusal, tallyTolerated} from '../../spool/tolerated.js';
import type {Table} from '../../table.js';
import {isRouteRefusal} from '../http/policy.js';
import {
  type LandedPage,
  type ListContext,
  type ListOutcome,
  type Miscount,
  warnOfUnproved,
} from '../lists/list-context.js';
import {PageFormat} from '../lists/page.js';
import {visitParallel} from '../lists/parallel.js';
import {CannotMergeError} from '../merge/cannot-merge.js';
import type {CarriedLists} from '../merge/carried-lists.js';
import {lookAt} from '../merge/look.js';
import {ChildList, type ChildRoute} from './child-list.js';
import {listParents} from './parents.js';
import {SameLists} from './same-lists.js';

export interface FanOutContext extends ListContext {
  readonly accept: Accepted;
  readonly table: Table;
  readonly pageSize: number;
  readonly spool: TableSpool;
  /** Reads the whole parent. */
  readonly readParent: (parent: Table) => Promise<SpooledTable>;
  /** Lists that need not be read, if the table is merged. */
  readonly carried?: CarriedLists;
}

export interface FanOutOutcome extends Pick<ListOutcome, 'total' | 'moved'> {
  /** Path of the route that served the table. */
  readonly route: string;
  /** Null if every parent was refused, or if there was none to ask. */
  readonly served: ChildRoute | null;
  readonly miscounts: readonly Miscount[];
  readonly tolerated: readonly Toleration[];
  readonly warnings: readonly string[];
}

/** What one parent's list gave: a number of records, or a refusal if the route is not served or the parent is gone. */
type Answer = number | RejectedError | 'tolerated';

/** A route that may serve the table, with the lists of all parents. */
interface Candidate {
  readonly route: ChildRoute;
  readonly lists: readonly ChildList[];
}

/** One parent in ten, or three, may well have been deleted since they were listed; if there are few, at most a third of them. */
function mostGone(parents: number): number {
  return Math.max(parents / 10, Math.min(3, parents / 3), 1);
}

/** A few parents may all have been deleted, which says nothing about the route. */
const leastWhole = 3;

/**
 * A list of lists: reads one for each parent, and yields the pages of them all. The first parents, one after the other, show which of several routes
 * the tenant serves; the rest are read in parallel by that route alone. Throws unless every parent is read, or tolerated for a reason.
 */
export class FanOut {
  readonly #routes: readonly ChildRoute[];
  readonly #context: FanOutContext;
  readonly #tolerated: Refusal[] = [];
  /** Lists whose parent is said to be gone. */
  readonly #gone: Refusal[] = [];
  /** Lists that are asked for again at the end, before their parents are taken for gone. */
  readonly #doubted: ChildList[] = [];
  /** Statuses that refused a route twice for one parent. */
  readonly #confirmed = new Map<ChildRoute, Set<number>>();
  readonly #miscounts: Miscount[] = [];
  readonly #sameLists: SameLists;
  /** Whether any refusal came from something in front of Docebo. */
  #isPage = false;
  #total = 0;
  #moved = false;
  #emptyThoughCounted = 0;
  #unproved = 0;

  constructor(routes: readonly ChildRoute[], context: FanOutContext) {
    this.#routes = routes;
    this.#context = context;
    this.#sameLists = new SameLists(context.table);
  }

  async *read(): AsyncGenerator<LandedPage, FanOutOutcome> {
    const {table, calls} = this.#context;
    const candidates = await this.#listCandidates();
    const [first] = candidates;
    if (first === undefined) {
      const lacking = this.#routes.map(({path}) => path).join(', ');
      throw new IncompleteError(`No route of ${table.name} can be used: the parents lack what ${lacking} need.`);
    }
    const {carried} = this.#context;
    const asked = yield* this.#carryOver(candidates);
    const count = asked[0]?.lists.length ?? 0;
    calls.planFirst(count);
    calls.expect(asked[0]?.lists.filter(list => !this.#isKnown(list)).length ?? 0);
    let served: Candidate | undefined;
    let next = 0;
    while (served === undefined && next < count) served = yield* this.#probe(asked, next++);
    if (served !== undefined) yield* this.#readRest(served, next);
    if (carried === undefined || !(await this.#isServed(first, asked[0]))) this.#refuseTooManyGone(count);
    else this.#refuseTooManyGone(first.lists.length);
    yield* this.#askDoubted();
    const {route} = served ?? first;
    this.#sameLists.refuse(route);
    return {
      route: route.path,
      // What is carried over was read by that route.
      served: served?.route ?? (this.#context.carried === undefined ? null : first.route),
      total: this.#total,
      moved: this.#moved,
      miscounts: this.#miscounts,
      tolerated: tallyTolerated(this.#tolerated),
      warnings: [...this.#warn(route), ...warnOfUnproved(this.#unproved)],
    };
  }

  /** Lands what need not be read. Returns the candidates with the lists that are left. */
  async *#carryOver(candidates: readonly Candidate[]): AsyncGenerator<LandedPage, readonly Candidate[]> {
    const {carried, spool} = this.#context;
    if (carried === undefined) return candidates;
    const left: Candidate[] = [];
    for (const {route, lists} of candidates) {
      const asked: ChildList[] = [];
      for (const list of lists) {
        const landed = spool.before.boundTo(list.bound);
        if (!carried.holds(list, landed)) {
          asked.push(list);
          continue;
        }
        const {records, refusal} = yield* carried.carry(list, this.#context, landed.length);
        this.#total += records;
        if (refusal !== undefined) {
          this.#tolerated.push(refusal);
          if (spool.toleratedBefore(list.request) === undefined) await spool.tolerate(refusal);
        }
      }
      left.push({route, lists: asked});
    }
    return left;
  }

  /** Whether a list that was carried over is served today: the few that were asked for, if all were refused, do not show it. */
  async #isServed({lists, route}: Candidate, asked: Candidate | undefined): Promise<boolean> {
    const {carried, table, pageSize} = this.#context;
    if (this.#gone.length === 0) return true;
    const probe = lists.find(list => carried?.hasRows(list) && !asked?.lists.includes(list));
    if (probe === undefined) return false;
    try {
      await lookAt(new PageFormat(table, route, pageSize), this.#context, 1, {}, probe.bound);
      return true;
    } catch (error) {
      if (isRouteRefusal(error)) return false;
      throw error;
    }
  }

  /** A list may have been emptied since, or may be hidden from the credential. */
  #warn({parent}: ChildRoute): readonly string[] {
    const empty = this.#emptyThoughCounted;
    if (empty === 0) return [];
    const counts = parent.skipIfZero?.join(', ');
    return [`${empty} of its lists came empty, though ${counts} in ${parent.table.name} counts some.`];
  }

  /** Whether an earlier run has an answer for the list. */
  #isKnown({request}: ChildList): boolean {
    const {spool} = this.#context;
    return spool.landedBefore(request).length > 0 || spool.toleratedBefore(request) !== undefined;
  }

  async #listCandidates(): Promise<readonly Candidate[]> {
    const {table, pageSize, accept, readParent} = this.#context;
    const candidates: Candidate[] = [];
    for (const route of this.#routes) {
      const spooled = await readParent(route.parent.table);
      const {bounds, counted, states, lacking} = await listParents(route.parent, spooled, accept);
      if (lacking !== null) continue;
      const format = new PageFormat(table, route, pageSize);
      const lists = bounds.map(bound => {
        const isCounted = route.record !== undefined || counted.has(bound);
        return new ChildList(route, format, bound, {isCounted, parent: states.get(bound) ?? {}});
      });
      candidates.push({route, lists});
    }
    return candidates;
  }

  #readRest({lists}: Candidate, from: number): AsyncGenerator<LandedPage, void> {
    return visitParallel({
      items: lists.slice(from),
      width: this.#context.parallelism,
      visit: list => this.#readOrTolerate(list),
      describe: failed => `${failed} of ${lists.length} lists of ${this.#context.table.name}`,
      nameRequest: ({request}) => request,
    });
  }

  async *#readOrTolerate(list: ChildList): AsyncGenerator<LandedPage, void> {
    const answer = yield* this.#readOne(list);
    if (answer instanceof RejectedError) await this.#tolerateOrDoubt(list, answer);
  }

  /** An empty answer of a fallback proves nothing: the parent may simply have no children, which the first route calls 404. */
  async *#probe(candidates: readonly Candidate[], index: number): AsyncGenerator<LandedPage, Candidate | undefined> {
    const refusals: RejectedError[] = [];
    const [first] = candidates;
    for (const [place, candidate] of candidates.entries()) {
      const list = candidate.lists[index];
      if (list === undefined) continue;
      const isLast = place === candidates.length - 1;
      const answer = yield* isLast ? this.#readOne(list) : this.#readOneConfirmed(list);
      if (answer instanceof RejectedError) refusals.push(answer);
      else if (answer === 'tolerated') return undefined;
      else return candidate === first || answer > 0 ? candidate : undefined;
    }
    const list = first?.lists[index];
    const [refusal] = refusals;
    if (list !== undefined && refusal !== undefined) await this.#tolerateOrDoubt(list, refusal);
    return undefined;
  }

  /**
   * Asks again if the list is refused, before another route is tried. Once for each status is enough, since the next parents will be refused alike.
   */
  async *#readOneConfirmed(list: ChildList): AsyncGenerator<LandedPage, Answer> {
    const answer = yield* this.#readOne(list);
    if (!(answer instanceof RejectedError)) return answer;
    const statuses = this.#confirmed.get(list.route) ?? new Set();
    if (statuses.has(answer.status ?? 0)) return answer;
    const again = yield* this.#readOne(list);
    if (again instanceof RejectedError) this.#confirmed.set(list.route, statuses.add(again.status ?? 0));
    return again;
  }

  /** Reads the list of one parent. A part of a list is not an answer. */
  async *#readOne(child: ChildList): AsyncGenerator<LandedPage, Answer> {
    const before = this.#context.spool.toleratedBefore(child.request);
    if (before !== undefined) {
      this.#tolerated.push(before);
      if (child.isGone(before)) this.#gone.push(before);
      return 'tolerated';
    }
    const list = child.open(this.#context);
    try {
      const {carried} = this.#context;
      const pages = carried?.watch(child, list.read()) ?? list.read();
      const {records, total, moved, blank, isUnproved, miscount} = yield* this.#sameLists.watch(child.route, pages);
      this.#total += total;
      this.#moved ||= moved;
      if (isUnproved) this.#unproved++;
      if (miscount !== undefined) this.#miscounts.push(miscount);
      if (blank !== null) await this.#tolerate(child.explainBlank(blank));
      if (records === 0 && child.isCounted) this.#emptyThoughCounted++;
      return records;
    } catch (error) {
      if (!isRouteRefusal(error)) throw error;
      if (list.records === 0) return error;
      throw new IncompleteError(
        `A list of ${this.#context.table.name} broke off after ${list.records} records: ${error.message}`,
        {missing: [error.request], cause: error},
      );
    }
  }

  async #tolerateOrDoubt(list: ChildList, error: RejectedError): Promise<void> {
    const refusal = list.explain(error);
    this.#isPage ||= error.isPage;
    if (!list.isGone(refusal)) return this.#tolerate(refusal);
    this.#gone.push(refusal);
    this.#doubted.push(list);
  }

  async #tolerate(refusal: Refusal): Promise<void> {
    this.#tolerated.push(refusal);
    await this.#context.spool.tolerate({...refusal, extracted_at: new Date().toISOString()});
  }

  /** Costs one more call for each parent that is gone, and reads those that were refused only for a moment. */
  async *#askDoubted(): AsyncGenerator<LandedPage, void> {
    const {parallelism, table, calls} = this.#context;
    calls.expect(this.#doubted.length);
    yield* visitParallel({
      items: this.#doubted,
      width: parallelism,
      visit: list => this.#askOnceMore(list),
      describe: failed => `${failed} lists of ${table.name} that were refused`,
      nameRequest: ({request}) => request,
    });
  }

  async *#askOnceMore(list: ChildList): AsyncGenerator<LandedPage, void> {
    const answer = yield* this.#readOne(list);
    if (answer instanceof RejectedError) await this.#tolerate(list.explain(answer));
  }

  /** Some parents are deleted during a run. If there are more of them, the route is not served, or a right was taken away. */
  #refuseTooManyGone(parents: number): void {
    const gone = this.#gone.length;
    if (gone === 0 || (gone <= mostGone(parents) && gone < parents)) return;
    // The few lists that were asked for do not show whether those that were carried over would be refused too.
    if (this.#context.carried !== undefined)
      throw new CannotMergeError(`${gone} of the ${parents} lists that were asked for were refused.`);
    const statuses = tallyTolerated(this.#gone).map(({status, count: times}) => `${status} × ${times}`);
    throw new RefusedListsError(
      `${gone} of the ${parents} parents of ${this.#context.table.name} could not be read: ${statuses.join(', ')}.`,
      {
        hint: 'The tenant does not serve this table, or the credential may not read it.',
        isWhole: gone === parents && parents >= leastWhole && !this.#isPage,
      },
    );
  }
}
