import {IncompleteError, ResponseError} from '../errors.js';
import {linesFromRecords, linesFromSpans, type PageLines} from '../spool/lines.js';
import type {ApiRoute, SentRecord, Table} from '../table.js';
import {declaredKeys, defaultRecordPaths} from '../table.js';
import type {Client} from './client.js';
import {describeKeys, type PagingFacts, readPagingFacts, refuseErrorBody} from './envelope.js';
import {countFrom, forEachParallel} from './parallel.js';
import {type Bound, formatRequest} from './request.js';
import {Slicer} from './slice.js';

export interface Page {
  readonly number: number;
  readonly request: string;
  readonly lines: PageLines;
  /** Records the server sent, before any filter. */
  readonly sent: number;
  readonly facts: PagingFacts;
}

export interface ListContext {
  readonly client: Client;
  readonly table: Table;
  readonly pageSize: number;
  readonly parallelism: number;
  readonly onCall: () => void;
  /** Lands a page; resolves once it is durable. */
  readonly land: (page: Page, bound: Bound) => Promise<void>;
  /** For records that have to be looked at on their way: what it gives is landed in their place. */
  readonly filter?: (records: readonly SentRecord[]) => readonly SentRecord[];
}

export interface ListOutcome {
  readonly records: number;
  readonly total: number | null;
}

/** More empty pages in a row than this, each promising more, is a server that never ends. */
const mostEmptyPages = 3;

/**
 * Reads every page of one list once and lands it, or throws. Page 1 tells the total; then the others are read in parallel.
 * Throws IncompleteError if the records do not add up to the API's own total.
 */
export async function readList(
  route: ApiRoute,
  bound: Bound,
  extra: Bound,
  context: ListContext,
): Promise<ListOutcome> {
  const reader = new ListReader(route, bound, extra, context);
  return reader.read();
}

class ListReader {
  readonly #route: ApiRoute;
  readonly #bound: Bound;
  readonly #extra: Bound;
  readonly #context: ListContext;
  readonly #slicer: Slicer;
  #records = 0;

  constructor(route: ApiRoute, bound: Bound, extra: Bound, context: ListContext) {
    this.#route = route;
    this.#bound = bound;
    this.#extra = extra;
    this.#context = context;
    this.#slicer = new Slicer(declaredKeys(context.table), route.recordsAt ?? defaultRecordPaths);
  }

  async read(): Promise<ListOutcome> {
    const first = await this.#fetch(1);
    await this.#land(first);
    if (this.#route.paging === 'single') return this.#settle(first.facts.total);
    const {total} = first.facts;
    const pages = countPages(first);
    const last = pages === null || pages <= 1 ? first : await this.#fetchParallel(pages);
    if (pages === null || last.facts.hasMore === true) await this.#fetchOn(last);
    return this.#settle(total);
  }

  async #fetchParallel(pages: number): Promise<Page> {
    let last: Page | undefined;
    await forEachParallel(countFrom(2, pages), this.#context.parallelism, async number => {
      const page = await this.#fetch(number);
      await this.#land(page);
      if (number === pages) last = page;
    });
    if (last === undefined) throw new IncompleteError(`The last page of ${this.#route.path} was not read.`);
    return last;
  }

  /** Without a total there is only the server's own word for where the list ends. */
  async #fetchOn(from: Page): Promise<void> {
    let page = from;
    let empty = 0;
    while (page.facts.hasMore ?? page.sent > 0) {
      const next = await this.#fetch(page.number + 1);
      if (next.sent > 0 && holdSameRecords(next, page)) {
        // An endpoint that does not page sends the same bare list whatever page is asked for.
        if (next.facts.hasMore === null) return;
        throw new IncompleteError(`${next.request} sent the page before it again while promising more.`);
      }
      empty = next.sent === 0 ? empty + 1 : 0;
      if (empty > mostEmptyPages)
        throw new IncompleteError(`${next.request}: ${empty} empty pages in a row promise more.`);
      await this.#land(next);
      page = next;
    }
  }

  async #land(page: Page): Promise<void> {
    this.#records += page.sent;
    await this.#context.land(page, this.#bound);
  }

  #settle(total: number | null): ListOutcome {
    if (total !== null && this.#records !== total) {
      throw new IncompleteError(
        `${this.#route.path}: Docebo counts ${total} records, ${this.#records} came. Rows were added or removed during the run.`,
        {hint: 'Run it again; if it stays so, the list and its count disagree at Docebo.'},
      );
    }
    return {records: this.#records, total};
  }

  async #fetch(number: number): Promise<Page> {
    const paging =
      this.#route.paging === 'single'
        ? this.#extra
        : {...this.#extra, page: String(number), page_size: String(this.#context.pageSize), get_total_count: '1'};
    const path = formatRequest(this.#route, this.#bound, paging);
    return this.#context.client.get(path, body => this.#readPage(body, number, `GET ${path}`), this.#context.onCall);
  }

  #readPage(body: Buffer, number: number, request: string): Page {
    if (this.#route.explode !== undefined) return this.#explodePage(body, number, request);
    const sliced = this.#slicer.slice(body);
    const facts = readPagingFacts(sliced.envelope);
    if (sliced.foundAt === null) throw this.#unknownEnvelope(request, sliced.envelope);
    const {filter, table} = this.#context;
    const sent = sliced.spans.length / 2;
    if (filter === undefined) {
      return {
        number,
        sent,
        request,
        facts,
        lines: linesFromSpans(sliced.bytes, sliced.spans, sliced.undeclared),
      };
    }
    const records: SentRecord[] = [];
    for (let index = 0; index < sliced.spans.length; index += 2) {
      records.push(JSON.parse(sliced.bytes.toString('utf8', sliced.spans[index], sliced.spans[index + 1])));
    }
    return {number, sent, request, facts, lines: linesFromRecords(filter(records), declaredKeys(table))};
  }

  #explodePage(body: Buffer, number: number, request: string): Page {
    const {table, pageSize} = this.#context;
    // Sliced for its checks alone: a body that is not whole JSON is refused in the same way everywhere.
    const {envelope} = new Slicer(new Set(), []).slice(body);
    refuseErrorBody(envelope, request);
    try {
      const records = this.#route.explode?.(envelope, {page: number, pageSize, bound: this.#bound}) ?? [];
      const lines = linesFromRecords(records, declaredKeys(table));
      return {number, request, facts: readPagingFacts(envelope), lines, sent: records.length};
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause;
      throw new ResponseError(`${request} is not the reply that ${table.name} knows: ${cause.message}.`, {cause});
    }
  }

  #unknownEnvelope(request: string, envelope: unknown): ResponseError {
    refuseErrorBody(envelope, request);
    const paths = (this.#route.recordsAt ?? defaultRecordPaths).join(', ');
    return new ResponseError(`${request}: no records at ${paths}. The reply holds ${describeKeys(envelope)}.`);
  }
}

/** Compared only where a list is read page after page, so that no other page is hashed or kept. */
function holdSameRecords(page: Page, other: Page): boolean {
  return page.sent === other.sent && page.lines.encode(0).equals(other.lines.encode(0));
}

/** Pages in all; null if the server does not say. It may send fewer a page than asked for, so page 1 gives the true size. */
function countPages({facts, sent}: Page): number | null {
  if (facts.total !== null) {
    if (sent === 0 || sent >= facts.total) return 1;
    return Math.ceil(facts.total / sent);
  }
  if (facts.hasMore === false) return 1;
  return facts.totalPages;
}
