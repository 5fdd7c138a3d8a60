import type {PageFacts} from '../../spool/format.js';

/** One reply. */
export interface Reading {
  readonly total: number | null;
  /** Of the list when it was read; see `#place`. */
  state: number;
  /** Rows that were seen to come or go until then. */
  readonly shifted: number;
}

interface Page {
  readonly facts: PageFacts;
  readonly readings: readonly Reading[];
  /** Number of the reply that gave its last reading. */
  readonly arrival: number;
}

/** A page that has to be read again, and why. */
export interface Doubt {
  readonly page: number;
  readonly why: string;
  /** Whether nothing is wrong but the number of records, which is not the one that the server says. */
  readonly isMiscount?: true;
}

type Flaw = Omit<Doubt, 'page'>;

/**
 * What the pages of one list, read while rows come and go, prove together.
 *
 * The list is in one state for as long as its total is the same. Each page must share a state with the next: then no row was between them.
 * A row can still be missed that is behind such a pair when that is read, and before the next pair when that one is. So between the
 * two fewer rows must have come and gone than a page holds. The older reading of a page counts beside the newer: what has left a page
 * was on it. The last page must have been the last when it was read.
 *
 * Which of two replies that were under way together saw the list first is not known. So two of them that differ in their total share
 * their state with no other: each may have come between the other and any third.
 *
 * A row that changes its place leaves the total as it was. Whatever it pushes past a reader, it is read twice itself, or something
 * else is: in one state on two pages, or on pages that are no neighbours. The engine looks for that. What can pass unseen is an
 * addition and a removal between two replies, or a change of place that another change hides. Where the list was left alone for a while
 * (`breakOff`) that takes as many of them as fill a page.
 *
 * What the server says of the list may contradict itself, or what came. The larger of two statements counts, and what it promises has to
 * come: a total holds against a page count that is smaller, and a larger page count, or more records than the total, against the total. A
 * list without a total that is believed is held against the rest of what is said: pages that are not the last are full, none is empty that
 * was counted, and a page that was promised is believed to be empty only the second time.
 */
export class Readings {
  readonly #pages = new Map<number, Page>();
  readonly #arrived: Reading[] = [];
  #arrivedWithRecords = 0;
  /** Pages whose last reading contradicts the total that it gives. */
  readonly #contradicting = new Set<number>();
  #settledSize: number | null = null;
  #total: number | null = null;
  /** Replies up to the last one whose total was not that of the newest. */
  #changedAt = 0;
  #changes = 0;
  #shifted = 0;
  #stayed: number | null = null;

  /** Replies that have come. To be asked when a request is sent, and told when it is answered. */
  get arrivals(): number {
    return this.#arrived.length;
  }

  /** How often the total was not that of the reply before. */
  get changes(): number {
    return this.#changes;
  }

  /** The list may have changed since the last reply, whatever it counts from now on. */
  breakOff(): void {
    if (this.#arrived.length === 0) return;
    this.#changes++;
    this.#changedAt = this.#arrived.length;
  }

  /**
   * Nothing that has come proves anything any more: rows have come and gone that no total shows. All of it is read once more, since which
   * pages were read before and which after is not known.
   */
  distrust(): void {
    this.breakOff();
    for (const [number, page] of this.#pages) this.#pages.set(number, {...page, readings: []});
  }

  /** The last reading of a page, unless rows were seen to come or go since. */
  current(page: number): Reading | undefined {
    const last = this.#pages.get(page)?.readings.at(-1);
    return last?.state === this.#state ? last : undefined;
  }

  has(page: number): boolean {
    return this.#pages.has(page);
  }

  /** Takes a reply in the order in which they came, and gives the number of the state that the list seems to have been in. */
  add(facts: PageFacts, sentAfter: number): number {
    const {number, total} = facts;
    const together = this.#arrived.slice(sentAfter);
    if (total !== null) this.#count(total);
    const state = this.#place(total, sentAfter, together);
    const reading = {total, state, shifted: this.#shifted};
    const arrival = this.#arrived.push(reading);
    if (facts.sent > 0) this.#arrivedWithRecords++;
    const readings = [...(this.#pages.get(number)?.readings ?? []), reading];
    this.#pages.set(number, {facts, readings, arrival});
    const hasSettled = this.#settledSize === null && this.#settleSize();
    for (const page of hasSettled ? this.#pages.values() : [{facts}]) this.#noteContradiction(page.facts);
    return state;
  }

  /**
   * Records on a full page are those on the first if that has as many as the server says or was asked for. If not, either it puts fewer on a
   * page than it says, or some did not come: then the second page tells.
   */
  #settleSize(): boolean {
    const [first, second] = [this.#pages.get(1)?.facts, this.#pages.get(2)?.facts];
    if (first === undefined || first.sent === 0) return false;
    const isAsSaid = (first.page_size || first.sent) === first.sent;
    const total = second?.total ?? first.total;
    const rest = total === null ? first.sent : Math.min(first.sent, total - first.sent);
    if (isAsSaid || second?.sent === rest) this.#settledSize = first.sent;
    return this.#settledSize !== null;
  }

  /** Records on a full page, as far as can be told; 0 while nothing tells. */
  get #size(): number {
    const first = this.#pages.get(1)?.facts;
    const said = first?.page_size ?? 0;
    return this.#settledSize ?? (this.#pages.has(2) ? said : first?.sent || said);
  }

  #noteContradiction(facts: PageFacts): void {
    const {number, total, total_pages, sent, page_size} = facts;
    // Until it is settled the smaller one: with it, more pages are no contradiction.
    const size = this.#settledSize ?? Math.max(1, Math.min(sent, page_size || sent));
    const countsMorePages =
      total !== null && total_pages !== null && total_pages > Math.max(1, Math.ceil(total / size));
    if (countsMorePages || this.#exceedsTotal(facts)) this.#contradicting.add(number);
    else this.#contradicting.delete(number);
  }

  #exceedsTotal({number, sent, total}: PageFacts): boolean {
    return total !== null && sent > 0 && (number - 1) * this.#size + sent > total;
  }

  #count(total: number): void {
    const before = this.#total ?? total;
    this.#total = total;
    this.#stayed = (this.#stayed ?? total) - Math.max(0, before - total);
    if (total !== before) {
      this.#changes++;
      this.#changedAt = this.#arrived.length;
    }
    this.#shifted += Math.abs(total - before);
  }

  /** Replies of one number saw one state: even for all that came since a change, odd for one that shares its state with no other. */
  #place(total: number | null, sentAfter: number, together: readonly Reading[]): number {
    const alone = (index: number) => 2 * index + 1;
    let isAlone = sentAfter < this.#changedAt;
    for (const [index, other] of together.entries()) {
      if (total === null || other.total === null || other.total === total) continue;
      other.state = alone(sentAfter + index);
      isAlone = true;
    }
    return isAlone ? alone(this.#arrived.length) : this.#state;
  }

  /** The list's state by the newest total. */
  get #state(): number {
    return 2 * this.#changedAt;
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
    return [...this.#pages.values()].reduce((sum, {facts}) => sum + facts.sent, 0);
  }

  /** Whether rows moved while the list was read, so that a record may have come more than once. */
  get moved(): boolean {
    const withRecords = [...this.#pages.values()].filter(({facts}) => facts.sent > 0);
    return this.#changes > 0 || this.#arrivedWithRecords > withRecords.length;
  }

  /** Pages of the list as it was last seen; null if the server does not say. It may send fewer a page than asked for. */
  get pages(): number | null {
    const total = this.#believedTotal;
    if (total !== null) return this.#size === 0 ? 1 : Math.max(1, Math.ceil(total / this.#size));
    const first = this.#pages.get(1)?.facts;
    // Where they disagree, the page count is believed: an empty page costs a call, a page left out costs rows.
    if (first?.has_more === false) return Math.max(1, first.total_pages ?? 1);
    return first?.total_pages ?? null;
  }

  /** Pages as far as it is sure that there are so many: how many more there are may depend on what the second one holds. */
  get surePages(): number | null {
    const isSure = this.#settledSize !== null || this.#size === 0 || this.#pages.has(2) || this.#believedTotal === null;
    const {pages} = this;
    return pages === null || isSure ? pages : Math.min(pages, 2);
  }

  /** Pages that prove nothing yet, as far as the list has been read; none if what has been read is whole. */
  doubts(): readonly Doubt[] {
    const doubts = new Map<number, Flaw>();
    const doubt = (page: number, flaw: string | Flaw) => {
      if (!doubts.has(page) || doubts.get(page)?.isMiscount)
        doubts.set(page, typeof flaw === 'string' ? {why: flaw} : flaw);
    };
    let passed: readonly number[] = [];
    const pages = [...this.#pages].sort(([a], [b]) => a - b);
    const findFlaw = this.#findFlawsAmong(pages.map(([, {facts}]) => facts));
    for (const [number, page] of pages) {
      const {facts, readings} = page;
      const flaw = findFlaw(page);
      if (flaw !== undefined) doubt(number, flaw);
      const next = this.#pages.get(number + 1);
      const isEnd = next === undefined && number >= (this.pages ?? number);
      if (isEnd && !this.#isLast(number, readings.at(-1))) doubt(number, 'the list went on behind it');
      if (next !== undefined && facts.sent > 0 && next.facts.fingerprint === facts.fingerprint) {
        doubt(number + 1, 'it repeats the page before it');
        // Or else all of its rows have moved on since it was read.
        if (readings.at(-1)?.state !== next.readings.at(-1)?.state) doubt(number, 'the page behind it repeats it');
      }
      const isLink = next === undefined ? (reading: Reading) => this.#isLast(number, reading) : isSharedBy(next);
      const links = readings.filter(isLink);
      if (next !== undefined && links.length === 0) {
        const older = page.arrival < next.arrival ? number : number + 1;
        doubt(older, `rows were added or removed between pages ${number} and ${number + 1}`);
      }
      const shifts = links.map(({shifted}) => shifted);
      const near = shifts.filter(shift => passed.some(other => Math.abs(shift - other) < this.#size));
      if (near.length === 0 && shifts.length > 0 && passed.length > 0) this.#doubtAll(doubt);
      passed = near.length === 0 ? shifts : near;
    }
    return [...doubts].map(([page, flaw]) => ({page, ...flaw})).sort((a, b) => a.page - b.page);
  }

  /** Nothing less than one state of all pages helps where rows moved by a page: other pairs were read before or after as well. */
  #doubtAll(doubt: (page: number, why: string) => void): void {
    for (const [number, {readings}] of this.#pages)
      if (readings.every(({state}) => state !== this.#state)) doubt(number, 'rows moved by a page or more');
  }

  /** Whether the list ended with it. */
  #isLast(number: number, reading: Reading | undefined): boolean {
    if (reading === undefined) return false;
    return reading.total === null || this.hasContradicted || reading.total <= number * this.#size;
  }

  /** Gives what is wrong with one of all the pages, by what the server says of it. */
  #findFlawsAmong(all: readonly PageFacts[]): (page: Page) => Flaw | string | undefined {
    const total = this.#believedTotal;
    const largest = all.reduce((most, {sent}) => Math.max(most, sent), 0);
    const end = all.findLast(({sent}) => sent > 0)?.number ?? 0;
    // Some count pages from 0.
    const base = all[0]?.current_page === 0 ? 0 : 1;
    return ({facts, readings}) => {
      if (readings.length === 0) return 'rows came and went, though their count stayed';
      const {number, sent, count, current_page: place} = facts;
      const expected =
        total === null ? (number < end ? largest : null) : this.#expectedOn(number, facts.total ?? total);
      if (expected !== null && sent !== expected) return {why: `${sent} of ${expected} records came`, isMiscount: true};
      // Some may count the list by it.
      if (count !== null && count > sent && count !== facts.total)
        return {why: `${sent} of ${count} records came`, isMiscount: true};
      if (place !== null && place - base !== number - 1) return `it says that it is page ${place}`;
      if (total !== null) return undefined;
      if (sent === 0 && number > 1 && number <= (facts.total_pages ?? 0))
        return {why: 'none of its records came', isMiscount: true};
      // What is said twice is said for certain.
      if (readings.length > 1) return undefined;
      if (this.#exceedsTotal(facts) && this.#contradicting.size === 1) return 'it holds more than the list counts';
      const before = this.#pages.get(number - 1)?.facts;
      // One page alone is full if it is as large as was asked for.
      const full = number > 2 ? largest : Math.max(largest, before?.page_size ?? 0);
      const isPromised = before !== undefined && (before.has_more ?? (before.sent > 0 && before.sent === full));
      return sent === 0 && isPromised ? 'it is empty, though the page before it is not the last' : undefined;
    };
  }

  #expectedOn(number: number, total: number): number {
    const size = this.#size;
    if (size === 0) return total === 0 ? 0 : 1;
    return Math.min(size, Math.max(0, total - (number - 1) * size));
  }
}

function isSharedBy({readings}: Page): (reading: Reading) => boolean {
  return ({state}) => readings.some(other => other.state === state);
}
