import type {Accepted} from '../../choices.js';
import {IncompleteError, RefusedListsError, RejectedError} from '../../errors.js';
import type {SpooledTable, Toleration} from '../../spool/format.js';
import type {TableSpool} from '../../spool/table-spool.js';
import {blankReason, type Refusal, tallyTolerated} from '../../spool/tolerated.js';
import type {ApiRoute, Parent, Table} from '../../table.js';
import {isRouteRefusal} from '../http/policy.js';
import {List} from '../lists/list.js';
import type {LandedPage, ListContext, ListOutcome, Miscount} from '../lists/list-context.js';
import {PageFormat} from '../lists/page.js';
import {visitParallel} from '../lists/parallel.js';
import type {Bound} from '../lists/request.js';
import {listParents, type Parents} from './parents.js';

export type ChildRoute = ApiRoute & {readonly parent: Parent};

export interface FanOutContext extends ListContext {
  readonly accept: Accepted;
  readonly table: Table;
  readonly pageSize: number;
  readonly spool: TableSpool;
  /** The parent, read whole. */
  readonly readParent: (parent: Table) => Promise<SpooledTable>;
}

export interface FanOutOutcome extends Pick<ListOutcome, 'total' | 'moved'> {
  /** Path of the route that served the table. */
  readonly route: string;
  /** Null if every parent was refused, or none was to be asked. */
  readonly served: ChildRoute | null;
  readonly miscounts: readonly Miscount[];
  readonly tolerated: readonly Toleration[];
  readonly warnings: readonly string[];
}

/** What came of one parent's list: how many records; or a refusal, if the route is not served or the parent is gone. */
type Answer = number | RejectedError | 'tolerated';

/** One parent in ten may be gone since it was listed without anybody wondering, or three; of a few, no more than a third. */
function mostGone(parents: number): number {
  return Math.max(parents / 10, Math.min(3, parents / 3), 1);
}

interface Candidate {
  readonly format: PageFormat;
  readonly route: ChildRoute;
  readonly parents: Parents;
}

/** A parent's list that was refused. */
interface Doubted {
  readonly candidate: Candidate;
  readonly bound: Bound;
}

/**
 * A list of lists: reads one for each parent, and yields the pages of them all. Which of several routes the tenant serves is learned from the first parents, one after the
 * other; the rest are read in parallel by that route alone. Every parent is read, or tolerated with a reason, or it throws.
 */
export class FanOut {
  readonly #routes: readonly ChildRoute[];
  readonly #context: FanOutContext;
  readonly #tolerated: Refusal[] = [];
  /** Those whose parent is said to be gone. */
  readonly #gone: Refusal[] = [];
  /** Those that are asked once more at the end, before they are taken for gone. */
  readonly #doubted: Doubted[] = [];
  /** Statuses with which a route was refused twice for one parent. */
  readonly #confirmed = new Map<ChildRoute, Set<number>>();
  readonly #miscounts: Miscount[] = [];
  #total = 0;
  #moved = false;
  #emptyThoughCounted = 0;

  constructor(routes: readonly ChildRoute[], context: FanOutContext) {
    this.#routes = routes;
    this.#context = context;
  }

  async *read(): AsyncGenerator<LandedPage, FanOutOutcome> {
    const {table, calls} = this.#context;
    const candidates = await this.#listCandidates();
    const [first] = candidates;
    if (first === undefined) {
      const lacking = this.#routes.map(({path}) => path).join(', ');
      throw new IncompleteError(`No route of ${table.name} can be used: the parents lack what ${lacking} need.`);
    }
    const count = first.parents.bounds.length;
    calls.planFirst(count);
    calls.expect(first.parents.bounds.filter(bound => !this.#isKnown(first, bound)).length);
    let served: Candidate | undefined;
    let next = 0;
    while (served === undefined && next < count) served = yield* this.#probe(candidates, next++);
    if (served !== undefined) yield* this.#readRest(served, next);
    this.#refuseTooManyGone(count);
    yield* this.#askDoubted();
    const tolerated = tallyTolerated(this.#tolerated);
    const {route} = served ?? first;
    return {
      route: route.path,
      served: served?.route ?? null,
      total: this.#total,
      moved: this.#moved,
      miscounts: this.#miscounts,
      tolerated,
      warnings: this.#warn(route),
    };
  }

  /** A list may have been emptied since, or the credential may not see it. */
  #warn({parent}: ChildRoute): readonly string[] {
    const empty = this.#emptyThoughCounted;
    if (empty === 0) return [];
    const counts = parent.skipIfZero?.join(', ');
    return [`${empty} of its lists came empty, though ${counts} in ${parent.table.name} counts some.`];
  }

  /** Whether an earlier run had an answer for it. */
  #isKnown(candidate: Candidate, bound: Bound): boolean {
    const request = firstRequest(candidate, bound);
    const {spool} = this.#context;
    return spool.landedBefore(request).length > 0 || spool.toleratedBefore(request) !== undefined;
  }

  async #listCandidates(): Promise<readonly Candidate[]> {
    const {table, pageSize, accept, readParent} = this.#context;
    const candidates: Candidate[] = [];
    for (const route of this.#routes) {
      const parents = await listParents(route.parent, await readParent(route.parent.table), accept);
      if (parents.lacking === null) candidates.push({route, parents, format: new PageFormat(table, route, pageSize)});
    }
    return candidates;
  }

  #readRest(candidate: Candidate, from: number): AsyncGenerator<LandedPage, void> {
    const {bounds} = candidate.parents;
    return visitParallel({
      items: bounds.slice(from),
      width: this.#context.parallelism,
      visit: bound => this.#readOrTolerate(candidate, bound),
      describe: failed => `${failed} of ${bounds.length} lists of ${this.#context.table.name}`,
      nameRequest: bound => firstRequest(candidate, bound),
    });
  }

  async *#readOrTolerate(candidate: Candidate, bound: Bound): AsyncGenerator<LandedPage, void> {
    const answer = yield* this.#readOne(candidate, bound);
    if (answer instanceof RejectedError) await this.#tolerate(candidate, bound, answer);
  }

  /** An empty answer of a fallback proves nothing: the parent may simply have no children, which the first route calls 404. */
  async *#probe(candidates: readonly Candidate[], index: number): AsyncGenerator<LandedPage, Candidate | undefined> {
    const refusals: RejectedError[] = [];
    const [first] = candidates;
    for (const [place, candidate] of candidates.entries()) {
      const bound = candidate.parents.bounds[index];
      if (bound === undefined) continue;
      const isLast = place === candidates.length - 1;
      const answer = yield* isLast ? this.#readOne(candidate, bound) : this.#readOneConfirmed(candidate, bound);
      if (answer instanceof RejectedError) refusals.push(answer);
      else if (answer === 'tolerated') return undefined;
      else return candidate === first || answer > 0 ? candidate : undefined;
    }
    const [refusal] = refusals;
    const bound = first?.parents.bounds[index];
    if (refusal !== undefined && first !== undefined && bound !== undefined)
      await this.#tolerate(first, bound, refusal);
    return undefined;
  }

  /** Asks once more if it is refused, before another route is tried: once for each status, for the next parents will be refused alike. */
  async *#readOneConfirmed(candidate: Candidate, bound: Bound): AsyncGenerator<LandedPage, Answer> {
    const answer = yield* this.#readOne(candidate, bound);
    if (!(answer instanceof RejectedError)) return answer;
    const statuses = this.#confirmed.get(candidate.route) ?? new Set();
    if (statuses.has(answer.status ?? 0)) return answer;
    const again = yield* this.#readOne(candidate, bound);
    if (again instanceof RejectedError) this.#confirmed.set(candidate.route, statuses.add(again.status ?? 0));
    return again;
  }

  /** Reads the list of one parent. A part of a list is no answer. */
  async *#readOne(candidate: Candidate, bound: Bound): AsyncGenerator<LandedPage, Answer> {
    const before = this.#context.spool.toleratedBefore(firstRequest(candidate, bound));
    if (before !== undefined) {
      this.#tolerated.push(before);
      if (isGone(candidate, before)) this.#gone.push(before);
      return 'tolerated';
    }
    const list = new List(candidate.format, this.#context, {bound});
    try {
      const {records, total, moved, blank, miscount} = yield* list.read();
      this.#total += total;
      this.#moved ||= moved;
      if (miscount !== undefined) this.#miscounts.push(miscount);
      if (blank !== null) await this.#tolerateBlank(candidate, bound, blank);
      if (records === 0 && candidate.parents.counted.has(bound)) this.#emptyThoughCounted++;
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

  async #tolerate(candidate: Candidate, bound: Bound, error: RejectedError): Promise<void> {
    const refusal = explain(candidate, bound, error);
    if (isGone(candidate, refusal)) {
      this.#gone.push(refusal);
      this.#doubted.push({candidate, bound});
      return;
    }
    this.#tolerated.push(refusal);
    await this.#context.spool.tolerate(refusal);
  }

  /** A reply that holds no list stands for an empty one, unless the parent knows better. */
  async #tolerateBlank(candidate: Candidate, bound: Bound, status: number): Promise<void> {
    if (candidate.parents.counted.has(bound)) throw refuseNone(candidate, bound, status);
    const tolerated = {request: firstRequest(candidate, bound), status, reason: blankReason};
    this.#tolerated.push(tolerated);
    await this.#context.spool.tolerate(tolerated);
  }

  /** A parent that is gone costs a call more, and one that was refused for a moment is read. */
  async *#askDoubted(): AsyncGenerator<LandedPage, void> {
    const {parallelism, table, calls} = this.#context;
    calls.expect(this.#doubted.length);
    yield* visitParallel({
      items: this.#doubted,
      width: parallelism,
      visit: doubted => this.#askOnceMore(doubted),
      describe: failed => `${failed} lists of ${table.name} that were refused`,
      nameRequest: ({candidate, bound}) => firstRequest(candidate, bound),
    });
  }

  async *#askOnceMore({candidate, bound}: Doubted): AsyncGenerator<LandedPage, void> {
    const answer = yield* this.#readOne(candidate, bound);
    if (!(answer instanceof RejectedError)) return;
    const refusal = explain(candidate, bound, answer);
    this.#tolerated.push(refusal);
    await this.#context.spool.tolerate(refusal);
  }

  /** Some parents are deleted while a run goes on; more of them are a route that is not served, or a right that was taken away. */
  #refuseTooManyGone(parents: number): void {
    const gone = this.#gone.length;
    if (gone === 0 || (gone <= mostGone(parents) && gone < parents)) return;
    const statuses = tallyTolerated(this.#gone).map(({status, count: times}) => `${status} × ${times}`);
    throw new RefusedListsError(
      `${gone} of the ${parents} parents of ${this.#context.table.name} could not be read: ${statuses.join(', ')}.`,
      {hint: 'The tenant does not serve this table, or the credential may not read it.'},
    );
  }
}

/** Why a refused list may be, or it throws. */
function explain(candidate: Candidate, bound: Bound, refusal: RejectedError): Refusal {
  const {parents, route} = candidate;
  const status = refusal.status ?? 0;
  const {tolerate, emptyOn} = route;
  const isCounted = parents.counted.has(bound);
  const reason = (isCounted ? undefined : emptyOn?.[status]) ?? tolerate?.[status];
  if (reason === undefined && isCounted && emptyOn?.[status] !== undefined)
    throw refuseNone(candidate, bound, status, refusal);
  if (reason === undefined) throw refusal;
  return {request: firstRequest(candidate, bound), status, reason};
}

function refuseNone(candidate: Candidate, bound: Bound, status: number, cause?: RejectedError): IncompleteError {
  const {table, skipIfZero = []} = candidate.route.parent;
  const request = firstRequest(candidate, bound);
  return new IncompleteError(
    `${request} was answered by ${status}, as if there were none, but ${skipIfZero.join(', ')} of its row in ${table.name} says that there are.`,
    {missing: [request], cause},
  );
}

function isGone({route}: Candidate, {status, reason}: Refusal): boolean {
  return reason === route.tolerate?.[status];
}

function firstRequest({format}: Candidate, bound: Bound): string {
  return `GET ${format.ask({number: 1, bound, extra: {}})}`;
}
