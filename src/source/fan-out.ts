import type {Accepted} from '../accept.js';
import {IncompleteError, isSetback, RejectedError} from '../errors.js';
import type {Toleration} from '../report.js';
import type {SpooledTable, ToleratedRequest} from '../spool/format.js';
import {type Refusal, tallyTolerated} from '../spool/tolerated.js';
import type {ApiRoute, Parent, Table} from '../table.js';
import {readList} from './list.js';
import {countLanded, type ListContext, type ListOutcome} from './list-context.js';
import {PageFormat} from './page.js';
import {refuseMissing, visitParallel} from './parallel.js';
import {listParents, type Parents} from './parents.js';
import {isRouteRefusal} from './policy.js';
import type {Bound} from './request.js';

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
  readonly tolerated: readonly Toleration[];
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
  /** Of the tolerated ones, those whose parent is said to be gone. */
  readonly #gone: Refusal[] = [];
  #total = 0;
  #moved = false;

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
    const tolerated = tallyTolerated(this.#tolerated);
    return {route: (served ?? first).route.path, total: this.#total, moved: this.#moved, tolerated};
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
    for (const candidate of candidates) {
      const bound = candidate.parents.bounds[index];
      if (bound === undefined) continue;
      const result = await this.#readOne(candidate, bound);
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

  /** How many records came; or the refusal, if the route is not served or the parent is gone. A part of a list is neither. */
  async #readOne(candidate: Candidate, bound: Bound): Promise<RejectedError | 'tolerated' | number> {
    const before = this.#context.toleratedBefore(firstRequest(candidate, bound));
    if (before !== undefined) {
      this.#count(candidate.route, before);
      return 'tolerated';
    }
    const counter = countLanded(this.#context);
    try {
      const {records, total, moved} = await readList(candidate.format, bound, {}, counter.context);
      this.#total += total;
      this.#moved ||= moved;
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

  async #tolerate({parents, route, format}: Candidate, bound: Bound, refusal: RejectedError): Promise<void> {
    const status = refusal.status ?? 0;
    const {tolerate, emptyOn, parent} = route;
    const isCounted = parents.counted.has(bound);
    const reason = (isCounted ? undefined : emptyOn?.[status]) ?? tolerate?.[status];
    const request = firstRequest({format}, bound);
    if (reason === undefined && isCounted && emptyOn?.[status] !== undefined) {
      const counts = parent.skipIfZero?.join(', ');
      throw new IncompleteError(
        `${request} was answered by ${status}, as if there were none, but ${counts} of its row in ${parent.table.name} says that there are.`,
        {missing: [request], cause: refusal},
      );
    }
    if (reason === undefined) throw refusal;
    const tolerated = {request, status, reason};
    await this.#context.tolerate(tolerated);
    this.#count(route, tolerated);
  }

  #count({tolerate}: ChildRoute, refusal: Refusal): void {
    this.#tolerated.push(refusal);
    if (refusal.reason === tolerate?.[refusal.status]) this.#gone.push(refusal);
  }

  /** Some parents are deleted while a run goes on; more of them are a route that is not served, or a right that was taken away. */
  #refuseTooManyGone(parents: number): void {
    const gone = this.#gone.length;
    if (gone === 0 || (gone <= mostGone(parents) && gone < parents)) return;
    const statuses = tallyTolerated(this.#gone).map(({status, count: times}) => `${status} × ${times}`);
    throw new IncompleteError(
      `${gone} of the ${parents} parents of ${this.#context.table.name} could not be read: ${statuses.join(', ')}.`,
      {hint: 'The tenant does not serve this table, or the credential may not read it.'},
    );
  }
}

function firstRequest({format}: Pick<Candidate, 'format'>, bound: Bound): string {
  return `GET ${format.ask({number: 1, bound, extra: {}})}`;
}
