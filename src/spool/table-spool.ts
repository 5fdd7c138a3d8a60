import {join} from 'node:path';
import type {RawRecord} from '../json/raw-record.js';
import type {
  CompletedTable,
  PageFacts,
  PageLine,
  ParentState,
  SpooledTable,
  StartedExport,
  ToleratedRequest,
  WholeReading,
} from './format.js';
import type {Found, LandedBefore} from './landed-before.js';
import {measureLongest, type PageLines} from './lines.js';
import {formatLine} from './load-manifest.js';
import {readLine, splitLines} from './read-records.js';
import {SpoolFiles} from './spool-files.js';
import type {Refusal} from './tolerated.js';

/** A page on its way into the spool. */
export interface Landing extends Pick<PageLine, 'carried'> {
  readonly lines: PageLines;
  readonly request: string;
  readonly bound: Readonly<Record<string, string>>;
  readonly facts: PageFacts | null;
  /** The list's state, which its reader numbers from 0. */
  readonly state: number;
  readonly sentAfter: number;
  readonly list?: string | undefined;
  readonly keys?: string | undefined;
  readonly parent?: ParentState | undefined;
  /** ISO 8601, UTC. @default the time of landing */
  readonly readAt?: string | null;
}

/** The most pages that wait for the disk: a few megabytes at the usual size. */
const mostWaiting = 16;
const mostWaitingBytes = 16 * 1024 * 1024;

interface Waiting extends Landing {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Writes one table's landing zone. A page is durable before the manifest says so: records are written and synced first, the
 * manifest line after. Pages that arrive while a sync runs share the next one.
 */
export class TableSpool {
  readonly name: string;
  readonly #files: SpoolFiles;
  #before: LandedBefore;
  /** How often the whole table was read before this pass. */
  readonly pass: number;
  #found: Found;
  readonly #lost: AbortSignal | undefined;
  /** The number of the first new state. Numbers begin again each time a spool is opened, and no list has more states than pages. */
  #firstState: number;
  #failure: unknown;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #page: number;
  #offset: number;
  #count: number;
  #readAt: string | null;
  #startedExport: StartedExport | null;

  private constructor(
    name: string,
    files: SpoolFiles,
    before: LandedBefore,
    pass: number,
    lost: AbortSignal | undefined,
  ) {
    this.name = name;
    this.#before = before;
    this.pass = pass;
    this.#files = files;
    this.#lost = lost;
    this.#found = before.found;
    this.#page = before.pages;
    this.#firstState = before.pages;
    this.#offset = before.recordBytes;
    this.#count = before.records;
    this.#readAt = before.readAt;
    this.#startedExport = before.startedExport;
  }

  /**
   * Opens a table's spool with all that is durable in it. `keepsDerived`: whether records that were derived are kept, which take no call to make
   * again; `again` has the whole table read once more; `lost` is aborted when another process works in the folder.
   */
  static async open(
    runFolder: string,
    name: string,
    {
      keepsDerived = true,
      again = false,
      lost,
    }: {keepsDerived?: boolean; again?: boolean; lost?: AbortSignal | undefined} = {},
  ): Promise<TableSpool> {
    const {files, before} = await SpoolFiles.open(join(runFolder, name), keepsDerived);
    if (again) before.forgetReplies();
    return new TableSpool(name, files, before, before.pass + (again ? 1 : 0), lost);
  }

  /** What the spool held when it was opened. */
  get before(): LandedBefore {
    return this.#before;
  }

  get folder(): string {
    return this.#files.folder;
  }

  /** The export of a report of which all pages are; null if none is known to be there. */
  get startedExport(): StartedExport | null {
    return this.#startedExport;
  }

  /** The pages that a request gave before the spool was opened, in the order in which they landed. */
  landedBefore(request: string): readonly PageLine[] {
    return this.before.replies(request);
  }

  /** The refusal of a request that was tolerated before the spool was opened. */
  toleratedBefore(request: string): ToleratedRequest | undefined {
    return this.before.tolerated(request);
  }

  /** Reads the records of a page that had landed before the spool was opened. */
  async readLanded(page: PageLine): Promise<readonly RawRecord[]> {
    const bytes = await this.#files.readRecords(this.before.startOf(page), page.end_offset);
    return splitLines(bytes).map(line => readLine(line));
  }

  /** Records landed so far. */
  get count(): number {
    return this.#count;
  }

  /** Resolves once the page is durable. Waiting for that is the back-pressure on reading. */
  async land(landing: Landing): Promise<void> {
    const landed = new Promise<void>((resolve, reject) => {
      this.#waiting.push({...landing, resolve, reject});
    });
    this.#flushing ??= this.#flush();
    await landed;
  }

  /**
   * Takes a page and resolves once there is room for another, while the page is still being written: a reader that waited for the disk
   * at each page was idle half of the time. A later call throws what goes wrong, `complete` at the latest.
   */
  async accept(landing: Landing): Promise<void> {
    this.#lost?.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure;
    const landed = this.land(landing);
    // Kept as the failure.
    landed.catch(() => undefined);
    if (this.#waiting.length >= mostWaiting || this.#waitingBytes > mostWaitingBytes) await landed;
  }

  get #waitingBytes(): number {
    return this.#waiting.reduce((sum, {lines}) => sum + lines.heldBytes, 0);
  }

  /** Notes the export that Docebo was asked for, so that it is not started again. */
  async noteExport(started: Omit<StartedExport, 'type'>): Promise<void> {
    const line: StartedExport = {...started, type: 'export'};
    await this.#files.append(formatLine(line));
    this.#startedExport = line;
  }

  /** Removes all that has landed, to begin with another export. */
  async empty(): Promise<void> {
    await this.#flushing;
    this.#before = await this.#files.empty();
    this.#found = this.#before.found;
    [this.#page, this.#firstState, this.#offset, this.#count] = [0, 0, 0, 0];
    [this.#readAt, this.#startedExport] = [null, null];
  }

  /** Removes all that has landed, because the whole table has to be read instead. */
  async beginWhole(reason: string): Promise<void> {
    await this.empty();
    const line: WholeReading = {type: 'whole', reason};
    await this.#files.append(formatLine(line));
  }

  /** Notes a refusal that does not make the table incomplete. */
  async tolerate(line: Refusal): Promise<void> {
    await this.#files.append(formatLine({type: 'tolerated', ...line}));
  }

  /** Notes that the extraction is proved, and closes. */
  async complete(
    proof: Pick<CompletedTable, 'total' | 'moved' | 'route'> &
      Partial<Pick<CompletedTable, 'servedBy' | 'warnings' | 'merged' | 'asked_at' | 'clock_ahead_ms'>>,
  ): Promise<SpooledTable> {
    await this.#flushing;
    if (this.#failure !== undefined) throw this.#failure;
    const line: CompletedTable = {type: 'complete', records: this.#count, pages: this.#page, warnings: [], ...proof};
    await this.#files.append(formatLine(line));
    await this.close();
    return this.#describe(line);
  }

  /** Closes a spool that an earlier run completed, and returns it. */
  async reuse(completed: CompletedTable): Promise<SpooledTable> {
    await this.close();
    return this.#describe(completed);
  }

  #describe({records, total, moved, servedBy, merged, asked_at: askedAt}: CompletedTable): SpooledTable {
    return {
      name: this.name,
      recordsFile: this.#files.recordsFile,
      manifestFile: this.#files.manifestFile,
      records,
      total,
      moved,
      ...this.#found,
      // What was carried over is as of the moment at which changes were asked for, before any page came.
      readAt: earlier(this.#readAt, askedAt ?? null),
      ...(merged?.oldest != null && {oldestAt: merged.oldest}),
      ...(servedBy !== undefined && {servedBy}),
    };
  }

  async close(): Promise<void> {
    await this.#flushing;
    await this.#files.close();
  }

  async #flush(): Promise<void> {
    // After a failure nothing below waits. Without this, #flushing would be cleared before land() has set it, and stay set.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        // After a failure it is not certain what was written, so nothing may follow it.
        if (this.#failure !== undefined) throw this.#failure;
        await this.#write(batch);
        for (const {resolve} of batch) resolve();
      } catch (cause) {
        this.#failure = cause;
        for (const {reject} of batch) reject(cause);
      }
    }
    this.#flushing = undefined;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const buffers: Buffer[] = [];
    const offset = this.#offset;
    let manifest = '';
    const now = new Date().toISOString();
    for (const {lines, request, bound, facts, state, sentAfter, list, keys, parent, carried, ...landing} of batch) {
      const readAt = landing.readAt ?? now;
      if (carried === undefined) this.#readAt ??= readAt;
      const page = ++this.#page;
      const bytes = lines.encode(page);
      buffers.push(bytes);
      this.#offset += bytes.length;
      this.#count += lines.records;
      const line: PageLine = {
        type: 'page',
        page,
        request,
        bound,
        records: lines.records,
        facts,
        pass: this.pass,
        state: this.#firstState + state,
        sent_after: sentAfter,
        ...(list !== undefined && {list}),
        ...(keys !== undefined && {keys}),
        ...(parent !== undefined && {parent}),
        ...(carried !== undefined && {carried}),
        end_offset: this.#offset,
        longest_line: measureLongest(bytes),
        extracted_at: readAt,
        ...this.#found.add(lines),
      };
      this.#found.note(line);
      manifest += formatLine(line, bytes);
    }
    await this.#files.write(buffers, offset, manifest);
  }
}

/** The earlier of two moments in the form of Date.toISOString. */
function earlier(one: string | null, other: string | null): string | null {
  return one !== null && (other === null || one < other) ? one : other;
}
