import type {PageFacts} from '../../spool/format.js';

/** What is wrong with a page, judged by what the server says about it and about the others. */
export interface Flaw {
  readonly why: string;
  /** Whether the only flaw is that the number of records differs from the one that the server gives. */
  readonly isMiscount?: true;
}

/**
 * How long a list is, judged by what the server says and by what came.
 *
 * These may contradict each other. The larger of two statements counts, and what it promises has to come: a total outweighs a smaller page
 * count, and a larger page count, or more records than the total, outweighs the total. A list without a total that is believed is checked
 * against the rest of what is said: pages before the last are full, no page that was counted is empty, and a promised page is believed to be
 * empty only the second time.
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

  /** The last facts of the furthest page. */
  get furthest(): PageFacts | undefined {
    return this.#furthest;
  }

  /** All rows of the list as last counted, whatever contradicts that. */
  get total(): number | null {
    return this.#total;
  }

  /** All rows of the list as last counted; null if anything said or sent contradicts that. */
  get #believedTotal(): number | null {
    return this.hasContradicted ? null : this.#total;
  }

  /** Whether the server counts fewer rows than it sends, or fewer than the pages that it counts need. */
  get hasContradicted(): boolean {
    return this.#contradicting.size > 0;
  }

  /** Rows that were certainly there from the first reply to the last. If the API does not count them: those that were sent. */
  get stayed(): number {
    if (this.#stayed !== null && !this.hasContradicted) return this.#stayed;
    return this.sent;
  }

  /** Records of the pages as last read. */
  get sent(): number {
    return [...this.#pages.values()].reduce((sum, {sent}) => sum + sent, 0);
  }

  /** Records on a full page, as far as is known; 0 as long as nothing is. */
  get size(): number {
    const first = this.#pages.get(1);
    const said = first?.page_size ?? 0;
    return this.#fullSize ?? (this.#pages.has(2) ? said : first?.sent || said);
  }

  /** Pages of the list as it was last seen; null if the server does not say. It may send fewer per page than asked for. */
  get pages(): number | null {
    const total = this.#believedTotal;
    if (total !== null) return this.size === 0 ? 1 : Math.max(1, Math.ceil(total / this.size));
    const first = this.#pages.get(1);
    // If they disagree, the page count is believed: an empty page costs a call, a page left out costs rows.
    if (first?.has_more === false) return Math.max(1, first.total_pages ?? 1);
    return first?.total_pages ?? null;
  }

  /** Pages that there certainly are: how many more there are may depend on what the second one holds. */
  get surePages(): number | null {
    const isSure = this.#fullSize !== null || this.size === 0 || this.#pages.has(2) || this.#believedTotal === null;
    const {pages} = this;
    return pages === null || isSure ? pages : Math.min(pages, 2);
  }

  /** Whether only an empty page shows where the list ends: a page count based on a wrong total, or on another page size, does not show it. */
  get isOpen(): boolean {
    return this.pages === null || (this.hasContradicted && this.#furthest?.has_more === null);
  }

  /** Whether a list of `total` rows ends with this page. */
  endsWith(number: number, total: number | null): boolean {
    return total === null || this.hasContradicted || total <= number * this.size;
  }

  /**
   * The first page is full if it has as many records as the server says or was asked for. If not, either the server puts fewer on a page than it
   * says, or some did not come. Then the second page decides.
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
    // Until the size is known, the smaller one is assumed: with it, more pages are no contradiction.
    const size = this.#fullSize ?? Math.max(1, Math.min(sent, page_size || sent));
    const countsMorePages =
      total !== null && total_pages !== null && total_pages > Math.max(1, Math.ceil(total / size));
    if (countsMorePages || this.#exceedsTotal(facts)) this.#contradicting.add(number);
    else this.#contradicting.delete(number);
  }

  #exceedsTotal({number, sent, total}: PageFacts): boolean {
    return total !== null && sent > 0 && (number - 1) * this.size + sent > total;
  }

  /** Returns a function that finds what is wrong with a page that was read `times` times, compared with all the others. */
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
      // `count` may be that of the list, or repeat the size that was asked for.
      const isCountOfPage = count !== facts.total && !(count === facts.page_size && (total !== null || isSizeRepeated));
      if (count !== null && count > sent && isCountOfPage)
        return {why: `${sent} of ${count} records came`, isMiscount: true};
      if (place !== null && place - base !== number - 1) return {why: `it says that it is page ${place}`};
      if (total !== null) return undefined;
      if (sent === 0 && number > 1 && number <= (facts.total_pages ?? 0))
        return {why: 'none of its records came', isMiscount: true};
      // What is said twice is certain.
      if (times > 1) return undefined;
      if (this.#exceedsTotal(facts) && this.#contradicting.size === 1)
        return {why: 'it holds more than the list counts'};
      const before = this.#pages.get(number - 1);
      // A single page is full if it is as large as was asked for.
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
