import type {PageFacts} from '../../spool/format.js';
import type {ListLength} from './length.js';
import type {Page, PageFormat} from './page.js';

/** So many pages, and the look at one of them once more is at most 2 % of the calls. */
const pagesForLook = 50;

/** Pages of a list that are looked at once more in the end if it is not frozen: at most 2 % of its pages. */
export function countLooks(pages: number): number {
  return Math.min(2, Math.floor(pages / pagesForLook));
}

/**
 * Keys of the first page of a list and of the one furthest on. By them a page is known that comes again, and one that rows have left, however
 * the rest of the rows may have changed.
 */
export class KnownKeys {
  readonly #format: PageFormat;
  readonly #length: ListLength;
  readonly #pages = new Map<number, readonly string[]>();

  constructor(format: PageFormat, length: ListLength) {
    this.#format = format;
    this.#length = length;
  }

  /** Whether the keys of a page are needed. Those of others are not taken: to look at all records costs more than to land them. */
  needs({number, has_more}: PageFacts): boolean {
    const {pages, isOpen} = this.#length;
    const isFollowed = pages === null || isOpen || (number >= pages && has_more === true);
    return isFollowed || (countLooks(pages) > 0 && (number === 1 || number === pages));
  }

  note(page: number, records: ReturnType<Page['look']>): void {
    for (const known of this.#pages.keys()) if (known !== 1 && known < page) this.#pages.delete(known);
    this.#pages.set(page, this.#format.keysOf(records));
  }

  /** Whether a page brings no row that the first or the one before it has not brought. */
  areRepeatedBy({facts, look}: Page, before: PageFacts): boolean {
    if (facts.sent === 0) return false;
    if (facts.fingerprint === before.fingerprint) return true;
    const keys = this.#format.keysOf(look());
    const known = new Set([...this.#pages.values()].flat());
    return keys.length === facts.sent && keys.every(key => known.has(key));
  }

  /** Rows that a page does not hold any more. */
  countLost({facts, look}: Page): number {
    const present = new Set(this.#format.keysOf(look()));
    return this.#pages.get(facts.number)?.filter(key => !present.has(key)).length ?? 0;
  }
}
