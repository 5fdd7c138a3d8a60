import {IncompleteError, RejectedError} from '../errors.js';
import type {Toleration} from '../report.js';
import type {SpooledTable} from '../spool/format.js';
import type {ApiRoute, Table} from '../table.js';
import {type ListContext, readList} from './list.js';
import {forEachParallel} from './parallel.js';
import {listParents, type Parents} from './parents.js';
import {routeRefusals} from './policy.js';
import type {Bound} from './request.js';

interface Candidate {
  readonly route: ApiRoute;
  readonly parents: Parents;
}

/** Requests named per toleration: enough to look into it, few enough to read. */
const mostExamples = 5;

/**
 * Reads one list for each parent. Which of several routes the tenant serves is learned from the first parents, one after the
 * other; the rest are read in parallel by that route alone. Every parent is read, or tolerated with a reason, or it throws.
 */
export class FanOut {
  readonly #routes: readonly ApiRoute[];
  readonly #context: ListContext;
  readonly #spooledParent: (table: Table) => Promise<SpooledTable>;
  readonly #tolerated = new Map<number, Toleration>();

  constructor(
    routes: readonly ApiRoute[],
    context: ListContext,
    spooledParent: (table: Table) => Promise<SpooledTable>,
  ) {
    this.#routes = routes;
    this.#context = context;
    this.#spooledParent = spooledParent;
  }

  get tolerated(): readonly Toleration[] {
    return [...this.#tolerated.values()];
  }

  /** Gives the path of the route that served the table. */
  async read(): Promise<string> {
    const candidates = await this.#listCandidates();
    const [first] = candidates;
    if (first === undefined) {
      const lacking = this.#routes.map(({path}) => path).join(', ');
      throw new IncompleteError(
        `No route of ${this.#context.table.name} can be used: the parents lack what ${lacking} need.`,
      );
    }
    const count = first.parents.bounds.length;
    let served: Candidate | undefined;
    let next = 0;
    while (served === undefined && next < count) served = await this.#probe(candidates, next++);
    if (served === undefined) {
      if (count > 0 && this.#tolerated.size > 0) this.#refuseAllTolerated(count);
      return first.route.path;
    }
    const {route, parents} = served;
    await forEachParallel(parents.bounds.slice(next), this.#context.parallelism, async bound => {
      const result = await this.#readOne(route, bound);
      if (result instanceof RejectedError) this.#tolerate(route, result);
    });
    return route.path;
  }

  async #listCandidates(): Promise<readonly Candidate[]> {
    const candidates: Candidate[] = [];
    for (const route of this.#routes) {
      if (route.parent === undefined) continue;
      const parents = await listParents(route.parent, await this.#spooledParent(route.parent.table));
      if (parents.lacking === null) candidates.push({route, parents});
    }
    return candidates;
  }

  /** An empty answer of a fallback proves nothing: the parent may simply have no children, which the first route calls 404. */
  async #probe(candidates: readonly Candidate[], index: number): Promise<Candidate | undefined> {
    const refusals: RejectedError[] = [];
    const [first] = candidates;
    for (const candidate of candidates) {
      const bound = candidate.parents.bounds[index];
      if (bound === undefined) continue;
      const result = await this.#readOne(candidate.route, bound);
      if (result instanceof RejectedError) refusals.push(result);
      else return candidate === first || result > 0 ? candidate : undefined;
    }
    const [refusal] = refusals;
    if (refusal !== undefined && first !== undefined) this.#tolerate(first.route, refusal);
    return undefined;
  }

  /** How many records came; or the refusal, if the route is not served or the parent is gone. A part of a list is neither. */
  async #readOne(route: ApiRoute, bound: Bound): Promise<RejectedError | number> {
    let landed = 0;
    const land: ListContext['land'] = async (page, from) => {
      landed += page.lines.records;
      await this.#context.land(page, from);
    };
    try {
      return (await readList(route, bound, {}, {...this.#context, land})).records;
    } catch (error) {
      if (!(error instanceof RejectedError) || !routeRefusals.has(error.status ?? 0)) throw error;
      if (landed === 0) return error;
      throw new IncompleteError(
        `A list of ${this.#context.table.name} broke off after ${landed} records: ${error.message}`,
        {
          cause: error,
        },
      );
    }
  }

  #tolerate(route: ApiRoute, refusal: RejectedError): void {
    const status = refusal.status ?? 0;
    const reason = route.tolerate?.[status];
    if (reason === undefined) throw refusal;
    const known = this.#tolerated.get(status) ?? {status, reason, count: 0, requests: []};
    const requests = known.requests.length < mostExamples ? [...known.requests, refusal.request] : known.requests;
    this.#tolerated.set(status, {...known, count: known.count + 1, requests});
  }

  #refuseAllTolerated(count: number): never {
    throw new IncompleteError(
      `None of the ${count} parents of ${this.#context.table.name} could be read: ${this.tolerated.map(({status, count: times}) => `${status} × ${times}`).join(', ')}.`,
      {hint: 'The tenant does not serve this table, or the credential may not read it.'},
    );
  }
}
