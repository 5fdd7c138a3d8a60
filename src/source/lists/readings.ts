import type {PageFacts} from '../../spool/format.js';
import {type Flaw, ListLength} from './length.js';

/*
 * The words for reading a list that changes:
 *
 * page      A part of a list, which one request asks for by its number. Which rows are on it changes as rows come and go.
 * reading   What one reply says of a page. A page that is read again has two readings.
 * to move   Of rows: to get to another page, because rows before them came or went or because they changed place. A row that moves while
 *           the list is read may be read twice or be missed.
 * state     How the list stood at a reading. Two readings share a state if no row is known to have come or gone between them.
 * doubt     A page that has to be read again, since its readings prove nothing yet.
 * to settle To read pages in doubt again, while the rest of the list is still to be read.
 * to land   Of a page: to reach the spool. All readings of a page land; of two records with one key the later counts.
 * pass      Once through all lists of a table. If the pages of a pass do not fit together in the end, another pass begins.
 */

/** One reading of a page. */
interface Reading {
  readonly total: number | null;
  /** State of the list when it was read; see `#place`. */
  state: number;
  /** How many rows had been seen to come or go by then. */
  readonly shifted: number;
}

interface PageReadings {
  readonly facts: PageFacts;
  readonly readings: readonly Reading[];
  /** Number of the reply that gave its last reading. */
  readonly arrival: number;
}

/** A page that has to be read again, and why. */
export interface Doubt extends Flaw {
  readonly page: number;
}

/**
 * What the readings of a list's pages prove together, while rows come and go.
 *
 * An example: five rows in pages of three. The row b is deleted after the first reply.
 *
 *     reply    rows     total    in doubt then
 *     page 1   a b c    5        none
 *     page 2   e        4        page 1: rows were added or removed between pages 1 and 2
 *     page 1   a c d    4        none
 *
 * Without the third reply d would be missed: it was on page 2 while page 1 was read, and on page 1 while page 2 was. The last two readings
 * share a state, the one in which the list counts four rows. So they prove that nothing is missing.
 *
 * The list is in one state for as long as its total is the same. Each page must share a state with the next: then no row was between them.
 * A row can still be missed if it is behind such a pair when that is read, and before the next pair when that is read. So between the
 * two, fewer rows must have come and gone than a page holds. The older reading of a page counts beside the newer: what has left a page
 * was on it. The last page must have been the last when it was read.
 *
 * It is not known which of two replies that were under way together saw the list first. So if their totals differ, neither shares its
 * state with any other: each may have come between the other and a third.
 *
 * A row that changes its place leaves the total as it was. Whatever it pushes past a reader, it is read twice itself, or something
 * else is: in one state on two pages, or on pages that are no neighbours. The engine looks for that. An addition
 * and a removal between two replies can pass unseen, and so can a change of place that another change hides. After the list was left
 * alone for a while (`breakOff`), that takes as many of them as fill a page.
 */
export class Readings {
  /** How long the list is, as far as the replies tell. */
  readonly length = new ListLength();
  readonly #pages = new Map<number, PageReadings>();
  readonly #arrived: Reading[] = [];
  #arrivedWithRecords = 0;
  /** How many replies came up to the last one whose total differs from that of the newest. */
  #changedAt = 0;
  #changes = 0;
  #shifted = 0;

  /** How many replies have come. Ask when a request is sent, and pass the number to `add` when it is answered. */
  get arrivals(): number {
    return this.#arrived.length;
  }

  /** How often the total differed from that of the reply before. */
  get changes(): number {
    return this.#changes;
  }

  /** Notes that the list may have changed since the last reply, whatever it counts from now on. */
  breakOff(): void {
    if (this.#arrived.length === 0) return;
    this.#changes++;
    this.#changedAt = this.#arrived.length;
  }

  /**
   * Notes that no earlier reading proves anything any more, because rows have come and gone that no total shows. All pages are read again, since it
   * is not known which of them were read before that and which after.
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

  /** Takes the replies in the order in which they came. Returns the number of the state that the list seems to have been in. */
  add(facts: PageFacts, sentAfter: number): number {
    const {number, total} = facts;
    const together = this.#arrived.slice(sentAfter);
    if (total !== null) this.#noteShift(total - (this.length.total ?? total));
    this.length.add(facts);
    const state = this.#place(total, sentAfter, together);
    const reading = {total, state, shifted: this.#shifted};
    const arrival = this.#arrived.push(reading);
    if (facts.sent > 0) this.#arrivedWithRecords++;
    const readings = [...(this.#pages.get(number)?.readings ?? []), reading];
    this.#pages.set(number, {facts, readings, arrival});
    return state;
  }

  #noteShift(rows: number): void {
    if (rows === 0) return;
    this.#changes++;
    this.#changedAt = this.#arrived.length;
    this.#shifted += Math.abs(rows);
  }

  /** Readings with the same number saw the same state: even for all that came since a change, odd for one that shares its state with no other. */
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

  /** Whether rows moved while the list was read, so that a record may have come more than once. */
  get moved(): boolean {
    const withRecords = [...this.#pages.values()].filter(({facts}) => facts.sent > 0);
    return this.#changes > 0 || this.#arrivedWithRecords > withRecords.length;
  }

  /** Pages that prove nothing yet, as far as the list has been read; none if what has been read is whole. */
  doubts(): readonly Doubt[] {
    const doubts = new Map<number, Flaw>();
    const doubt = (page: number, flaw: Flaw) => {
      if (!doubts.has(page) || doubts.get(page)?.isMiscount) doubts.set(page, flaw);
    };
    const findFlaw = this.length.findFlaws();
    let passed: readonly number[] = [];
    for (const [number, page] of [...this.#pages].sort(([a], [b]) => a - b)) {
      const {facts, readings} = page;
      const isDistrusted = readings.length === 0;
      const flaw = isDistrusted
        ? {why: 'rows came and went, though their count stayed'}
        : findFlaw(facts, readings.length);
      if (flaw !== undefined) doubt(number, flaw);
      const next = this.#pages.get(number + 1);
      const isEnd = next === undefined && number >= (this.length.pages ?? number);
      if (isEnd && !this.#isLast(number, readings.at(-1))) doubt(number, {why: 'the list went on behind it'});
      if (next !== undefined && facts.sent > 0 && next.facts.fingerprint === facts.fingerprint) {
        doubt(number + 1, {why: 'it repeats the page before it'});
        // Otherwise all of its rows have moved on since it was read.
        if (readings.at(-1)?.state !== next.readings.at(-1)?.state)
          doubt(number, {why: 'the page behind it repeats it'});
      }
      const isLink = next === undefined ? (reading: Reading) => this.#isLast(number, reading) : isSharedBy(next);
      const links = readings.filter(isLink);
      if (next !== undefined && links.length === 0) {
        const older = page.arrival < next.arrival ? number : number + 1;
        doubt(older, {why: `rows were added or removed between pages ${number} and ${number + 1}`});
      }
      const shifts = links.map(({shifted}) => shifted);
      const near = shifts.filter(shift => passed.some(other => Math.abs(shift - other) < this.length.size));
      if (near.length === 0 && shifts.length > 0 && passed.length > 0) this.#doubtOlder(doubt);
      passed = near.length === 0 ? shifts : near;
    }
    return [...doubts].map(([page, flaw]) => ({page, ...flaw})).sort((a, b) => a.page - b.page);
  }

  /** If rows moved by a page, only one state of all pages helps: other pairs were read before or after that as well. */
  #doubtOlder(doubt: (page: number, flaw: Flaw) => void): void {
    for (const [number, {readings}] of this.#pages)
      if (readings.every(({state}) => state !== this.#state)) doubt(number, {why: 'rows moved by a page or more'});
  }

  /** Whether the list ended with this page. */
  #isLast(number: number, reading: Reading | undefined): boolean {
    return reading !== undefined && this.length.endsWith(number, reading.total);
  }
}

function isSharedBy({readings}: PageReadings): (reading: Reading) => boolean {
  return ({state}) => readings.some(other => other.state === state);
}
