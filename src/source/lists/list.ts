import {IncompleteError, isSetback, ResponseError} from '../../errors.js';
import type {LandedPage, PageFacts} from '../../spool/format.js';
import {FrozenSearch} from './frozen-search.js';
import {KnownKeys} from './known-keys.js';
import type {ListContext, ListOutcome} from './list-context.js';
import type {Page, PageFormat} from './page.js';
import {refuseMissing, visitParallel} from './parallel.js';
import {type Doubt, Readings} from './readings.js';
import type {Bound} from './request.js';

/** More empty pages in a row than this, each promising more, is a server that never ends. */
const mostEmptyPages = 3;
const mostNamed = 5;
/** What comes and goes meanwhile is too much for equal counts to mean an equal list: before --resume, or until an hour's quota is free. */
const restMs = 600_000;
/** Two hundred million rows: no tenant has as many. */
const mostPages = 1_000_000;
/** So many pages of 200 records are ten million rows, where nothing but a promise of more tells that a list goes on. */
const mostPromisedPages = 50_000;
/** And where nothing tells at all: a hundred thousand rows. */
const mostUntoldPages = 500;
/** A list that grows beyond twice its length and this is read more slowly than it grows, or grows by being read. */
const mostAddedPages = 100;
/** So many pages, and the look at one of them once more is at most 2 % of the calls. */
const pagesForLook = 50;

/**
 * Reads every page of one list and lands it, or throws. Page 1 tells the total; then the others are read in parallel, and those that do not
 * fit together once more. Throws IncompleteError if they never do.
 */
export async function readList(
  format: PageFormat,
  bound: Bound,
  extra: Bound,
  context: ListContext,
): Promise<ListOutcome> {
  return new ListReader(format, bound, extra, context).read();
}

interface Fetched {
  readonly page: Page;
  /** Replies that had come when it was asked for. */
  readonly sentAfter: number;
}

class ListReader {
  readonly #format: PageFormat;
  readonly #bound: Bound;
  readonly #extra: Bound;
  readonly #context: ListContext;
  readonly #readings = new Readings();
  readonly #search = new FrozenSearch(() => this.#readings.breakOff());
  #last: PageFacts | undefined;
  readonly #keys = new KnownKeys();
  /** Whether an earlier run has begun it. */
  #isResumed = false;
  /** Pages that the first reply counted. */
  #firstCount: number | undefined;
  #records = 0;
  #blank: number | null = null;
  /** When the list was last asked or heard of. */
  #lastMs = Number.POSITIVE_INFINITY;
  /** The last page that was told to be needed. */
  #expected = 1;
  /** Whether it has to be put off to the end to read again what does not fit together. */
  #settlesLate = false;

  constructor(format: PageFormat, bound: Bound, extra: Bound, context: ListContext) {
    this.#format = format;
    this.#bound = bound;
    this.#extra = extra;
    this.#context = context;
  }

  async read(): Promise<ListOutcome> {
    await this.#replay();
    if (!this.#readings.has(1)) await this.#take(await this.#fetch(1));
    // A whole table is empty only if that is said twice.
    if (this.#isWhole && this.#blank !== null && this.#readings.arrivals === 1) await this.#take(await this.#fetch(1));
    for (let retry = 0; ; retry++) {
      await this.#readOn();
      if (this.#readings.doubts().length === 0) await this.#lookAgain();
      const doubts = this.#readings.doubts();
      const {stayed: total, moved} = this.#readings;
      const outcome = {records: this.#records, blank: this.#blank, moved};
      if (doubts.length === 0) return {...outcome, total};
      if (retry > 0 && this.#isAccepted(doubts)) return {...outcome, total: this.#readings.sent};
      if (retry >= this.#context.driftRetries) throw this.#incomplete(doubts);
      await this.#takeAll(doubts.map(({page}) => page));
    }
  }

  /** Whether the list is that of a table, and not one of many. */
  get #isWhole(): boolean {
    return Object.keys({...this.#bound, ...this.#extra}).length === 0;
  }

  /**
   * Reads again what does not fit together so far. Done as soon as rows are seen to move, it takes the few pages that were under way: by
   * the end of a long list rows would have moved on by whole pages, and nothing less than all of it read once more would do.
   */
  async #settle(): Promise<void> {
    const {driftRetries, parallelism} = this.#context;
    for (let retry = 0; ; retry++) {
      const doubts = this.#readings.doubts();
      if (doubts.length === 0) return;
      if (retry >= driftRetries) {
        // Few are left for the next time; where they are many there is no rest to be had before the end.
        this.#settlesLate = doubts.length > 4 * parallelism;
        return;
      }
      await this.#takeAll(doubts.map(({page}) => page));
    }
  }

  /**
   * Where as many rows go as come, the totals show nothing. So the first page of a long list that was not frozen is looked at once more in the
   * end, and the last one of a longer: if rows have left it, others have moved, past their reader perhaps.
   */
  async #lookAgain(): Promise<void> {
    const last = this.#readings.pages ?? this.#last?.number ?? 1;
    const pages = [1, last].slice(0, countLooks(last));
    if (pages.length === 0 || (this.#search.isFrozen && !this.#isResumed)) return;
    this.#context.onExpect(pages.length);
    for (const number of pages) {
      const seen = await this.#fetch(number);
      if (!this.#hasLostRows(seen.page.facts, this.#format.keysOf(seen.page.look()))) continue;
      this.#readings.distrust();
      await this.#take(seen);
      return;
    }
  }

  /** Whether more rows have left a page than its total shows. Rows that were seen to come or go since it was read say nothing of others. */
  #hasLostRows({number, total}: PageFacts, keys: readonly string[]): boolean {
    const before = this.#readings.current(number);
    if (before === undefined) return false;
    return this.#keys.countLost(number, keys) > Math.abs((total ?? 0) - (before.total ?? 0));
  }

  /** Takes the pages that an earlier run has landed, in the order in which they came then. */
  async #replay(): Promise<void> {
    const {landedBefore, readLanded, look} = this.#context;
    const landed: LandedPage[] = [];
    for (let number = 1, most = 1, size = 0; number <= most; number++) {
      for (const page of landedBefore(this.#name(number))) {
        landed.push(page);
        size ||= page.facts?.sent || (page.facts?.page_size ?? 0);
        most = Math.max(most, number + 1, countPages(page.facts, size));
      }
    }
    for (const page of landed.sort((a, b) => a.page - b.page)) {
      if (page.facts === null) continue;
      look?.(await readLanded(page));
      this.#note(page.facts, page.sent_after, page.records);
      if (this.#isKeyed(page.facts)) this.#keys.note(page.facts.number, this.#format.keysOf(await readLanded(page)));
      this.#lastMs = Date.parse(page.extracted_at);
    }
    this.#isResumed = landed.length > 0;
    // They may be of a search that was frozen nobody knows how long ago, and what is read from now on is not.
    if (this.#isResumed && this.#format.route.cursor) this.#lastMs = Number.NEGATIVE_INFINITY;
  }

  /** Reads what is not read yet, to where the total or the server's word says that the list ends. */
  async #readOn(): Promise<void> {
    for (let missing = this.#findMissing(); missing.length > 0; missing = this.#findMissing()) {
      this.#expect(missing);
      const {changes} = this.#readings;
      const hasMoved = () => !this.#settlesLate && this.#readings.changes > changes;
      await this.#takeAll(missing, hasMoved);
      if (hasMoved()) await this.#settle();
    }
    if (this.#last?.has_more === true) await this.#followWord();
    // Nothing is known of pages, and none were asked for.
    else if (this.#format.route.paging !== 'single' && this.#isOpen) await this.#followWord();
  }

  /** Whether only an empty page tells where the list ends: a page count that goes by a wrong total, or by another size of page, does not. */
  get #isOpen(): boolean {
    const {pages, hasContradicted} = this.#readings;
    return pages === null || (hasContradicted && this.#last?.has_more === null);
  }

  #findMissing(): readonly number[] {
    const {pages, surePages} = this.#readings;
    const count = surePages ?? 0;
    this.#firstCount ??= pages ?? undefined;
    if (count > mostPages) {
      throw new ResponseError(`${this.#name(1)} counts ${count.toLocaleString('en')} pages, which cannot be.`);
    }
    if (this.#firstCount !== undefined && count > 2 * this.#firstCount + mostAddedPages)
      throw this.#endless(`grew from ${this.#firstCount} pages to ${count} while it was read`);
    return Array.from({length: count}, (_, index) => index + 1).filter(page => !this.#readings.has(page));
  }

  /** Tells of pages that were not known of before. */
  #expect(missing: readonly number[]): void {
    const more = missing.filter(page => page > this.#expected);
    if (more.length > 0) this.#context.onExpect(more.length);
    this.#expected = Math.max(this.#expected, ...missing.slice(-1));
  }

  /** Without a total there is only the server's own word for where the list ends. */
  async #followWord(): Promise<void> {
    let empty = 0;
    for (let last = this.#last; last !== undefined && (last.has_more ?? last.sent > 0); last = this.#last) {
      const most = last.has_more ? mostPromisedPages : mostUntoldPages;
      if (last.number >= most) throw this.#endless(`has no end after ${most.toLocaleString('en')} pages`);
      const next = await this.#fetch(last.number + 1);
      const {has_more, sent} = next.page.facts;
      if (this.#repeats(next.page, last)) {
        // An endpoint that does not page sends the same bare list whatever page is asked for.
        if (has_more === null) return;
        throw new IncompleteError(`${this.#name(last.number + 1)} sent nothing new while more was promised.`);
      }
      empty = sent === 0 ? empty + 1 : 0;
      if (empty > mostEmptyPages) {
        throw new IncompleteError(`${this.#name(last.number + 1)}: ${empty} empty pages in a row promise more.`);
      }
      await this.#take(next);
    }
  }

  /** Whether a page brings no row that the one before it or the first has not brought. */
  #repeats({facts, look}: Page, last: PageFacts): boolean {
    if (facts.sent === 0) return false;
    return facts.fingerprint === last.fingerprint || this.#keys.hold(this.#format.keysOf(look()), facts.sent);
  }

  async #fetch(number: number): Promise<Fetched> {
    const {client, onCall} = this.#context;
    const address = {number, bound: this.#bound, extra: this.#extra};
    const read = (body: Buffer, status: number) => this.#format.read(body, address, this.#name(number), status);
    let sentAfter = 0;
    // It may wait long for its turn, and be sent more than once: what counts is when the attempt was sent that was answered.
    const noteSent = () => {
      this.#noteRest();
      sentAfter = this.#readings.arrivals;
      onCall();
    };
    const page = await this.#search.ask(this.#format.ask(address), path => client.get(path, read, noteSent));
    return {page, sentAfter};
  }

  #noteRest(): void {
    const nowMs = this.#context.clock.now();
    const pausedMs = nowMs - this.#lastMs;
    // Before --resume the clock may have been ahead: then nobody knows for how long.
    if (pausedMs > restMs || (pausedMs < 0 && Number.isFinite(pausedMs))) this.#readings.breakOff();
    this.#lastMs = nowMs;
  }

  async #take({page, sentAfter}: Fetched): Promise<void> {
    const state = this.#note(page.facts, sentAfter, page.lines.records);
    if (this.#isKeyed(page.facts)) this.#keys.note(page.facts.number, this.#format.keysOf(page.look()));
    this.#lastMs = this.#context.clock.now();
    this.#context.look?.(page.look());
    await this.#context.land(page, this.#bound, {state, sentAfter});
  }

  #note(facts: PageFacts, sentAfter: number, records: number): number {
    this.#records += records;
    this.#blank = this.#records === 0 ? facts.blank : null;
    if (facts.number >= (this.#last?.number ?? 0)) this.#last = facts;
    return this.#readings.add(facts, sentAfter);
  }

  /** Whether a page may have to be known again. Of others the keys are not taken: to look at all records costs more than to land them. */
  #isKeyed({number, has_more}: PageFacts): boolean {
    const {pages} = this.#readings;
    const isFollowed = pages === null || this.#isOpen || (number >= pages && has_more === true);
    return isFollowed || (countLooks(pages) > 0 && (number === 1 || number === pages));
  }

  async #takeAll(pages: readonly number[], isEnough = () => false): Promise<void> {
    const {parallelism} = this.#context;
    const take = async (page: number) => this.#take(await this.#fetch(page));
    const visits = await visitParallel(pages, parallelism, take, isSetback, isEnough);
    const describe = (failed: number) => `${failed} of ${pages.length} pages of ${this.#format.route.path}`;
    refuseMissing(visits, describe, page => this.#name(page));
  }

  #name(number: number): string {
    return `GET ${this.#format.ask({number, bound: this.#bound, extra: this.#extra})}`;
  }

  #endless(what: string): IncompleteError {
    return new IncompleteError(`${this.#format.route.path} ${what}.`, {
      missing: [this.#name((this.#last?.number ?? 0) + 1)],
      hint: 'It does not seem to heed the page that is asked for; if it does, report it.',
    });
  }

  /** Whether the count alone is wrong, after all that is doubted was read again, and somebody accepts that. */
  #isAccepted(doubts: readonly Doubt[]): boolean {
    const {acceptedMiscounts} = this.#context;
    if (acceptedMiscounts === undefined || !doubts.every(({isMiscount}) => isMiscount)) return false;
    const {sent, stayed} = this.#readings;
    acceptedMiscounts.push({counted: stayed, sent});
    return true;
  }

  #incomplete(doubts: readonly Doubt[]): IncompleteError {
    const told = doubts.slice(0, mostNamed).map(({page, why}) => `page ${page}: ${why}`);
    const more = doubts.length > mostNamed ? ` and ${doubts.length - mostNamed} more` : '';
    return new IncompleteError(
      `The pages of ${this.#format.route.path} do not fit together, though they were read again: ${told.join('; ')}${more}.`,
      {
        missing: doubts.map(({page}) => this.#name(page)),
        hint: 'Run it again when fewer rows come and go; if it stays so, the list and its count disagree at Docebo.',
      },
    );
  }
}

/** Pages of a list that are looked at once more in the end if it is not frozen: at most 2 % of its pages. */
export function countLooks(pages: number): number {
  return Math.min(2, Math.floor(pages / pagesForLook));
}

/** Pages that the server said there are, of so many records each. */
function countPages(facts: PageFacts | null, size: number): number {
  if (facts === null) return 0;
  const {total, total_pages} = facts;
  return total === null || size === 0 ? (total_pages ?? 0) : Math.ceil(total / size);
}
