import type {PageFacts} from '../../spool/format.js';

/** What is wrong with a page, by what the server says of it and of the others. */
export interface Flaw {
  readonly why: string;
  /** Whether nothing is wrong but the number of records, which is not the one that the server says. */
  readonly isMiscount?: true;
}

/**
 * How long a list is, by what the server says and by what came.
 *
 * These may contradict each other. The larger of two statements counts, and what it promises has to come: a total holds against a page count
 * that is smaller, and a larger page count, or more records than the total, against the total. A list without a total that is believed is
 * held against the rest of what is said: pages that are not the last are full, none is empty that was counted, and a page that was promised
 * is believed to be empty only the second time.
 */
export class ListLength {
  /** What the last reading of each page said. */
  readonly #pages = new Map<number, PageFacts>();
  /** Pages whose last reading contradicts the total that it gives. */
  readonly #contradicting = new Set<number>();
  #furthest: PageFacts | undefined;
  #fullSize: number | null = null;
  #total: number | null = null;
  #stayed: number | null = null;

  add(facts: PageFacts): void {
    const {number, total} = facts;
    if (total !== null) {
      this.#stayed = (this.#stayed ?? total) - Math.max(0, (this.#total ?? total) - total);
      this.#total = total;
    }
    this.#pages.set(number, facts);
    if (number >= (this.#furthest?.number ?? 0)) this.#furthest = facts;
    const isSizeNew = this.#fullSize === null && this.#learnSize();
    for (const page of isSizeNew ? this.#pages.values() : [facts]) this.#noteContradiction(page);
  }

  /** What was said last of the page that is furthest on. */
  get furthest(): PageFacts | undefined {
    return this.#furthest;
  }

  /** Rows in all as last counted, whatever contradicts it. */
  get total(): number | null {
    return this.#total;
  }

  /** Rows in all as last counted, unless what was said or sent contradicts it. */
  get #believedTotal(): number | null {
    return this.hasContradicted ? null : this.#total;
  }

  /** Whether the server counts fewer rows than it sends, or than would fill the pages that it counts. */
  get hasContradicted(): boolean {
    return this.#contradicting.size > 0;
  }

  /** Rows that were there from the first reply to the last, at the least: where the API counts none, those that were sent. */
  get stayed(): number {
    if (this.#stayed !== null && !this.hasContradicted) return this.#stayed;
    return this.sent;
  }

  /** Records of the pages as last read. */
  get sent(): number {
    return [...this.#pages.values()].reduce((sum, {sent}) => sum + sent, 0);
  }

  /** Records on a full page, as far as can be told; 0 while nothing tells. */
  get size(): number {
    const first = this.#pages.get(1);
    const said = first?.page_size ?? 0;
    return this.#fullSize ?? (this.#pages.has(2) ? said : first?.sent || said);
  }

  /** Pages of the list as it was last seen; null if the server does not say. It may send fewer a page than asked for. */
  get pages(): number | null {
    const total = this.#believedTotal;
    if (total !== null) return this.size === 0 ? 1 : Math.max(1, Math.ceil(total / this.size));
    const first = this.#pages.get(1);
    // Where they disagree, the page count is believed: an empty page costs a call, a page left out costs rows.
    if (first?.has_more === false) return Math.max(1, first.total_pages ?? 1);
    return first?.total_pages ?? null;
  }

  /** Pages as far as it is sure that there are so many: how many more there are may depend on what the second one holds. */
  get surePages(): number | null {
    const isSure = this.#fullSize !== null || this.size === 0 || this.#pages.has(2) || this.#believedTotal === null;
    const {pages} = this;
    return pages === null || isSure ? pages : Math.min(pages, 2);
  }

  /** Whether only an empty page tells where the list ends: a page count that goes by a wrong total, or by another size of page, does not. */
  get isOpen(): boolean {
    return this.pages === null || (this.hasContradicted && this.#furthest?.has_more === null);
  }

  /** Whether a list of so many rows ends with this page. */
  endsWith(number: number, total: number | null): boolean {
    return total === null || this.hasContradicted || total <= number * this.size;
  }

  /**
   * Records on a full page are those on the first if that has as many as the server says or was asked for. If not, either it puts fewer on a
   * page than it says, or some did not come: then the second page tells.
   */
  #learnSize(): boolean {
    const [first, second] = [this.#pages.get(1), this.#pages.get(2)];
    if (first === undefined || first.sent === 0) return false;
    const isAsSaid = (first.page_size || first.sent) === first.sent;
    const total = second?.total ?? first.total;
    const rest = total === null ? first.sent : Math.min(first.sent, total - first.sent);
    if (isAsSaid || second?.sent === rest) this.#fullSize = first.sent;
    return this.#fullSize !== null;
  }

  #noteContradiction(facts: PageFacts): void {
    const {number, total, total_pages, sent, page_size} = facts;
    // Until the size is known the smaller one: with it, more pages are no contradiction.
    const size = this.#fullSize ?? Math.max(1, Math.min(sent, page_size || sent));
    const countsMorePages =
      total !== null && total_pages !== null && total_pages > Math.max(1, Math.ceil(total / size));
    if (countsMorePages || this.#exceedsTotal(facts)) this.#contradicting.add(number);
    else this.#contradicting.delete(number);
  }

  #exceedsTotal({number, sent, total}: PageFacts): boolean {
    return total !== null && sent > 0 && (number - 1) * this.size + sent > total;
  }

  /** Gives what is wrong with a page that was read so many times, if it is held against all the others. */
  findFlaws(): (facts: PageFacts, times: number) => Flaw | undefined {
    const all = [...this.#pages.values()].sort((a, b) => a.number - b.number);
    const total = this.#believedTotal;
    const largest = all.reduce((most, {sent}) => Math.max(most, sent), 0);
    const end = all.findLast(({sent}) => sent > 0)?.number ?? 0;
    // Even on the last page, which is shorter than the others.
    const isSizeRepeated = all.every(
      ({number, sent, count, page_size}) => sent === 0 || (count === page_size && (number < end || sent < largest)),
    );
    // Some count pages from 0.
    const base = all[0]?.current_page === 0 ? 0 : 1;
    return (facts, times) => {
      const {number, sent, count, current_page: place} = facts;
      const expected =
        total === null ? (number < end ? largest : null) : this.#expectedOn(number, facts.total ?? total);
      if (expected !== null && sent !== expected) return {why: `${sent} of ${expected} records came`, isMiscount: true};
      // Some may count the list by it, or repeat the size that was asked for.
      const isCountOfPage = count !== facts.total && !(count === facts.page_size && (total !== null || isSizeRepeated));
      if (count !== null && count > sent && isCountOfPage)
        return {why: `${sent} of ${count} records came`, isMiscount: true};
      if (place !== null && place - base !== number - 1) return {why: `it says that it is page ${place}`};
      if (total !== null) return undefined;
      if (sent === 0 && number > 1 && number <= (facts.total_pages ?? 0))
        return {why: 'none of its records came', isMiscount: true};
      // What is said twice is said for certain.
      if (times > 1) return undefined;
      if (this.#exceedsTotal(facts) && this.#contradicting.size === 1)
        return {why: 'it holds more than the list counts'};
      const before = this.#pages.get(number - 1);
      // One page alone is full if it is as large as was asked for.
      const full = number > 2 ? largest : Math.max(largest, before?.page_size ?? 0);
      const isPromised = before !== undefined && (before.has_more ?? (before.sent > 0 && before.sent === full));
      return sent === 0 && isPromised ? {why: 'it is empty, though the page before it is not the last'} : undefined;
    };
  }

  #expectedOn(number: number, total: number): number {
    const {size} = this;
    if (size === 0) return total === 0 ? 0 : 1;
    return Math.min(size, Math.max(0, total - (number - 1) * size));
  }
}
