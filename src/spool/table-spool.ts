import {constants} from 'node:fs';
import {type FileHandle, mkdir, open, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {DestinationError} from '../errors.js';
import type {Toleration} from '../report.js';
import type {SentRecord} from '../table.js';
import {
  type CompletedTable,
  type LandedPage,
  type ManifestLine,
  type PageFacts,
  pageKey,
  type SentType,
  type SpooledTable,
  type ToleratedRequest,
} from './format.js';
import type {PageLines} from './lines.js';
import {loadManifest} from './load-manifest.js';
import {type Refusal, tallyTolerated} from './tolerated.js';

/** A page on its way into the spool. */
export interface Landing {
  readonly lines: PageLines;
  readonly request: string;
  readonly bound: Readonly<Record<string, string>>;
  readonly facts: PageFacts | null;
  /** Of the list, numbered from 0 by whoever reads it. */
  readonly state: number;
  readonly sentAfter: number;
}

const recordsName = 'records.ndjson';
const manifestName = 'manifest.ndjson';

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
  readonly #folder: string;
  readonly #records: FileHandle;
  readonly #manifest: FileHandle;
  readonly #undeclared = new Map<string, Set<SentType>>();
  readonly #landed = new Map<string, LandedPage[]>();
  readonly #tolerated = new Map<string, ToleratedRequest>();
  /** Where the records of each page end that was there when the spool was opened. */
  readonly #ends: number[] = [0];
  #completed: CompletedTable | undefined;
  #failure: unknown;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #page = 0;
  #pass = 0;
  /** States are numbered anew each time a spool is opened; no list has had more of them than pages. */
  #firstState = 0;
  #offset = 0;
  #count = 0;

  private constructor(name: string, folder: string, records: FileHandle, manifest: FileHandle) {
    this.name = name;
    this.#folder = folder;
    this.#records = records;
    this.#manifest = manifest;
  }

  /**
   * Opens a table's spool with all that is durable in it; what a crash left half written is cut off. `fresh`: without what is in it;
   * `again`: for the whole table to be read once more.
   */
  static async open(runFolder: string, name: string, {fresh = false, again = false} = {}): Promise<TableSpool> {
    const folder = join(runFolder, name);
    try {
      if (fresh) await rm(folder, {recursive: true, force: true});
      await mkdir(folder, {recursive: true, mode: 0o700});
      const records = await open(join(folder, recordsName), constants.O_RDWR | constants.O_CREAT, 0o600);
      const manifest = await open(join(folder, manifestName), 'a', 0o600);
      const spool = new TableSpool(name, folder, records, manifest);
      await spool.#restore(again).catch(async cause => {
        await spool.close();
        throw cause;
      });
      return spool;
    } catch (cause) {
      throw explain(cause, folder);
    }
  }

  async #restore(again: boolean): Promise<void> {
    const {lines, durableBytes} = await loadManifest(join(this.#folder, manifestName));
    for (const line of lines) {
      this.#completed = line.type === 'complete' ? line : undefined;
      if (line.type === 'tolerated') this.#tolerated.set(line.request, line);
      if (line.type !== 'page') continue;
      // What an earlier pass landed is out of date, but for rows that were not met again.
      if (line.pass !== this.#pass) this.#landed.clear();
      this.#landed.set(line.request, [...(this.#landed.get(line.request) ?? []), line]);
      this.#ends[line.page] = line.end_offset;
      this.#remember(line.undeclared);
      this.#page = line.page;
      this.#pass = line.pass;
      this.#offset = line.end_offset;
      this.#count += line.records;
    }
    if (again) {
      this.#pass++;
      this.#landed.clear();
    }
    this.#firstState = this.#page;
    await cutTo(this.#manifest, durableBytes);
    await cutTo(this.#records, this.#offset);
  }

  /** What an earlier run proved, if nothing has landed since. */
  get completed(): CompletedTable | undefined {
    return this.#completed;
  }

  /** How often the whole table had been read before this. */
  get pass(): number {
    return this.#pass;
  }

  /** The durable replies to a request, in order, as they were when the spool was opened. */
  landedBefore(request: string): readonly LandedPage[] {
    return this.#landed.get(request) ?? [];
  }

  toleratedBefore(request: string): ToleratedRequest | undefined {
    return this.#tolerated.get(request);
  }

  tolerations(): readonly Toleration[] {
    return tallyTolerated(this.#tolerated.values());
  }

  /** The records of a page that was there when the spool was opened. */
  async readLanded({page, records, end_offset}: LandedPage): Promise<readonly SentRecord[]> {
    if (records === 0) return [];
    const start = this.#ends[page - 1] ?? 0;
    const bytes = Buffer.alloc(end_offset - start);
    await this.#records.read(bytes, 0, bytes.length, start);
    const lines = bytes.toString().trimEnd().split('\n');
    return lines.map(line => {
      const {[pageKey]: _, ...record}: Record<string, unknown> = JSON.parse(line);
      return record;
    });
  }

  /** Records landed so far. */
  get count(): number {
    return this.#count;
  }

  /** Resolves once the page is durable. Waiting for it is the back-pressure on reading. */
  async land(landing: Landing): Promise<void> {
    const landed = new Promise<void>((resolve, reject) => {
      this.#waiting.push({...landing, resolve, reject});
    });
    this.#flushing ??= this.#flush();
    await landed;
  }

  /** Remembers a refusal that does not make the table incomplete. */
  async tolerate(line: Refusal): Promise<void> {
    await this.#append([{type: 'tolerated', ...line}]);
  }

  /** Says that the extraction is proved, and closes. */
  async complete(proof: Pick<CompletedTable, 'total' | 'moved' | 'route'>): Promise<SpooledTable> {
    const line: CompletedTable = {type: 'complete', records: this.#count, pages: this.#page, ...proof};
    await this.#append([line]);
    await this.close();
    return this.#describe(line);
  }

  /** Closes a spool that an earlier run completed, and hands it on. */
  async reuse(completed: CompletedTable): Promise<SpooledTable> {
    await this.close();
    return this.#describe(completed);
  }

  #describe({records, total, moved}: CompletedTable): SpooledTable {
    return {
      name: this.name,
      recordsFile: join(this.#folder, recordsName),
      manifestFile: join(this.#folder, manifestName),
      records,
      total,
      moved,
      undeclared: this.#undeclared,
    };
  }

  async close(): Promise<void> {
    await this.#records.close();
    await this.#manifest.close();
  }

  async #flush(): Promise<void> {
    // After a failure nothing below waits: without this the end would come before land() has kept the promise, which then stays.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        // After a failure what is written is not sure, so nothing may follow it.
        if (this.#failure !== undefined) throw this.#failure;
        await this.#write(batch);
        for (const {resolve} of batch) resolve();
      } catch (cause) {
        this.#failure = explain(cause, this.#folder);
        for (const {reject} of batch) reject(this.#failure);
      }
    }
    this.#flushing = undefined;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const buffers: Buffer[] = [];
    const pages: LandedPage[] = [];
    for (const {lines, request, bound, facts, state, sentAfter} of batch) {
      const page = ++this.#page;
      const bytes = lines.encode(page);
      buffers.push(bytes);
      this.#offset += bytes.length;
      this.#count += lines.records;
      this.#remember(lines.undeclared);
      pages.push({
        type: 'page',
        page,
        request,
        bound,
        records: lines.records,
        facts,
        pass: this.#pass,
        state: this.#firstState + state,
        sent_after: sentAfter,
        end_offset: this.#offset,
        extracted_at: new Date().toISOString(),
        undeclared: lines.undeclared,
      });
    }
    await this.#writeAll(buffers);
    await this.#records.datasync();
    await this.#append(pages);
  }

  /** A disk that fills up takes a part of the bytes without an error. */
  async #writeAll(buffers: readonly Buffer[]): Promise<void> {
    const bytes = buffers.reduce((sum, {length}) => sum + length, 0);
    if (bytes === 0) return;
    // At its place, not where the handle stands: a part that an earlier try wrote is overwritten.
    const {bytesWritten} = await this.#records.writev(buffers, this.#offset - bytes);
    if (bytesWritten !== bytes) throw new Error(`only ${bytesWritten} of ${bytes} bytes could be written`);
  }

  #remember(undeclared: PageLines['undeclared']): void {
    for (const [key, types] of Object.entries(undeclared)) {
      const known = this.#undeclared.get(key) ?? new Set();
      for (const type of types) known.add(type);
      this.#undeclared.set(key, known);
    }
  }

  async #append(lines: readonly ManifestLine[]): Promise<void> {
    try {
      await this.#manifest.appendFile(lines.map(line => `${JSON.stringify(line)}\n`).join(''));
      await this.#manifest.datasync();
    } catch (cause) {
      throw explain(cause, this.#folder);
    }
  }
}

async function cutTo(file: FileHandle, bytes: number): Promise<void> {
  const {size} = await file.stat();
  if (size > bytes) await file.truncate(bytes);
}

function explain(cause: unknown, folder: string): DestinationError {
  if (cause instanceof DestinationError) return cause;
  const said = cause instanceof Error ? cause.message : String(cause);
  return new DestinationError(`The spool in ${folder} cannot be written: ${said}.`, {
    cause,
    hint: 'Free some space, or choose another place with --state-dir.',
  });
}
