import type {PageFacts} from '../spool/format.js';

interface Reading {
  readonly facts: PageFacts;
  /** States of the list in which this page was read, by number. */
  readonly states: Set<number>;
}

/** A page that has to be read again, and why. */
export interface Doubt {
  readonly page: number;
  readonly why: string;
}

/**
 * What the pages of one list, read one after the other while rows come and go, prove together.
 *
 * The list is taken to have changed its state whenever its total is not that of the page read before. Rows that move by less than a page
 * cannot slip through between two neighbouring pages that were both read in one state; so each page must share a state with the
 * next. Where rows moved by more, every page must have been read in the last state. The older reading of a page is kept beside the
 * newer: what has left a page was on it. The last page must have been the last when it was read.
 *
 * A row that changes its place leaves the total as it was. Whatever it pushes past a reader, it is read twice itself, or something
 * else is: in one state on two pages, or on pages that are no neighbours. The engine looks for that. Only an addition and a removal
 * between two replies can pass unseen.
 */
export class Readings {
  readonly #pages = new Map<number, Reading>();
  #pageSize: number | null = null;
  #state = 0;
  #total: number | null = null;
  #stayed: number | null = null;
  #least = 0;
  #most = 0;
  #repeated = 0;

  /** Takes a reading, in the order in which they came, and gives the number of the state that the list was in. */
  add(facts: PageFacts): number {
    this.#pageSize ??= facts.page_size ?? facts.sent;
    const {total} = facts;
    if (total !== null) {
      if (this.#total !== null && total !== this.#total) this.#state++;
      this.#stayed = (this.#stayed ?? total) - Math.max(0, (this.#total ?? total) - total);
      this.#least = this.#total === null ? total : Math.min(this.#least, total);
      this.#most = Math.max(this.#most, total);
      this.#total = total;
    }
    const earlier = this.#pages.get(facts.number);
    if (earlier !== undefined) this.#repeated++;
    this.#pages.set(facts.number, {facts, states: (earlier?.states ?? new Set()).add(this.#state)});
    return this.#state;
  }

  /** Rows that were there from the first reply to the last, at the least: where the API counts none, those that were sent. */
  get stayed(): number {
    if (this.#stayed !== null) return this.#stayed;
    return [...this.#pages.values()].reduce((sum, {facts}) => sum + facts.sent, 0);
  }

  /** Whether rows moved while the list was read, so that a record may have come more than once. */
  get moved(): boolean {
    return this.#repeated > 0 || this.#state > 0;
  }

  /** Pages of the list as it was last seen; null if the server does not say. It may send fewer a page than asked for. */
  get pages(): number | null {
    if (this.#total !== null) {
      const size = this.#pageSize ?? 0;
      return size === 0 ? 1 : Math.max(1, Math.ceil(this.#total / size));
    }
    const first = this.#pages.get(1)?.facts;
    if (first?.has_more === false) return 1;
    return first?.total_pages ?? null;
  }

  /** Pages that prove nothing yet; none if the list is whole. */
  doubts(): readonly Doubt[] {
    const doubts = new Map<number, string>();
    const doubt = (page: number, why: string) => {
      if (!doubts.has(page)) doubts.set(page, why);
    };
    const movedFar = this.#most - this.#least >= Math.max(1, this.#pageSize ?? 1);
    for (const [page, {facts, states}] of this.#pages) {
      const expected = this.#expectedOn(facts);
      if (expected !== null && facts.sent !== expected) doubt(page, `${facts.sent} of ${expected} records came`);
      const next = this.#pages.get(page + 1);
      if (next === undefined && (facts.total ?? 0) > page * (this.#pageSize ?? 0))
        doubt(page, 'the list went on behind it');
      if (next !== undefined && facts.sent > 0 && next.facts.fingerprint === facts.fingerprint)
        doubt(page + 1, 'it repeats the page before it');
      if (movedFar && !states.has(this.#state)) doubt(page, `rows moved by a page or more`);
      if (next === undefined || [...states].some(state => next.states.has(state))) continue;
      const older = Math.max(...states) < Math.max(...next.states) ? page : page + 1;
      doubt(older, `rows were added or removed between pages ${page} and ${page + 1}`);
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
