import {
  CredentialsError,
  IncompleteError,
  type IngestError,
  RejectedError,
  ResponseError,
  SignInError,
  UnavailableError,
} from '../../errors.js';
import type {RawRecord} from '../../json/raw-record.js';
import {describeRoute, isDerived, nameRoute} from '../../routes.js';
import {matchesWhere} from '../../spool/record-values.js';
import type {ApiRoute, Area, DerivedRoute, DoceboReport, Route, Table} from '../../table.js';
import type {Docebo} from '../docebo.js';
import {isAbsence} from '../http/policy.js';
import {PageFormat} from '../lists/page.js';
import type {Bound} from '../lists/request.js';
import {readSample} from '../lists/sample.js';
import {UnfitRouteError} from '../lists/unfit-route.js';
import {bindParents} from './bind-parents.js';
import {ElementReader, nameRow} from './elements.js';
import {RouteMemory} from './route-memory.js';

/** Whether the credential can read a table, as one page of it shows. */
export interface Readability {
  readonly table: string;
  readonly area: Area;
  readonly route: string | null;
  readonly readable: boolean;
  /** Whether the whole table is refused and no run has read it, so that its absence is in order unless it was asked for by its name. */
  readonly mayBeAbsent: boolean;
  /** Why not: a right is missing, Docebo does not serve the table here, or the answer is not like Docebo's. Null if it is readable. */
  readonly obstacle: 'right' | 'absent' | 'answer' | null;
  readonly detail: string;
}

/** A request for the first page of a list, whatever came of it. */
export interface AskedList {
  readonly route: ApiRoute;
  readonly bound: Bound;
  /** Path and query, as sent. */
  readonly path: string;
  readonly isServed: boolean;
}

/** What one page of a table shows. */
export interface Sample {
  readonly readability: Readability;
  /** The route that the records came by; null if there is none. */
  readonly route: Route | null;
  /** At most as many as are asked for on a page. Empty for replies that have to be taken apart (`explode`). */
  readonly records: readonly RawRecord[];
  /** In their order. */
  readonly asked: readonly AskedList[];
}

export interface SampleOptions {
  /** @default only this run is remembered */
  readonly memory?: RouteMemory;
  /** Records asked for on a page. */
  readonly pageSize: number;
  /** How many parents are asked for their children until one has some. */
  readonly mostParents: number;
  /** How many are asked where each has one record of its own, which may differ from the others. */
  readonly mostRecords: number;
  /** Whether a list that Docebo answers with an error of its own, again and again, is passed by. @default UnavailableError is thrown */
  readonly passesErrors?: boolean;
}

/** Asks for a page of tables, each at most once however many children ask for it. */
export class TableSampler {
  readonly #docebo: Docebo;
  readonly #memory: RouteMemory;
  readonly #pageSize: number;
  readonly #mostParents: number;
  readonly #mostRecords: number;
  readonly #passesErrors: boolean;
  readonly #samples = new Map<Table, Promise<Sample>>();

  constructor(
    docebo: Docebo,
    {memory = new RouteMemory(null), pageSize, mostParents, mostRecords, passesErrors = false}: SampleOptions,
  ) {
    this.#docebo = docebo;
    this.#memory = memory;
    this.#pageSize = pageSize;
    this.#mostParents = mostParents;
    this.#mostRecords = mostRecords;
    this.#passesErrors = passesErrors;
  }

  /** The tables that were asked for so far, parents included, with what came. */
  async sampled(): Promise<ReadonlyMap<Table, Sample>> {
    return new Map(
      await Promise.all([...this.#samples].map(async ([table, sample]) => [table, await sample] as const)),
    );
  }

  /** Throws CredentialsError, SignInError and UnavailableError; any other error is reported as an obstacle. */
  async sample(table: Table): Promise<Sample> {
    const known = this.#samples.get(table) ?? this.#ask(table);
    this.#samples.set(table, known);
    return known;
  }

  async #ask(table: Table): Promise<Sample> {
    if (table.exportOf !== undefined) return sampleReport(table, table.exportOf);
    const {name, area} = table;
    const refusals: IngestError[] = [];
    const asked: AskedList[] = [];
    let blocked: Readability | undefined;
    const {held} = await this.#memory.recall(table);
    const readable = (route: Route, detail: string, records: readonly RawRecord[]): Sample => {
      const readability = {
        ...{table: name, area, route: nameRoute(route), detail},
        ...{readable: true, mayBeAbsent: false, obstacle: null},
      };
      return {readability, route, records, asked};
    };
    const routes = held === undefined ? table.routes : [held, ...table.routes.filter(route => route !== held)];
    for (const route of routes) {
      const parent = isDerived(route) ? route.derive.table : route.parent?.table;
      const from = parent === undefined ? undefined : await this.sample(parent);
      if (from !== undefined && !from.readability.readable) {
        const detail = `as ${parent?.name}: ${from.readability.detail}`;
        blocked ??= {...from.readability, table: name, area, detail};
        continue;
      }
      try {
        if (isDerived(route)) {
          const records = await this.#takeElements(route, from?.records ?? [], {isLast: route === routes.at(-1)});
          if (records === null) continue;
          return readable(route, `as ${parent?.name}: ${from?.readability.detail}`, records.slice(0, this.#pageSize));
        }
        const bounds = route.parent === undefined ? [{}] : await this.#chooseParents(route, from?.records ?? []);
        if (bounds.length === 0) return readable(route, `not tried: ${parent?.name} has no row to ask for`, []);
        const {records, sent} = await this.#readLists(table, route, bounds, asked);
        const kept = held === undefined || route === held ? '' : sayKept(table, held);
        return readable(route, `${sent === 0 ? 'readable, no record' : 'readable'}${kept}`, records);
      } catch (error) {
        if (error instanceof CredentialsError || error instanceof SignInError) throw error;
        const isPassed = this.#passesErrors && isErrorOfList(error);
        if (!(error instanceof RejectedError || error instanceof ResponseError || isPassed)) throw error;
        refusals.push(error);
      }
    }
    if (refusals.length === 0 && blocked !== undefined) return {readability: blocked, route: null, records: [], asked};
    const readability: Readability = {
      ...{table: name, area, route: null, readable: false},
      mayBeAbsent: held === undefined && refusals.every(isAbsence),
      obstacle: nameObstacle(refusals),
      detail: refusals.map(({message}) => message).join(' '),
    };
    return {readability, route: null, records: [], asked};
  }

  /** The rows that records of the parent give; null if the route does not fit them. */
  async #takeElements(
    {derive}: DerivedRoute,
    parents: readonly RawRecord[],
    {isLast}: {readonly isLast: boolean},
  ): Promise<readonly RawRecord[] | null> {
    const {named, where = {}, table} = derive;
    const names = named === undefined ? undefined : await this.sample(named);
    if (names?.readability.readable === false) return null;
    const rows = named === undefined ? [] : (names?.records ?? []).flatMap(row => nameRow(named, row));
    const reader = new ElementReader(derive, rows);
    try {
      const records = parents
        .filter(parent => matchesWhere(parent, table, where))
        .flatMap(parent => reader.read(parent));
      if (!isLast) reader.refuseUnfit();
      return records;
    } catch (error) {
      if (error instanceof UnfitRouteError) return null;
      throw error;
    }
  }

  /** Those that count children come first: they show most. */
  async #chooseParents({parent}: ApiRoute, records: readonly RawRecord[]): Promise<readonly Bound[]> {
    if (parent === undefined) return [];
    try {
      const {bounds, counted} = await bindParents(parent, records);
      return [...bounds.filter(bound => counted.has(bound)), ...bounds.filter(bound => !counted.has(bound))];
    } catch (error) {
      // Some lack what is asked for by. A run fails for that, and says why.
      if (error instanceof IncompleteError) return [];
      throw error;
    }
  }

  /** The first list that holds records, or the records of several parents with one each. Throws the last refusal if none is served. */
  async #readLists(
    table: Table,
    route: ApiRoute,
    bounds: readonly Bound[],
    asked: AskedList[],
  ): Promise<{readonly records: readonly RawRecord[]; readonly sent: number}> {
    const {client} = this.#docebo;
    const isRecord = route.record !== undefined;
    const format = new PageFormat(table, route, this.#pageSize);
    const found: RawRecord[] = [];
    let [served, sent, refusal]: [boolean, number, RejectedError | undefined] = [false, 0, undefined];
    for (const bound of bounds.slice(0, isRecord ? this.#mostRecords : this.#mostParents)) {
      const list = {route, bound, path: format.ask({number: 1, bound, extra: {}})};
      try {
        const {records, facts} = await readSample(client, format, bound);
        asked.push({...list, isServed: true});
        served = true;
        sent += facts.sent;
        found.push(...records.slice(0, this.#pageSize));
        if (sent > 0 && !isRecord) break;
      } catch (error) {
        asked.push({...list, isServed: false});
        if (!(error instanceof RejectedError)) throw error;
        refusal = error;
      }
    }
    if (refusal !== undefined && !served) throw refusal;
    return {records: found, sent};
  }
}

/** An error of this list alone: too many calls and overload, 429 and 503, would meet the next one too. */
function isErrorOfList(error: unknown): error is UnavailableError {
  const status = error instanceof UnavailableError ? (error.status ?? 0) : 0;
  return status >= 500 && status !== 503;
}

/** Only an export would show more. */
function sampleReport({name: table, area}: Table, {name}: DoceboReport): Sample {
  const readable = name !== null;
  const detail = readable
    ? 'in the list of reports, not exported'
    : 'not in the list of reports, or the list was refused';
  const obstacle = readable ? null : 'absent';
  const readability = {table, area, route: null, readable, mayBeAbsent: false, obstacle, detail} as const;
  return {readability, route: null, records: [], asked: []};
}

function sayKept(table: Table, held: Route): string {
  return `, but not by ${describeRoute(table, held)} as before, so ingest keeps the table without --allow-route-change`;
}

/** If a right is missing for one of the routes that were tried, that route exists. */
function nameObstacle(refusals: readonly IngestError[]): Readability['obstacle'] {
  if (refusals.some(error => error instanceof RejectedError && error.lacksRight)) return 'right';
  const isForeign = (error: IngestError) => !(error instanceof RejectedError) || error.status === 403;
  return refusals.some(isForeign) ? 'answer' : 'absent';
}
