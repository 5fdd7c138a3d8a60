import {RejectedError, ResponseError, UnavailableError} from '../../errors.js';
import type {PageFacts} from '../../spool/format.js';
import type {Page} from './page.js';
import type {Readings} from './readings.js';

/**
 * Asks for the pages of one list by the cursor that its first page gave, as long as Docebo accepts it (tables/API.md#cursors). After that, pages show
 * the list as it is and no longer as it was.
 */
export class FrozenSearch {
  readonly #readings: Pick<Readings, 'breakOff'>;
  #cursor: string | null = null;
  /** The facts of the page that gave the cursor. */
  #first: PageFacts | undefined;
  /** Whether any page was read by the cursor. */
  #wasUsed = false;
  /** Whether the cursor was given up. No other is used then. */
  #isThawed = false;

  constructor(readings: Pick<Readings, 'breakOff'>) {
    this.#readings = readings;
  }

  /** Whether all pages show the list as it was when the first was read. */
  get isFrozen(): boolean {
    return this.#wasUsed && !this.#isThawed;
  }

  async ask(path: string, get: (path: string) => Promise<Page>): Promise<Page> {
    const cursor = this.#cursor;
    const frozen = cursor === null ? undefined : await this.#askFrozen(path, cursor, get);
    if (frozen !== undefined) return frozen;
    const page = await get(path);
    // A request that fails without the cursor too did not fail because of it.
    if (cursor !== null) this.thaw();
    if (this.#isThawed || page.cursor === null) return page;
    this.#cursor = page.cursor;
    this.#first = page.facts;
    return page;
  }

  async #askFrozen(path: string, cursor: string, get: (path: string) => Promise<Page>): Promise<Page | undefined> {
    try {
      const page = await get(`${path}&cursor=${encodeURIComponent(cursor)}`);
      // If the cursor was given up meanwhile, this page of the past would be taken for one of the present.
      if (this.#isThawed || !this.#holds(page.facts)) return undefined;
      this.#wasUsed = true;
      return page;
    } catch (error) {
      if (!mayBeForCursor(error)) throw error;
      return undefined;
    }
  }

  /** How Docebo reports a forgotten cursor is not known. Another list, an empty one or the first page again are taken as such a report. */
  #holds({number, sent, total, fingerprint, current_page: place}: PageFacts): boolean {
    const first = this.#first;
    if (first === undefined || number === first.number) return true;
    if (total !== null && first.total !== null && total !== first.total) return false;
    const isOther =
      place !== null && first.current_page !== null && place - first.current_page !== number - first.number;
    if (isOther) return false;
    if (sent > 0) return fingerprint !== first.fingerprint;
    return first.total !== null && first.sent * (number - 1) >= first.total;
  }

  /** Gives the cursor up for good. If pages were read by it, the list may have changed since. */
  thaw(): void {
    if (this.#wasUsed && !this.#isThawed) this.#readings.breakOff();
    this.#cursor = null;
    this.#isThawed = true;
  }
}

/** Any refusal may be due to the cursor, as may a 500 or an odd reply from a server that does not know it. Overload and network failures are not. */
function mayBeForCursor(error: unknown): boolean {
  if (error instanceof UnavailableError) return error.status === 500;
  return error instanceof RejectedError || error instanceof ResponseError;
}
