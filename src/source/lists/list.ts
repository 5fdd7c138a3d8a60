import {IncompleteError, ResponseError} from '../../errors.js';
import type {PageFacts, ParentState} from '../../spool/format.js';
import {countLooks, KnownKeys} from './known-keys.js';
import type {LandedPage, ListContext, ListOutcome} from './list-context.js';
import type {ListAddress, Page, PageFormat} from './page.js';
import {type Fetched, PageRequests} from './page-requests.js';
import {visitParallel} from './parallel.js';
import {type Doubt, Readings} from './readings.js';

/** More empty pages in a row than this, each promising more, mean a server that never ends. */
const mostEmptyPages = 3;
const mostNamed = 5;
/** Two hundred million rows: no tenant has that many. */
const mostPages = 1_000_000;
/** Ten million rows in pages of 200. The limit for a list that only promises more. */
const mostPromisedPages = 50_000;
/** A hundred thousand rows. The limit for a list that says nothing of its end. */
const mostUntoldPages = 500;
/** A list that grows beyond twice its length and this grows faster than it is read, or by being read. */
const mostAddedPages = 100;
/** What distinguishes a list from the others of its table, besides its address. */
export interface ListOptions extends Partial<ListAddress> {
  /** Which list it is and how often it has been read, if a row may be in several lists of a table. */
  readonly label?: string;
  /** What its parent holds in the columns by which a change of the list is noticed. */
  readonly parent?: ParentState | undefined;
  /** Whether to read it anew, whatever an earlier run has landed of it. @default false */
  readonly isAnew?: boolean;
}

/**
 * One list: reads every page of it, lands each as it comes, and yields it. Page 1 tells the total; then the others are read in parallel, and those
 * that do not fit together are read again.
 */
export class List {
  readonly #format: PageFormat;
  readonly #address: ListAddress;
  readonly #options: ListOptions;
  readonly #context: ListContext;
  readonly #readings = new Readings();
  readonly #requests: PageRequests;
  readonly #keys: KnownKeys;
  /** Whether an earlier run has begun the list. */
  #isResumed = false;
  /** The number of pages according to the first reply. */
  #firstCount: number | undefined;
  #records = 0;
  #isUnproved = false;
  #blank: number | null = null;
  /** The last page whose call was counted as needed. */
  #expected = 1;
  /** Whether pages that do not fit together are only read again at the end. */
  #settlesLate = false;

  constructor(format: PageFormat, context: ListContext, options: ListOptions = {}) {
    const {bound = {}, extra = {}} = options;
    this.#format = format;
    this.#address = {bound, extra};
    this.#options = options;
    this.#context = context;
    this.#keys = new KnownKeys(format, this.#readings.length);
    this.#requests = new PageRequests(format, this.#address, context, this.#readings);
  }

  /** Records that have landed so far. */
  get records(): number {
    return this.#records;
  }

  /** Yields each page once it has landed, those of an earlier run first. Throws IncompleteError if pages never fit together. */
  async *read(): AsyncGenerator<LandedPage, ListOutcome> {
    yield* this.#replay();
    if (!this.#readings.has(1)) yield* this.#readPage(1);
    // A whole table is empty only if two replies say so.
    if (this.#isWhole && this.#blank !== null && this.#readings.arrivals === 1) yield* this.#readPage(1);
    for (let retry = 0; ; retry++) {
      yield* this.#readOn();
      if (this.#readings.doubts().length === 0) yield* this.#lookAgain();
      const doubts = this.#readings.doubts();
      const {stayed, sent} = this.#readings.length;
      const unproved = this.#isUnproved ? ({isUnproved: true} as const) : {};
      const outcome = {
        records: this.#records,
        blank: this.#blank,
        ...unproved,
        moved: this.#readings.moved,
      };
      if (doubts.length === 0) return {...outcome, total: stayed};
      if (retry > 0 && this.#isAccepted(doubts)) return {...outcome, total: sent, miscount: {counted: stayed, sent}};
      if (retry >= this.#context.driftRetries) throw this.#incomplete(doubts);
      this.#requests.thaw();
      yield* this.#readPages(doubts.map(({page}) => page));
    }
  }

  /** Whether the list is the only one of its table. */
  get #isWhole(): boolean {
    const {bound, extra} = this.#address;
    return Object.keys({...bound, ...extra}).length === 0;
  }

  /**
   * Reads again what does not fit together so far. As soon as rows are seen to move, that is only the few pages that were under way. By the end of a
   * long list rows would have moved by whole pages, and all of it would have to be read again.
   */
  async *#settle(): AsyncGenerator<LandedPage, void> {
    const {driftRetries, parallelism} = this.#context;
    for (let retry = 0; ; retry++) {
      const doubts = this.#readings.doubts();
      if (doubts.length === 0) return;
      if (retry >= driftRetries) {
        // Few doubts are left for the next time. If there are many, the list does not come to rest before the end.
        this.#settlesLate = doubts.length > 4 * parallelism;
        return;
      }
      this.#requests.thaw();
      yield* this.#readPages(doubts.map(({page}) => page));
    }
  }

  /**
   * If as many rows go as come, the totals show nothing. So the first page of a long list that was not frozen is looked at again in the end, and the
   * last one too if the list is longer still: if rows have left the page, others have moved and may have been missed.
   */
  async *#lookAgain(): AsyncGenerator<LandedPage, void> {
    const {pages: count, furthest} = this.#readings.length;
    const last = count ?? furthest?.number ?? 1;
    const pages = [1, last].slice(0, countLooks(last));
    if (pages.length === 0 || (this.#requests.isFrozen && !this.#isResumed)) return;
    this.#context.calls.expect(pages.length);
    for (const number of pages) {
      const seen = await this.#requests.fetch(number);
      if (!this.#hasLostRows(seen.page)) continue;
      this.#readings.distrust();
      yield this.#land(seen);
      return;
    }
  }

  /**
   * Whether more rows have left a page than its total shows. If rows were seen to come or go since the page was read, nothing can be said about
   * others.
   */
  #hasLostRows(page: Page): boolean {
    const {number, total} = page.facts;
    const before = this.#readings.current(number);
    return before !== undefined && this.#keys.countLost(page) > Math.abs((total ?? 0) - (before.total ?? 0));
  }

  /** Yields the pages that an earlier run has landed, in the order in which they came then. */
  async *#replay(): AsyncGenerator<LandedPage, void> {
    if (this.#options.isAnew) return;
    const {spool} = this.#context;
    const landed = this.#requests.findLanded(spool);
    for (const line of landed) {
      const {facts, records} = line;
      if (facts === null) continue;
      const look = async () => spool.readLanded(line);
      this.#note(facts, line.sent_after, records);
      if (this.#keys.needs(facts)) this.#keys.note(facts.number, await look());
      this.#requests.heardAt(Date.parse(line.extracted_at));
      const beside = this.#countBeside(records, facts);
      yield {
        records,
        beside,
        total: this.#countRows(facts),
        counted: facts.total,
        hasLandedBefore: true,
        keys: line.keys,
        look,
      };
    }
    this.#isResumed = landed.length > 0;
    // These pages may be of a search that was frozen at an unknown time, and what is read from now on is not frozen.
    if (this.#isResumed && this.#format.route.cursor) this.#requests.heardLongAgo();
  }

  /** Reads the rest of the list, up to the end according to the total or to what else the server says. */
  async *#readOn(): AsyncGenerator<LandedPage, void> {
    for (let missing = this.#findMissing(); missing.length > 0; missing = this.#findMissing()) {
      this.#expect(missing);
      const {changes} = this.#readings;
      const hasMoved = () => !this.#settlesLate && this.#readings.changes > changes;
      yield* this.#readPages(missing, hasMoved);
      if (hasMoved()) yield* this.#settle();
    }
    const {furthest, isOpen} = this.#readings.length;
    // A list that is not asked for in pages says nothing about them.
    if (furthest?.has_more === true || (isOpen && this.#format.route.paging !== 'single')) yield* this.#followWord();
  }

  #findMissing(): readonly number[] {
    const {pages, surePages} = this.#readings.length;
    const count = surePages ?? 0;
    this.#firstCount ??= pages ?? undefined;
    if (count > mostPages) {
      throw new ResponseError(
        `${this.#requests.name(1)} counts ${count.toLocaleString('en')} pages, which is impossible.`,
      );
    }
    if (this.#firstCount !== undefined && count > 2 * this.#firstCount + mostAddedPages)
      throw this.#endless(`grew from ${this.#firstCount} pages to ${count} while it was read`);
    return Array.from({length: count}, (_, index) => index + 1).filter(page => !this.#readings.has(page));
  }

  /** Counts the calls for pages that were not known before. */
  #expect(missing: readonly number[]): void {
    const more = missing.filter(page => page > this.#expected);
    if (more.length > 0) this.#context.calls.expect(more.length);
    this.#expected = Math.max(this.#expected, ...missing.slice(-1));
  }

  /** Without a total only the server's own word says where the list ends. */
  async *#followWord(): AsyncGenerator<LandedPage, void> {
    let empty = 0;
    const {length} = this.#readings;
    for (let last = length.furthest; last !== undefined && (last.has_more ?? last.sent > 0); last = length.furthest) {
      const most = last.has_more ? mostPromisedPages : mostUntoldPages;
      if (last.number >= most) throw this.#endless(`has no end after ${most.toLocaleString('en')} pages`);
      const next = await this.#requests.fetch(last.number + 1);
      const {has_more, sent} = next.page.facts;
      if (this.#keys.areRepeatedBy(next.page, last)) {
        // An endpoint without pages sends the same bare list whatever is asked for, but not just as many records as were asked for.
        const isCut = this.#format.route.paging === 'offset' && last.sent === last.page_size;
        if (has_more === null && !isCut) {
          this.#isUnproved = this.#format.route.paging === 'offset';
          return;
        }
        const why = has_more === null ? 'though the page before it was full' : 'while more was promised';
        throw new IncompleteError(`${this.#requests.name(last.number + 1)} sent nothing new ${why}.`);
      }
      empty = sent === 0 ? empty + 1 : 0;
      if (empty > mostEmptyPages) {
        throw new IncompleteError(
          `${this.#requests.name(last.number + 1)}: ${empty} empty pages in a row promise more.`,
        );
      }
      yield this.#land(next);
    }
  }

  async *#readPage(number: number): AsyncGenerator<LandedPage, void> {
    yield this.#land(await this.#requests.fetch(number));
  }

  /** Notes a page among the readings of its list, and hands it to the spool. Resolves once there is room for another. */
  async #land({page, sentAfter}: Fetched): Promise<LandedPage> {
    const {facts, lines, request, keys} = page;
    const state = this.#note(facts, sentAfter, lines.records);
    if (this.#keys.needs(facts)) this.#keys.note(facts.number, page.look());
    const {large, spool} = this.#context;
    const {bound} = this.#address;
    const {label: list, parent} = this.#options;
    const landing = {lines, request, bound, facts, state, sentAfter, list, keys, parent};
    await large.land(lines.heldBytes, async () => spool.accept(landing));
    return {
      records: lines.records,
      beside: this.#countBeside(lines.records, facts),
      total: this.#countRows(facts),
      counted: facts.total,
      hasLandedBefore: false,
      keys,
      look: async () => page.look(),
    };
  }

  #countRows({total}: PageFacts): number | null {
    return this.#isWhole && this.#options.label === undefined ? total : null;
  }

  /** What `explode` makes of a page is not compared: an item may be several records. */
  #countBeside(records: number, {sent}: PageFacts): number {
    return this.#format.route.explode === undefined ? records - sent : 0;
  }

  #note(facts: PageFacts, sentAfter: number, records: number): number {
    this.#records += records;
    this.#blank = this.#records === 0 ? facts.blank : null;
    return this.#readings.add(facts, sentAfter);
  }

  #readPages(pages: readonly number[], isEnough = () => false): AsyncGenerator<LandedPage, void> {
    return visitParallel({
      items: pages,
      width: this.#context.parallelism,
      visit: page => this.#readPage(page),
      isEnough,
      describe: failed => `${failed} of ${pages.length} pages of ${this.#format.route.path}`,
      nameRequest: page => this.#requests.name(page),
    });
  }

  #endless(what: string): IncompleteError {
    return new IncompleteError(`${this.#format.route.path} ${what}.`, {
      missing: [this.#requests.name((this.#readings.length.furthest?.number ?? 0) + 1)],
      hint: 'It seems to ignore which page is asked for; if it does not, please report this.',
    });
  }

  /**
   * Whether only the count is wrong after all doubts were read again, and that is accepted. Accepting duplicates includes accepting that more records
   * come than are counted.
   */
  #isAccepted(doubts: readonly Doubt[]): boolean {
    if (!doubts.every(({isMiscount}) => isMiscount)) return false;
    const {total, sent} = this.#readings.length;
    return this.#context.accepts('count') || (this.#context.accepts('duplicates') && sent > (total ?? sent));
  }

  #incomplete(doubts: readonly Doubt[]): IncompleteError {
    const told = doubts.slice(0, mostNamed).map(({page, why}) => `page ${page}: ${why}`);
    const more = doubts.length > mostNamed ? ` and ${doubts.length - mostNamed} more` : '';
    return new IncompleteError(
      `The pages of ${this.#format.route.path} do not fit together, though they were read again: ${told.join('; ')}${more}.`,
      {
        missing: doubts.map(({page}) => this.#requests.name(page)),
        hint: 'Run it again when fewer rows come and go; if that does not help, the list and its count disagree at Docebo.',
      },
    );
  }
}
