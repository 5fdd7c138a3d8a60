import {createHash} from 'node:crypto';
import {type FileHandle, open} from 'node:fs/promises';
import type {RawRecord} from '../../json/raw-record.js';
import type {Base} from '../../spool/bases.js';
import type {Findings, PageLine} from '../../spool/format.js';
import {linesFromLanded} from '../../spool/lines.js';
import {readLine, splitLines} from '../../spool/read-records.js';
import type {LandedPage, ListContext} from '../lists/list-context.js';
import {CannotMergeError} from './cannot-merge.js';

/** The records of a base, read from disk and carried over into the spool of a run. */
export class BaseRows {
  readonly #file: FileHandle;
  /** Where the records of each page begin. */
  readonly #starts = new Map<number, number>();
  #findings: Findings;

  private constructor(base: Base, file: FileHandle) {
    this.#file = file;
    const {undeclared, exact, mended, repeated} = base.found;
    this.#findings = {
      undeclared: Object.fromEntries([...undeclared].map(([key, types]) => [key, [...types]])),
      exact: [...exact],
      mended: [...mended],
      repeated: [...repeated],
    };
    let start = 0;
    for (const {page, end_offset: end} of base.pages) {
      this.#starts.set(page, start);
      start = end;
    }
  }

  static async with<T>(base: Base, use: (rows: BaseRows) => Promise<T>): Promise<T> {
    const rows = await BaseRows.open(base);
    try {
      return await use(rows);
    } finally {
      await rows.close();
    }
  }

  static async open(base: Base): Promise<BaseRows> {
    return new BaseRows(base, await open(base.recordsFile));
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async read(page: PageLine): Promise<BasePage> {
    const {end_offset: end} = page;
    const start = this.#starts.get(page.page) ?? 0;
    const bytes = Buffer.allocUnsafe(end - start);
    const {bytesRead} = await this.#file.read(bytes, 0, bytes.length, start);
    if (bytesRead < bytes.length) throw new CannotMergeError('What earlier runs have read has changed on disk.');
    return new BasePage(page, splitLines(bytes), () => this.#takeFindings());
  }

  /** The base says of no page what stands on it, so the first one that is carried over stands for all. */
  #takeFindings(): Findings {
    const findings = this.#findings;
    this.#findings = nothing;
    return findings;
  }
}

class BasePage {
  readonly #page: PageLine;
  readonly #lines: readonly Buffer[];
  readonly #takeFindings: () => Findings;

  constructor(page: PageLine, lines: readonly Buffer[], takeFindings: () => Findings) {
    this.#page = page;
    this.#lines = lines;
    this.#takeFindings = takeFindings;
  }

  /** The record at a place, from 0. */
  record(place: number): RawRecord {
    return readLine(this.#lines[place] ?? Buffer.from('{}'), () => this.#page.bound);
  }

  /** Lands the records that are kept as if they were read now, but with the time at which they were. `isKept`: by a record's place. */
  async carry(
    {spool, large}: Pick<ListContext, 'spool' | 'large'>,
    isKept: (place: number) => boolean = () => true,
  ): Promise<LandedPage> {
    const {request, bound, facts, sent_after: sentAfter, list, parent, keys, extracted_at: readAt} = this.#page;
    const kept = this.#lines.filter((_, place) => isKept(place));
    const lines = linesFromLanded(kept, this.#takeFindings());
    const landing = {lines, request, bound, facts, state: 0, sentAfter, list, parent, readAt, carried: true} as const;
    const keptKeys = keys?.split(/(?<=\n)/).filter((_, place) => isKept(place));
    await large.land(lines.heldBytes, async () => spool.accept({...landing, keys: keptKeys?.join('')}));
    const look = async () => kept.map(line => readLine(line, () => bound));
    return {records: kept.length, beside: 0, total: null, hasLandedBefore: true, look};
  }
}

const nothing: Findings = {undeclared: {}, exact: [], mended: [], repeated: []};

/** Equal for two records only if they were sent alike. */
export function digestOf(record: RawRecord | undefined): string {
  return createHash('md5')
    .update(record?.encode() ?? '')
    .digest('base64url');
}
