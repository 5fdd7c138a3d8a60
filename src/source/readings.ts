import type {PageFacts} from '../spool/format.js';

/** One reply. */
interface Reading {
  /** How many replies had come, this one included. */
  readonly arrival: number;
  /** Number of the state in which the list was. */
  state: number;
}

interface Page {
  facts: PageFacts;
  readonly readings: Reading[];
}

/** A page that has to be read again, and why. */
export interface Doubt {
  readonly page: number;
  readonly why: string;
}

/**
 * What the pages of one list, read while rows come and go, prove together.
 *
 * The list is taken to have changed its state whenever its total is not that of the reply before. Rows that move by less than a page
 * cannot slip through between two neighbouring pages that were both read in one state; so each page must share a state with the
 * next. Where rows moved by more, every page must have been read in the last state. The older reading of a page is kept beside the
 * newer: what has left a page was on it. The last page must have been the last when it was read.
 *
 * Which of two replies that were under way together saw the list first is not known. So those that were under way when a change
 * showed share their state with no other.
 *
 * A row that changes its place leaves the total as it was. Whatever it pushes past a reader, it is read twice itself, or something
 * else is: in one state on two pages, or on pages that are no neighbours. The engine looks for that. What can pass unseen is an
 * addition and a removal between two replies, or a change of place that another change hides.
 */
export class Readings {
  readonly #pages = new Map<number, Page>();
  readonly #arrived: Reading[] = [];
  #pageSize: number | null = null;
  #states = 0;
  #state = 0;
  #changedAt = 0;
  #total: number | null = null;
  #stayed: number | null = null;
  #least = 0;
  #most = 0;
  #repeated = 0;

  /** Replies that have come. To be asked when a request is sent, and told when it is answered. */
  get arrivals(): number {
    return this.#arrived.length;
  }

  has(page: number): boolean {
    return this.#pages.has(page);
  }

  /** Takes a reply in the order in which they came, and gives the number of the state that the list seems to have been in. */
  add(facts: PageFacts, sentAfter: number): number {
    this.#pageSize ??= facts.page_size ?? facts.sent;
    const reading = {arrival: this.#arrived.length + 1, state: this.#state};
    if (facts.total !== null) this.#count(facts.total, reading, sentAfter);
    this.#arrived.push(reading);
    const page = this.#pages.get(facts.number);
    if (page === undefined) this.#pages.set(facts.number, {facts, readings: [reading]});
    else {
      this.#repeated++;
      page.facts = facts;
      page.readings.push(reading);
    }
    return reading.state;
  }

  #count(total: number, reading: Reading, sentAfter: number): void {
    const before = this.#total ?? total;
    this.#stayed = (this.#stayed ?? total) - Math.max(0, before - total);
    this.#least = this.#total === null ? total : Math.min(this.#least, total);
    this.#most = Math.max(this.#most, total);
    this.#total = total;
    const underWayTogether = this.#arrived.slice(sentAfter);
    if (total !== before) {
      for (const other of underWayTogether) other.state = ++this.#states;
      this.#state = ++this.#states;
      this.#changedAt = reading.arrival;
      reading.state = underWayTogether.length === 0 ? this.#state : ++this.#states;
    } else if (sentAfter < this.#changedAt) {
      reading.state = ++this.#states;
    }
  }

  /** Rows that were there from the first reply to the last, at the least: where the API counts none, those that were sent. */
  get stayed(): number {
    if (this.#stayed !== null) return this.#stayed;
    return [...this.#pages.values()].reduce((sum, {facts}) => sum + facts.sent, 0);
  }

  /** Whether rows moved while the list was read, so that a record may have come more than once. */
  get moved(): boolean {
    return this.#repeated > 0 || this.#states > 0;
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

  /** Pages that prove nothing yet; none if the list is whole. */
  doubts(): readonly Doubt[] {
    const doubts = new Map<number, string>();
    const doubt = (page: number, why: string) => {
      if (!doubts.has(page)) doubts.set(page, why);
    };
    const movedFar = this.#most - this.#least >= Math.max(1, this.#pageSize ?? 1);
    for (const [number, page] of this.#pages) {
      const {facts, readings} = page;
      const expected = this.#expectedOn(facts);
      if (expected !== null && facts.sent !== expected) doubt(number, `${facts.sent} of ${expected} records came`);
      if (movedFar && readings.every(({state}) => state !== this.#state)) doubt(number, 'rows moved by a page or more');
      const next = this.#pages.get(number + 1);
      if (next === undefined) {
        if ((facts.total ?? 0) > number * (this.#pageSize ?? 0)) doubt(number, 'the list went on behind it');
        continue;
      }
      if (facts.sent > 0 && next.facts.fingerprint === facts.fingerprint)
        doubt(number + 1, 'it repeats the page before it');
      if (shareState(page, next)) continue;
      const older = lastArrival(page) < lastArrival(next) ? number : number + 1;
      doubt(older, `rows were added or removed between pages ${number} and ${number + 1}`);
    }
    return [...doubts].map(([page, why]) => ({page, why})).sort((a, b) => a.page - b.page);
  }

  #expectedOn({number, total}: PageFacts): number | null {
    if (total === null) return null;
    const size = this.#pageSize ?? 0;
    if (size === 0) return total === 0 ? 0 : 1;
    return Math.min(size, Math.max(0, total - (number - 1) * size));
  }
}

function shareState(page: Page, next: Page): boolean {
  return page.readings.some(({state}) => next.readings.some(other => other.state === state));
}

function lastArrival({readings}: Page): number {
  return readings.at(-1)?.arrival ?? 0;
}
