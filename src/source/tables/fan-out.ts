import type {Accepted} from '../../choices.js';
import {IncompleteError, isSetback, RefusedListsError, RejectedError} from '../../errors.js';
import type {SpooledTable, ToleratedRequest, Toleration} from '../../spool/format.js';
import {blankReason, type Refusal, tallyTolerated} from '../../spool/tolerated.js';
import type {ApiRoute, Parent, Table} from '../../table.js';
import {isRouteRefusal} from '../http/policy.js';
import {readList} from '../lists/list.js';
import {countLanded, type ListContext, type ListOutcome} from '../lists/list-context.js';
import {PageFormat} from '../lists/page.js';
import {refuseMissing, visitParallel} from '../lists/parallel.js';
import type {Bound} from '../lists/request.js';
import {listParents, type Parents} from './parents.js';

export type ChildRoute = ApiRoute & {readonly parent: Parent};

export interface FanOutContext extends ListContext {
  readonly accept: Accepted;
  readonly table: Table;
  readonly pageSize: number;
  /** So many calls are planned. */
  readonly onPlan: (calls: number) => void;
  readonly tolerate: (refusal: Refusal) => Promise<void>;
  /** The refusal that an earlier run tolerated, if it is resumed. */
  readonly toleratedBefore: (request: string) => ToleratedRequest | undefined;
  readonly spooledParent: (table: Table) => Promise<SpooledTable>;
}

export interface FanOutOutcome extends Pick<ListOutcome, 'total' | 'moved'> {
  /** Path of the route that served the table. */
  readonly route: string;
  /** Null if every parent was refused, or none was to be asked. */
  readonly served: ChildRoute | null;
  readonly tolerated: readonly Toleration[];
  readonly warnings: readonly string[];
}

/** One parent in ten may be gone since it was listed without anybody wondering, or three; of a few, no more than a third. */
function mostGone(parents: number): number {
  return Math.max(parents / 10, Math.min(3, parents / 3), 1);
}

interface Candidate {
  readonly format: PageFormat;
  readonly route: ChildRoute;
  readonly parents: Parents;
}

/**
 * Reads one list for each parent. Which of several routes the tenant serves is learned from the first parents, one after the
 * other; the rest are read in parallel by that route alone. Every parent is read, or tolerated with a reason, or it throws.
 */
export class FanOut {
  readonly #routes: readonly ChildRoute[];
  readonly #context: FanOutContext;
  readonly #tolerated: Refusal[] = [];
  /** Those whose parent is said to be gone. */
  readonly #gone: Refusal[] = [];
  /** Those that are asked once more at the end, before they are taken for gone. */
  readonly #doubted: {readonly candidate: Candidate; readonly bound: Bound}[] = [];
  /** Statuses with which a route was refused twice for one parent. */
  readonly #confirmed = new Map<ChildRoute, Set<number>>();
  #total = 0;
  #moved = false;
  #emptyThoughCounted = 0;

  constructor(routes: readonly ChildRoute[], context: FanOutContext) {
    this.#routes = routes;
    this.#context = context;
  }

  async read(): Promise<FanOutOutcome> {
    const {table, onPlan, onExpect} = this.#context;
    const candidates = await this.#listCandidates();
    const [first] = candidates;
    if (first === undefined) {
      const lacking = this.#routes.map(({path}) => path).join(', ');
      throw new IncompleteError(`No route of ${table.name} can be used: the parents lack what ${lacking} need.`);
    }
    const count = first.parents.bounds.length;
    onPlan(count);
    onExpect(first.parents.bounds.filter(bound => !this.#isKnown(first, bound)).length);
    let served: Candidate | undefined;
    let next = 0;
    while (served === undefined && next < count) served = await this.#probe(candidates, next++);
    if (served !== undefined) await this.#readRest(served, next);
    this.#refuseTooManyGone(count);
    await this.#askDoubted();
    const tolerated = tallyTolerated(this.#tolerated);
    const {route} = served ?? first;
    return {
      route: route.path,
      served: served?.route ?? null,
      total: this.#total,
      moved: this.#moved,
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
    const {landedBefore, toleratedBefore} = this.#context;
    return landedBefore(request).length > 0 || toleratedBefore(request) !== undefined;
  }

  async #listCandidates(): Promise<readonly Candidate[]> {
    const {table, pageSize, accept, spooledParent} = this.#context;
    const candidates: Candidate[] = [];
    for (const route of this.#routes) {
      const parents = await listParents(route.parent, await spooledParent(route.parent.table), accept);
      if (parents.lacking === null) candidates.push({route, parents, format: new PageFormat(table, route, pageSize)});
    }
    return candidates;
  }

  async #readRest(candidate: Candidate, from: number): Promise<void> {
    const bounds = candidate.parents.bounds.slice(from);
    const read = async (bound: Bound) => {
      const result = await this.#readOne(candidate, bound);
      if (result instanceof RejectedError) await this.#tolerate(candidate, bound, result);
    };
    const visits = await visitParallel(bounds, this.#context.parallelism, read, isSetback);
    const all = candidate.parents.bounds.length;
    const describe = (failed: number) => `${failed} of ${all} lists of ${this.#context.table.name}`;
    refuseMissing(visits, describe, bound => firstRequest(candidate, bound));
  }

  /** An empty answer of a fallback proves nothing: the parent may simply have no children, which the first route calls 404. */
  async #probe(candidates: readonly Candidate[], index: number): Promise<Candidate | undefined> {
    const refusals: RejectedError[] = [];
    const [first] = candidates;
    for (const [place, candidate] of candidates.entries()) {
      const bound = candidate.parents.bounds[index];
      if (bound === undefined) continue;
      const isLast = place === candidates.length - 1;
      const result = await (isLast ? this.#readOne(candidate, bound) : this.#readOneConfirmed(candidate, bound));
      if (result instanceof RejectedError) refusals.push(result);
      else if (result === 'tolerated') return undefined;
      else return candidate === first || result > 0 ? candidate : undefined;
    }
    const [refusal] = refusals;
    const bound = first?.parents.bounds[index];
    if (refusal !== undefined && first !== undefined && bound !== undefined)
      await this.#tolerate(first, bound, refusal);
    return undefined;
  }

  /** Asks once more if it is refused, before another route is tried: once for each status, for the next parents will be refused alike. */
  async #readOneConfirmed(candidate: Candidate, bound: Bound): Promise<RejectedError | 'tolerated' | number> {
    const result = await this.#readOne(candidate, bound);
    if (!(result instanceof RejectedError)) return result;
    const statuses = this.#confirmed.get(candidate.route) ?? new Set();
    if (statuses.has(result.status ?? 0)) return result;
    const again = await this.#readOne(candidate, bound);
    if (again instanceof RejectedError) this.#confirmed.set(candidate.route, statuses.add(again.status ?? 0));
    return again;
  }

  /** How many records came; or the refusal, if the route is not served or the parent is gone. A part of a list is neither. */
  async #readOne(candidate: Candidate, bound: Bound): Promise<RejectedError | 'tolerated' | number> {
    const before = this.#context.toleratedBefore(firstRequest(candidate, bound));
    if (before !== undefined) {
      this.#tolerated.push(before);
      if (isGone(candidate, before)) this.#gone.push(before);
      return 'tolerated';
    }
    const counter = countLanded(this.#context);
    try {
      const {records, total, moved, blank} = await readList(candidate.format, bound, {}, counter.context);
      this.#total += total;
      this.#moved ||= moved;
      if (blank !== null) await this.#tolerateBlank(candidate, bound, blank);
      if (records === 0 && candidate.parents.counted.has(bound)) this.#emptyThoughCounted++;
      return records;
    } catch (error) {
      if (!isRouteRefusal(error)) throw error;
      if (counter.landed === 0) return error;
      throw new IncompleteError(
        `A list of ${this.#context.table.name} broke off after ${counter.landed} records: ${error.message}`,
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
    await this.#context.tolerate(refusal);
  }

  /** A reply that holds no list stands for an empty one, unless the parent knows better. */
  async #tolerateBlank(candidate: Candidate, bound: Bound, status: number): Promise<void> {
    if (candidate.parents.counted.has(bound)) throw refuseNone(candidate, bound, status);
    const tolerated = {request: firstRequest(candidate, bound), status, reason: blankReason};
    this.#tolerated.push(tolerated);
    await this.#context.tolerate(tolerated);
  }

  /** A parent that is gone costs a call more, and one that was refused for a moment is read. */
  async #askDoubted(): Promise<void> {
    const {parallelism, table, tolerate, onExpect} = this.#context;
    onExpect(this.#doubted.length);
    const ask = async ({candidate, bound}: {candidate: Candidate; bound: Bound}) => {
      const result = await this.#readOne(candidate, bound);
      if (!(result instanceof RejectedError)) return;
      const refusal = explain(candidate, bound, result);
      this.#tolerated.push(refusal);
      await tolerate(refusal);
    };
    const visits = await visitParallel(this.#doubted, parallelism, ask, isSetback);
    const describe = (failed: number) => `${failed} lists of ${table.name} that were refused`;
    refuseMissing(visits, describe, ({candidate, bound}) => firstRequest(candidate, bound));
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
