import type {PageFacts} from '../../spool/format.js';
import type {ListLength} from './length.js';
import type {Page, PageFormat} from './page.js';

/** With so many pages, looking at one of them again is at most 2 % of the calls. */
const pagesForLook = 50;

/** How many pages of a list are looked at again in the end if it is not frozen: at most 2 % of them. */
export function countLooks(pages: number): number {
  return Math.min(2, Math.floor(pages / pagesForLook));
}

/**
 * The keys of a list's first page and of the furthest one. They show that a page has come again, or that rows have left it, however its other rows
 * may have changed.
 */
export class KnownKeys {
  readonly #format: PageFormat;
  readonly #length: ListLength;
  readonly #pages = new Map<number, readonly string[]>();

  constructor(format: PageFormat, length: ListLength) {
    this.#format = format;
    this.#length = length;
  }

  /** Whether the keys of a page are needed. Those of other pages are not read: looking at all records costs more than landing them. */
  needs({number, has_more}: PageFacts): boolean {
    const {pages, isOpen} = this.#length;
    if (pages === null || isOpen) return has_more === true || this.#format.route.paging !== 'single';
    return (has_more === true && number >= pages) || (countLooks(pages) > 0 && (number === 1 || number === pages));
  }

  note(page: number, records: ReturnType<Page['look']>): void {
    for (const known of this.#pages.keys()) if (known !== 1 && known < page) this.#pages.delete(known);
    this.#pages.set(page, this.#format.keysOf(records));
  }

  /** Whether a page holds only rows that the first page or the one before has held. */
  areRepeatedBy({facts, look}: Page, before: PageFacts): boolean {
    if (facts.sent === 0) return false;
    if (facts.fingerprint === before.fingerprint) return true;
    const keys = this.#format.keysOf(look());
    const known = new Set([...this.#pages.values()].flat());
    return keys.length === facts.sent && keys.every(key => known.has(key));
  }

  /** Counts the rows that a page no longer holds. */
  countLost({facts, look}: Page): number {
    const present = new Set(this.#format.keysOf(look()));
    return this.#pages.get(facts.number)?.filter(key => !present.has(key)).length ?? 0;
  }
}
