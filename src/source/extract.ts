import {IncompleteError, type IngestError, RejectedError} from '../errors.js';
import type {OnEvent, Toleration} from '../report.js';
import type {SpooledTable} from '../spool/format.js';
import {linesFromRecords} from '../spool/lines.js';
import {readRecords} from '../spool/read-records.js';
import {TableSpool} from '../spool/table-spool.js';
import {
  type ApiRoute,
  type DerivedRoute,
  declaredKeys,
  isDerived,
  parentsOf,
  type SentRecord,
  type Table,
} from '../table.js';
import type {Client} from './client.js';
import {TreeWalk} from './descend.js';
import {FanOut} from './fan-out.js';
import {type ListContext, type ListOutcome, readList} from './list.js';
import {forEachParallel} from './parallel.js';
import {routeRefusals} from './policy.js';
import {readValue} from './values.js';

export interface ExtractOptions {
  readonly client: Client;
  readonly runFolder: string;
  readonly pageSize: number;
  readonly parallelism: number;
  readonly onEvent: OnEvent;
}

/** A table whose every page has arrived. */
export interface Extraction {
  readonly spooled: SpooledTable;
  /** Path of the route that served it. */
  readonly route: string;
  readonly requests: number;
  readonly seconds: number;
  readonly tolerated: readonly Toleration[];
  readonly warnings: readonly string[];
}

const derivedBatch = 1000;

/** Extracts tables, each at most once however many children ask for it. A table arrives whole or its promise rejects. */
export class Extractor {
  readonly #options: ExtractOptions;
  readonly #extractions = new Map<Table, Promise<Extraction>>();

  constructor(options: ExtractOptions) {
    this.#options = options;
  }

  async extract(table: Table): Promise<Extraction> {
    const known = this.#extractions.get(table);
    if (known !== undefined) return known;
    const extraction = this.#extractOnce(table);
    this.#extractions.set(table, extraction);
    return extraction;
  }

  async #extractOnce(table: Table): Promise<Extraction> {
    const {runFolder, onEvent} = this.#options;
    const startedMs = performance.now();
    const spool = await TableSpool.create(runFolder, table.name);
    const tally = {
      requests: 0,
      tolerated: [] as Toleration[],
      warnings: [] as string[],
      expected: null as number | null,
    };
    onEvent({type: 'table_started', table: table.name});
    try {
      const context: ListContext = {
        ...this.#options,
        table,
        onCall: () => tally.requests++,
        land: async (page, bound) => {
          if (parentsOf(table).length === 0) tally.expected = page.facts.total;
          await spool.land(page.lines, page.request, bound);
          onEvent({type: 'page_landed', table: table.name, records: spool.count, expected: tally.expected});
        },
      };
      const {route, total} = await this.#readFirstServed(table, context, spool, tally);
      const spooled = await spool.complete(total);
      onEvent({type: 'table_extracted', table: table.name, records: spooled.records, requests: tally.requests});
      return {spooled, route, ...tally, seconds: (performance.now() - startedMs) / 1000};
    } catch (error) {
      await spool.close();
      throw error;
    }
  }

  async #readFirstServed(
    table: Table,
    context: ListContext,
    spool: TableSpool,
    tally: {tolerated: Toleration[]; warnings: string[]},
  ): Promise<{route: string; total: number | null}> {
    let refusal: IngestError | undefined;
    for (const [index, route] of table.routes.entries()) {
      if (isDerived(route)) return this.#derive(table, route, spool);
      try {
        if (route.parent === undefined) return {route: route.path, ...(await this.#readBulk(route, context))};
        const routes = table.routes
          .slice(index)
          .filter(candidate => !isDerived(candidate) && candidate.parent !== undefined);
        const fanOut = new FanOut(
          routes as readonly ApiRoute[],
          context,
          async parent => (await this.#extractParent(table, parent)).spooled,
        );
        const path = await fanOut.read();
        tally.tolerated.push(...fanOut.tolerated);
        return {route: path, total: null};
      } catch (error) {
        if (!(error instanceof RejectedError) || !routeRefusals.has(error.status ?? 0) || spool.count > 0) throw error;
        refusal = error;
        tally.warnings.push(`${route.path} is not served here (${error.status}).`);
        if (route.parent !== undefined) break;
      }
    }
    throw refusal ?? new IncompleteError(`${table.name} has no route that this tenant serves.`);
  }

  async #readBulk(route: ApiRoute, context: ListContext): Promise<ListOutcome> {
    if (route.descend === undefined) return readList(route, {}, {}, context);
    const walk = new TreeWalk(route.descend);
    const walking = {...context, filter: (records: readonly SentRecord[]) => walk.take(records)};
    await readList(route, {}, {}, walking);
    for (let open = walk.next(); open.length > 0; open = walk.next()) {
      await forEachParallel(open, context.parallelism, async extra => {
        await readList(route, {}, extra, walking);
      });
    }
    return {records: 0, total: null};
  }

  async #extractParent(child: Table, parent: Table): Promise<Extraction> {
    try {
      return await this.extract(parent);
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : String(cause);
      throw new IncompleteError(`${child.name} needs ${parent.name}, which could not be read: ${said}`, {cause});
    }
  }

  async #derive(
    table: Table,
    {derive}: DerivedRoute,
    spool: TableSpool,
  ): Promise<{route: string; total: number | null}> {
    const {spooled} = await this.#extractParent(table, derive.table);
    const route = `derived from ${derive.table.name}`;
    const declared = declaredKeys(table);
    let batch: SentRecord[] = [];
    const land = async () => {
      await spool.land(linesFromRecords(batch, declared), route, {});
      batch = [];
    };
    for await (const record of readRecords(spooled)) {
      const matches = Object.entries(derive.where).every(([name, wanted]) =>
        wanted.includes(readValue(record, derive.table, name) ?? ''),
      );
      if (matches) batch.push(record);
      if (batch.length === derivedBatch) await land();
    }
    if (batch.length > 0) await land();
    return {route, total: null};
  }
}
