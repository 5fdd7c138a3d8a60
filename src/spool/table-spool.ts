import {type FileHandle, mkdir, open} from 'node:fs/promises';
import {join} from 'node:path';
import {DestinationError} from '../errors.js';
import type {CompletedTable, LandedPage, ManifestLine, SentType, SpooledTable} from './format.js';
import type {PageLines} from './lines.js';

interface Waiting {
  readonly lines: PageLines;
  readonly request: string;
  readonly bound: Readonly<Record<string, string>>;
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
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #page = 0;
  #offset = 0;
  #count = 0;

  private constructor(name: string, folder: string, records: FileHandle, manifest: FileHandle) {
    this.name = name;
    this.#folder = folder;
    this.#records = records;
    this.#manifest = manifest;
  }

  static async create(runFolder: string, name: string): Promise<TableSpool> {
    const folder = join(runFolder, name);
    try {
      await mkdir(folder, {recursive: true, mode: 0o700});
      const records = await open(join(folder, 'records.ndjson'), 'w', 0o600);
      return new TableSpool(name, folder, records, await open(join(folder, 'manifest.ndjson'), 'a', 0o600));
    } catch (cause) {
      throw explain(cause, folder);
    }
  }

  /** Records landed so far. */
  get count(): number {
    return this.#count;
  }

  /** Resolves once the page is durable. Waiting for it is the back-pressure on reading. */
  async land(lines: PageLines, request: string, bound: Readonly<Record<string, string>>): Promise<void> {
    const landed = new Promise<void>((resolve, reject) => {
      this.#waiting.push({lines, request, bound, resolve, reject});
    });
    this.#flushing ??= this.#flush();
    await landed;
  }

  /** Says that the extraction is proved, and closes. */
  async complete(total: number | null): Promise<SpooledTable> {
    const line: CompletedTable = {type: 'complete', records: this.#count, pages: this.#page, total};
    try {
      await this.#append([line]);
      await this.close();
    } catch (cause) {
      throw explain(cause, this.#folder);
    }
    return {
      name: this.name,
      recordsFile: join(this.#folder, 'records.ndjson'),
      manifestFile: join(this.#folder, 'manifest.ndjson'),
      records: this.#count,
      undeclared: this.#undeclared,
    };
  }

  async close(): Promise<void> {
    await this.#records.close();
    await this.#manifest.close();
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(batch);
        for (const {resolve} of batch) resolve();
      } catch (cause) {
        for (const {reject} of batch) reject(explain(cause, this.#folder));
      }
    }
    this.#flushing = undefined;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const buffers: Buffer[] = [];
    const pages: LandedPage[] = [];
    for (const {lines, request, bound} of batch) {
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
    const {bytesWritten} = await this.#records.writev(buffers);
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
    await this.#manifest.appendFile(lines.map(line => `${JSON.stringify(line)}\n`).join(''));
    await this.#manifest.datasync();
  }
}

function explain(cause: unknown, folder: string): DestinationError {
  const said = cause instanceof Error ? cause.message : String(cause);
  return new DestinationError(`The spool in ${folder} cannot be written: ${said}.`, {
    cause,
    hint: 'Free some space, or choose another place with --state-dir.',
  });
}
