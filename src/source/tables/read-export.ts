import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import {IncompleteError, type RejectedError} from '../../errors.js';
import {describeReport} from '../../export-table.js';
import type {PageFacts} from '../../spool/format.js';
import {linesFromSpans, type PageLines} from '../../spool/lines.js';
import {readLines} from '../../spool/read-records.js';
import {blankReason} from '../../spool/tolerated.js';
import type {ApiRoute, DoceboReport} from '../../table.js';
import {isRouteRefusal} from '../http/policy.js';
import type {LandedPage, ListContext} from '../lists/list-context.js';
import {type Page, type PageAddress, PageFormat} from '../lists/page.js';
import {formatRequest} from '../lists/request.js';
import {cutIntoPages, MadePages} from './made-pages.js';
import {type ExportContext, ReportExport} from './report-export.js';

/** Turns a CSV file into JSON lines, an object a row, and resolves with its headings. The engine does it, so the run hands it in. */
export type ConvertCsv = (csvFile: string, jsonFile: string) => Promise<readonly string[]>;

export interface ReadExportContext extends ExportContext, Pick<ListContext, 'large'> {
  readonly convertCsv?: ConvertCsv;
}

interface ExportProof {
  /** Rows according to Docebo; null if it counts none. */
  readonly total: number | null;
  readonly warnings: readonly string[];
}

type Bound = Readonly<Record<string, string>>;

const rowsPerPage = 1000;
const firstPage = {pageSize: String(rowsPerPage), nextToken: ''};
/** More empty pages in a row than this, each naming another, mean a server that never ends. */
const mostEmptyPages = 3;
/** A report may have very many equal rows, but a server that never ends may send them too. */
const mostAlike = 1000;
/** Fifty million rows. */
const mostPages = 50_000;

/** Reads the export of one report, by one route or, if that is refused, by another. Both read the same export. */
export class ExportReader {
  readonly #report: DoceboReport;
  readonly #export: ReportExport;
  readonly #context: ReadExportContext;

  constructor(report: DoceboReport, context: ReadExportContext) {
    this.#report = report;
    this.#export = new ReportExport(report, context);
    this.#context = context;
  }

  /** Yields each page once it has landed. Throws IncompleteError if the rows have no end, or are not as many as Docebo counts. */
  async *read(route: ApiRoute): AsyncGenerator<LandedPage, ExportProof> {
    const {spool, table} = this.#context;
    const bound = await this.#export.ready();
    const format = new PageFormat(table, route, rowsPerPage);
    const first = format.name({number: 1, bound, extra: firstPage});
    // What an earlier run has landed by the other route, or of a file, is of no use.
    const isOfUse = route.export === 'results' && spool.landedBefore(first).length > 0;
    if (spool.count > 0 && !isOfUse) await this.#export.forgetRows();
    if (route.export === 'download') return yield* this.#readFile(route, bound);
    return yield* this.#readResults(format, bound);
  }

  /** Each page names the next by a token. */
  async *#readResults(format: PageFormat, bound: Bound): AsyncGenerator<LandedPage, ExportProof> {
    const {spool} = this.#context;
    const tokens = new Set<string>();
    let [total, empty, isBlank]: [number | null, number, boolean] = [null, 0, false];
    let [before, alike, repeated, isFull] = ['', 0, 0, false];
    for (let number = 1, token: string | null = ''; token !== null; number++) {
      const address = {number, bound, extra: {...firstPage, nextToken: token}};
      const {facts, ...page}: LandedPage & {facts: PageFacts} = await this.#readPage(format, address);
      yield page;
      isBlank ||= facts.blank !== null;
      alike = facts.fingerprint !== '' && facts.fingerprint === before ? alike + 1 : 0;
      if (alike > 0) repeated++;
      if (alike > mostAlike) throw this.#fail(`${alike} pages in a row hold the same rows`);
      before = facts.fingerprint;
      isFull = facts.sent >= rowsPerPage;
      total = facts.total ?? total;
      empty = facts.sent === 0 ? empty + 1 : 0;
      token = facts.next ?? null;
      if (token === null) break;
      if (tokens.size === tokens.add(token).size)
        throw await this.#giveUp(`page ${number} names one that was read before`);
      if (empty > mostEmptyPages) throw await this.#giveUp(`${empty} empty pages in a row name another`);
      if (number >= mostPages)
        throw await this.#giveUp(`there is no end after ${mostPages.toLocaleString('en')} pages`);
    }
    if (total !== null && total !== spool.count)
      throw await this.#giveUp(`Docebo counts ${total} rows and sent ${spool.count}`);
    const blank = isBlank ? [`${blankReason} It came twice.`] : [];
    const full = isFull && total === null ? ['The last page was full, and nothing says that it is the last.'] : [];
    // A report may hold equal rows, so only a count tells.
    const again = repeated > 0 && total === null ? [`${repeated} of its pages may repeat the one before.`] : [];
    return {total, warnings: [...blank, ...full, ...again]};
  }

  async #readPage(format: PageFormat, address: PageAddress): Promise<LandedPage & {readonly facts: PageFacts}> {
    const {spool, large, calls} = this.#context;
    const request = format.name(address);
    const [landed] = spool.landedBefore(request);
    if (landed !== undefined && landed.facts !== null) {
      const {facts, records} = landed;
      const look = async () => spool.readLanded(landed);
      return {facts, records, total: facts.total, beside: 0, hasLandedBefore: true, look};
    }
    calls.expect(1);
    const {facts, lines, look} = await this.#fetchPage(format, address);
    await large.land(lines.heldBytes, async () => spool.accept({...this.#landing(request), facts, lines}));
    return {
      facts,
      records: lines.records,
      total: facts.total,
      beside: 0,
      hasLandedBefore: false,
      look: async () => look(),
    };
  }

  async #fetchPage(format: PageFormat, address: PageAddress): Promise<Page> {
    const fetch = async () => this.#get(format.ask(address), (body, status) => format.read(body, address, status));
    const page = await fetch();
    if (page.facts.blank === null) return page;
    if (address.number > 1)
      throw await this.#giveUp(`page ${address.number} holds no rows, though the one before named it`);
    // A table is empty only if two replies say so.
    return fetch();
  }

  /** The rows in a ZIP, which is read as a whole. */
  async *#readFile(route: ApiRoute, bound: Bound): AsyncGenerator<LandedPage, ExportProof> {
    const {spool, calls, convertCsv} = this.#context;
    if (convertCsv === undefined) throw new TypeError('Nothing was given that reads CSV.');
    const path = formatRequest(route, bound, {});
    const [csvFile, jsonFile] = [join(spool.folder, 'export.csv'), join(spool.folder, 'export.ndjson')];
    calls.expect(1);
    try {
      const wasMended = await this.#download(path, csvFile);
      const headings = await convertCsv(csvFile, jsonFile);
      yield* this.#landFile(jsonFile, headings, `GET ${path}`);
      const mended = 'The file held invalid characters, which became U+FFFD.';
      return {total: null, warnings: wasMended ? [mended] : []};
    } finally {
      for (const file of [csvFile, jsonFile]) await rm(file, {force: true});
    }
  }

  /** Returns whether the CSV held invalid characters. A ZIP that was damaged on its way is asked for once more. */
  async #download(path: string, csvFile: string): Promise<boolean> {
    const {large} = this.#context;
    // Few runs need it, and loading it takes time.
    const {DamagedZipError, readZip, unzipCsv} = await import('./unzip-csv.js');
    let wasMended = false;
    const get = async () => {
      const zip = await this.#get(path, readZip);
      await large.land(zip.length, async () => {
        wasMended = await unzipCsv(zip, csvFile);
      });
    };
    try {
      await get().catch(async error => {
        if (!(error instanceof DamagedZipError)) throw error;
        await get();
      });
    } catch (cause) {
      throw cause instanceof DamagedZipError ? this.#fail(cause.message, {cause}) : cause;
    }
    return wasMended;
  }

  async *#landFile(file: string, headings: readonly string[], request: string): AsyncGenerator<LandedPage, void> {
    const {spool, large} = this.#context;
    const made = new MadePages(new Map());
    // Headings of columns that are empty, or of a report without rows.
    const known = Object.fromEntries(headings.map(heading => [heading, ['null'] as const]));
    for await (const rows of readPages(file)) {
      const lines: PageLines = linesFromSpans(made.slice(rows));
      const landing = {
        ...this.#landing(request),
        facts: null,
        lines: {...lines, undeclared: {...known, ...lines.undeclared}},
      };
      await large.land(lines.heldBytes, async () => spool.accept(landing));
      yield {records: lines.records, total: null, beside: 0, hasLandedBefore: false, look: async () => []};
    }
  }

  #landing(request: string) {
    const readAt = this.#context.spool.startedExport?.started_at ?? null;
    return {request, bound: {}, state: 0, sentAfter: 0, readAt};
  }

  async #get<T>(path: string, read: (body: Buffer, status: number) => T): Promise<T> {
    const {client, calls, spool} = this.#context;
    try {
      return await client.get(path, read, () => {
        calls.made++;
      });
    } catch (cause) {
      if (!isRouteRefusal(cause) || spool.count === 0) throw cause;
      throw await this.#lose(cause);
    }
  }

  /** Part of the rows had come when the rest was refused. If that is because the export is gone, it has to be exported anew. */
  async #lose(cause: RejectedError): Promise<IncompleteError> {
    if (cause.status === 400 || cause.status === 404) await this.#export.discard();
    return this.#fail(`the rest of its rows was refused: ${cause.message}`, {hint: 'Run it again.', cause});
  }

  /** Another try exports the report anew: this export would be read in the same way again. */
  async #giveUp(what: string): Promise<IncompleteError> {
    const error = this.#fail(what, {hint: 'Run it again.'});
    await this.#export.discard();
    return error;
  }

  #fail(what: string, options: {hint?: string; cause?: unknown} = {}): IncompleteError {
    return new IncompleteError(`${this.#context.table.name}: ${describeReport(this.#report)}: ${what}.`, options);
  }
}

/** The rows in pages; one without rows if there are none. */
async function* readPages(file: string): AsyncGenerator<readonly Buffer[]> {
  let isEmpty = true;
  for await (const page of cutIntoPages(readLines(file), ({length}) => length)) {
    isEmpty = false;
    yield page;
  }
  if (isEmpty) yield [];
}
