import {type Accepted, accepts, warnOfAccepted} from '../../choices.js';
import {findRoot, IncompleteError, IngestError, RefusedListsError, RejectedError} from '../../errors.js';
import type {OnEvent} from '../../report.js';
import {fullRouteName, isDerived, parentsOf} from '../../routes.js';
import {areRepeatsLasting} from '../../spool/compare-readings.js';
import type {CompletedTable, SpooledTable} from '../../spool/format.js';
import {TableSpool} from '../../spool/table-spool.js';
import type {Table} from '../../table.js';
import type {Docebo} from '../docebo.js';
import {mostAheadMs} from '../http/budget.js';
import {isAbsence} from '../http/policy.js';
import {Calls} from '../lists/calls.js';
import type {Miscount} from '../lists/list-context.js';
import type {Merging} from './merge-table.js';
import {areKeysWhole} from './parents.js';
import type {ConvertCsv} from './read-export.js';
import {isRefusal, type Proof, TableReader} from './read-table.js';
import {RouteMemory} from './route-memory.js';

export interface ExtractOptions extends Docebo {
  readonly runFolder: string;
  /** Aborted when another process works in that folder. */
  readonly lost?: AbortSignal;
  /** How often a list whose rows moved is read again, page by page or as a whole. */
  readonly driftRetries: number;
  readonly accept: Accepted;
  readonly onEvent: OnEvent;
  /** How long Docebo may take to prepare the export of a report, in milliseconds. @default half an hour */
  readonly reportTimeoutMs?: number;
  /** Needed for reports. */
  readonly convertCsv?: ConvertCsv;
  /** @default only this run is remembered */
  readonly memory?: RouteMemory;
  /** @default every table is read whole */
  readonly merging?: Merging | undefined;
}

/** A table whose every page has arrived. */
export interface Extraction extends Omit<Proof, 'total' | 'moved' | 'served' | 'miscounts' | 'askedAtMs'> {
  readonly spooled: SpooledTable;
  /** Calls made for it, retries included. */
  readonly requests: number;
  /** Calls that its own lists or its parents said it would take; null if an earlier run has read it. */
  readonly planned: number | null;
  readonly seconds: number;
}

/** Why a table could not be read, the calls that were made for it, and what came of them. */
interface Failure {
  readonly error: unknown;
  readonly requests: number;
  /** Whether any records have landed. */
  readonly hasServed: boolean;
  /** Whether any list was answered, be it without records. */
  readonly hasAnswer: boolean;
}

/** Extracts tables, each at most once however many children ask for it. A table arrives whole or its promise rejects. */
export class Extractor {
  readonly #options: ExtractOptions;
  readonly #extractions = new Map<Table, Promise<Extraction>>();
  readonly #parents = new Map<Table, Promise<SpooledTable>>();
  readonly #failures = new Map<Table, Failure>();
  readonly #askedAgain = new Set<Table>();
  readonly #memory: RouteMemory;

  constructor(options: ExtractOptions) {
    this.#options = options;
    this.#memory = options.memory ?? new RouteMemory(null);
  }

  async extract(table: Table): Promise<Extraction> {
    const known = this.#extractions.get(table) ?? this.#extractOnce(table, 'once');
    this.#extractions.set(table, known);
    return known;
  }

  /** Whether a table could not be read because a route that has served it, or a table that it needs, was refused once. */
  async isRefusedForNow(table: Table): Promise<boolean> {
    const failure = this.#failures.get(table);
    if (failure === undefined || this.#askedAgain.has(table) || !isRefusal(findRoot(failure.error))) return false;
    if (failure.hasServed || (await this.#memory.recall(table)).held !== undefined) return true;
    const parents = await Promise.all(parentsOf(table).map(async parent => this.isRefusedForNow(parent)));
    return parents.includes(true);
  }

  /** Whether Docebo refuses a table as a whole, or one that it needs, and no run has read it yet. */
  async isAbsent(table: Table): Promise<boolean> {
    const failure = this.#failures.get(table);
    if (failure === undefined || failure.hasAnswer || (await this.#memory.recall(table)).held !== undefined)
      return false;
    const {error} = failure;
    if (error instanceof RejectedError) return isAbsence(error);
    if (error instanceof RefusedListsError) return error.isWhole;
    const parents = await Promise.all(parentsOf(table).map(async parent => this.isAbsent(parent)));
    return isRefusal(findRoot(error)) && parents.includes(true);
  }

  /** Forgets the tables that were refused for now, so that they are asked for again. Returns whether there were any. */
  async forgetRefused(): Promise<boolean> {
    const refused: Table[] = [];
    for (const table of this.#failures.keys()) if (await this.isRefusedForNow(table)) refused.push(table);
    for (const table of refused) {
      this.#askedAgain.add(table);
      this.#extractions.delete(table);
      this.#parents.delete(table);
    }
    return refused.length > 0;
  }

  /** Reads a table again. Its records land beside the earlier ones: of two with one key the later counts. */
  async extractAgain(table: Table): Promise<Extraction> {
    this.#parents.delete(table);
    return this.#readAgain(table);
  }

  /** Reads a table again by another route: nothing stays of what has landed. */
  async extractAnew(table: Table): Promise<Extraction> {
    this.#parents.delete(table);
    return this.#extend(table, 'anew', 'It was read again, because what was read could not be published.');
  }

  async #readAgain(table: Table): Promise<Extraction> {
    return this.#extend(table, 'again', 'Rows moved while it was read, so it was read again.');
  }

  /** Asks for the lists of parents that were not there when the table was read. */
  async extractMore(table: Table): Promise<Extraction> {
    this.#parents.delete(table);
    return this.#extend(table, 'more', 'Its parents were read again, and then asked for what was not read yet.');
  }

  async #extend(table: Table, mode: 'again' | 'anew' | 'more', warning: string): Promise<Extraction> {
    const earlier = await this.extract(table);
    const later = this.#extractOnce(table, mode).then(extraction => ({
      ...extraction,
      requests: earlier.requests + extraction.requests,
      planned: earlier.planned,
      seconds: earlier.seconds + extraction.seconds,
      warnings: [...earlier.warnings.filter(said => said !== warning), warning],
    }));
    this.#extractions.set(table, later);
    return later;
  }

  async #extractParent(table: Table): Promise<SpooledTable> {
    const known = this.#parents.get(table) ?? this.#proveParent(table);
    this.#parents.set(table, known);
    return known;
  }

  /** Children are asked for by the rows of their parents, so a parent whose rows moved is read again before its children. */
  async #proveParent(table: Table): Promise<SpooledTable> {
    let {spooled} = await this.extract(table);
    for (let retry = 0; !(await areKeysWhole(table, spooled)); retry++) {
      if (await this.#isAccepted(table, spooled)) break;
      if (retry >= this.#options.driftRetries) {
        throw new IncompleteError(`${table.name} sent rows twice, and others perhaps not at all.`, {
          hint: 'The list probably changed while it was read: run again.',
        });
      }
      ({spooled} = await this.#readAgain(table));
    }
    return spooled;
  }

  /** Whether rows that came twice are accepted because Docebo lists them twice, as in publishing (engine/stage.ts). */
  async #isAccepted(table: Table, spooled: SpooledTable): Promise<boolean> {
    const {accept, driftRetries} = this.#options;
    return accepts(accept, table.name, 'duplicates') && areRepeatsLasting(table, spooled, driftRetries > 0);
  }

  async #extractOnce(table: Table, mode: 'once' | 'again' | 'anew' | 'more'): Promise<Extraction> {
    const {runFolder, lost, budget, accept, client, clock, onEvent} = this.#options;
    const startedMs = performance.now();
    const begunMs = (clock.wall ?? clock.now)();
    const spool = await TableSpool.open(runFolder, table.name, {
      keepsDerived: !table.routes.some(isDerived),
      again: mode === 'again' || mode === 'anew',
      lost,
    });
    if (mode === 'anew') await spool.empty();
    if (spool.before.completed !== undefined && mode === 'once') return reuse(spool, spool.before.completed);
    const calls = new Calls(budget, this.#failures.get(table)?.requests);
    this.#failures.delete(table);
    onEvent({type: 'table_started', table: table.name});
    const reader = new TableReader({
      ...this.#options,
      memory: this.#memory,
      table,
      spool,
      calls,
      accepts: fault => accepts(accept, table.name, fault),
      readParent: async parent => this.#readParentOf(table, parent),
    });
    try {
      const {total, moved, served, miscounts, askedAtMs, ...proof} = await reader.read();
      const isCountAccepted = accepts(accept, table.name, 'count');
      const warnings = [...proof.warnings, ...(isCountAccepted ? warnOfMiscounts(table, miscounts) : [])];
      const spooled = await spool.complete({
        route: proof.route,
        ...(served !== null && {servedBy: fullRouteName(served)}),
        total,
        moved: moved || spool.pass > 0,
        warnings,
        // What an earlier run has landed is older.
        asked_at: askedAtMs === undefined ? (spool.before.readAt ?? toText(begunMs)) : toText(askedAtMs),
        ...(client.leadMs > mostAheadMs && {clock_ahead_ms: client.leadMs}),
        ...(proof.merged !== undefined && {merged: proof.merged}),
      });
      const forgotten = served === null ? [] : await this.#memory.remember(table, served);
      onEvent({type: 'table_extracted', table: table.name, records: spooled.records, requests: calls.made});
      return {
        ...proof,
        spooled,
        warnings: [...warnings, ...forgotten],
        requests: calls.made,
        planned: calls.planned,
        seconds: (performance.now() - startedMs) / 1000,
      };
    } catch (error) {
      const hasServed = spool.count > 0;
      this.#failures.set(table, {error, requests: calls.made, hasServed, hasAnswer: hasServed || reader.hasAnswer});
      await spool.close();
      throw error;
    }
  }

  async #readParentOf(table: Table, parent: Table): Promise<SpooledTable> {
    try {
      return await this.#extractParent(parent);
    } catch (cause) {
      if (!(cause instanceof IngestError)) throw cause;
      const {message} = cause;
      throw new IncompleteError(`${table.name} needs ${parent.name}, which could not be read: ${message}`, {cause});
    }
  }
}

function toText(ms: number): string {
  return new Date(ms).toISOString();
}

function warnOfMiscounts({name}: Table, miscounts: readonly Miscount[]): readonly string[] {
  if (miscounts.length === 0) return [];
  const sum = (each: (miscount: Miscount) => number) =>
    miscounts.reduce((total, miscount) => total + each(miscount), 0);
  const [counted, sent] = [sum(each => each.counted), sum(each => each.sent)];
  return [warnOfAccepted(name, 'count', `Docebo counts ${counted} rows and sends ${sent}`)];
}

/** A table as an earlier run has landed it. Throws IncompleteError if that run did not read it to its end, or if it has changed since. */
export async function openExtraction(runFolder: string, table: Table): Promise<Extraction> {
  const spool = await TableSpool.open(runFolder, table.name);
  if (spool.before.completed !== undefined) return reuse(spool, spool.before.completed);
  await spool.close();
  // One reason for all such tables, so that it is told once.
  const [why, reason] = spool.before.isChanged
    ? ['has changed on disk since it was read', 'changed on disk since then']
    : ['was not read to its end in this run', 'not read before the run ended'];
  throw new IncompleteError(`${table.name} ${why}`, {cause: new IncompleteError(reason)});
}

async function reuse(spool: TableSpool, completed: CompletedTable): Promise<Extraction> {
  const spooled = await spool.reuse(completed);
  return {
    spooled,
    route: completed.route,
    tolerated: spool.before.tolerations(),
    warnings: completed.warnings,
    ...(completed.merged !== undefined && {merged: completed.merged}),
    ...(spool.before.wholeBecause !== null && {reason: spool.before.wholeBecause}),
    requests: 0,
    planned: null,
    seconds: 0,
  };
}
