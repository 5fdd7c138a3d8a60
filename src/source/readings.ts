import type {PageFacts} from '../spool/format.js';

/** One reply. */
interface Reading {
  readonly total: number | null;
  /** Of the list when it was read; see `#place`. */
  state: number;
  /** Rows that were seen to come or go until then. */
  readonly shifted: number;
  /** Whether the list ended with it. */
  readonly isLast: boolean;
}

interface Page {
  facts: PageFacts;
  readonly readings: Reading[];
  /** Number of the reply that gave its last reading. */
  arrival: number;
}

/** A page that has to be read again, and why. */
export interface Doubt {
  readonly page: number;
  readonly why: string;
}

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
 */
export class Readings {
  readonly #pages = new Map<number, Page>();
  readonly #arrived: Reading[] = [];
  #pageSize: number | null = null;
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

  has(page: number): boolean {
    return this.#pages.has(page);
  }

  /** Takes a reply in the order in which they came, and gives the number of the state that the list seems to have been in. */
  add(facts: PageFacts, sentAfter: number): number {
    const {number, total, sent, page_size} = facts;
    this.#pageSize ??= page_size || sent;
    const together = this.#arrived.slice(sentAfter);
    if (total !== null) this.#count(total);
    const state = this.#place(total, sentAfter, together);
    const reading = {total, state, shifted: this.#shifted, isLast: total === null || total <= number * this.#pageSize};
    const arrival = this.#arrived.push(reading);
    const readings = [...(this.#pages.get(number)?.readings ?? []), reading];
    this.#pages.set(number, {facts, readings, arrival});
    return state;
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

  /** Rows that were there from the first reply to the last, at the least: where the API counts none, those that were sent. */
  get stayed(): number {
    if (this.#stayed !== null) return this.#stayed;
    return [...this.#pages.values()].reduce((sum, {facts}) => sum + facts.sent, 0);
  }

  /** Whether rows moved while the list was read, so that a record may have come more than once. */
  get moved(): boolean {
    return this.#changes > 0 || this.#arrived.length > this.#pages.size;
  }

  /** Pages of the list as it was last seen; null if the server does not say. It may send fewer a page than asked for. */
  get pages(): number | null {
    if (this.#total !== null) {
      const size = this.#pageSize ?? 0;
      return size === 0 ? 1 : Math.max(1, Math.ceil(this.#total / size));
    }
    const first = this.#pages.get(1)?.facts;
    // Where they disagree, the page count is believed: an empty page costs a call, a page left out costs rows.
    if (first?.has_more === false) return Math.max(1, first.total_pages ?? 1);
    return first?.total_pages ?? null;
  }

  /** Pages that prove nothing yet, as far as the list has been read; none if what has been read is whole. */
  doubts(): readonly Doubt[] {
    const doubts = new Map<number, string>();
    const doubt = (page: number, why: string) => {
      if (!doubts.has(page)) doubts.set(page, why);
    };
    let passed: readonly number[] = [];
    for (const [number, page] of [...this.#pages].sort(([a], [b]) => a - b)) {
      const {facts, readings} = page;
      const expected = this.#expectedOn(number, facts.total ?? this.#total);
      if (expected !== null && facts.sent !== expected) doubt(number, `${facts.sent} of ${expected} records came`);
      const next = this.#pages.get(number + 1);
      const isEnd = next === undefined && number >= (this.pages ?? number);
      if (isEnd && !readings.at(-1)?.isLast) doubt(number, 'the list went on behind it');
      if (next !== undefined && facts.sent > 0 && next.facts.fingerprint === facts.fingerprint) {
        doubt(number + 1, 'it repeats the page before it');
        // Or else all of its rows have moved on since it was read.
        if (readings.at(-1)?.state !== next.readings.at(-1)?.state) doubt(number, 'the page behind it repeats it');
      }
      const links = next === undefined ? readings.filter(({isLast}) => isLast) : readings.filter(isSharedBy(next));
      if (next !== undefined && links.length === 0) {
        const older = page.arrival < next.arrival ? number : number + 1;
        doubt(older, `rows were added or removed between pages ${number} and ${number + 1}`);
      }
      const shifts = links.map(({shifted}) => shifted);
      const near = shifts.filter(shift => passed.some(other => Math.abs(shift - other) < (this.#pageSize ?? 0)));
      if (near.length === 0 && shifts.length > 0 && passed.length > 0) this.#doubtAll(doubt);
      passed = near.length === 0 ? shifts : near;
    }
    return [...doubts].map(([page, why]) => ({page, why})).sort((a, b) => a.page - b.page);
  }

  /** Nothing less than one state of all pages helps where rows moved by a page: other pairs were read before or after as well. */
  #doubtAll(doubt: (page: number, why: string) => void): void {
    for (const [number, {readings}] of this.#pages)
      if (readings.every(({state}) => state !== this.#state)) doubt(number, 'rows moved by a page or more');
  }

  #expectedOn(number: number, total: number | null): number | null {
    if (total === null) return null;
    const size = this.#pageSize ?? 0;
    if (size === 0) return total === 0 ? 0 : 1;
    return Math.min(size, Math.max(0, total - (number - 1) * size));
  }
}

function isSharedBy({readings}: Page): (reading: Reading) => boolean {
  return ({state}) => readings.some(other => other.state === state);
}
