import type {PageFacts, PageLine} from '../../spool/format.js';
import {FrozenSearch} from './frozen-search.js';
import type {ListContext} from './list-context.js';
import type {ListAddress, Page, PageAddress, PageFormat} from './page.js';
import type {Readings} from './readings.js';

/** After so long a pause, before --resume or until an hour's quota is free, so much may have changed that equal counts do not mean an equal list. */
const restMs = 600_000;

export interface Fetched {
  readonly page: Page;
  /** How many replies of its list had come when it was asked for. */
  readonly sentAfter: number;
}

/** Asks for the pages of one list. Tells its readings where the list may have changed since the last reply. */
export class PageRequests {
  readonly #format: PageFormat;
  readonly #address: ListAddress;
  readonly #context: Pick<ListContext, 'client' | 'clock' | 'calls' | 'spool'>;
  readonly #readings: Readings;
  readonly #search: FrozenSearch;
  /** Records on each page of a list by offset: as many as came on the first, whatever was asked for. */
  #size: number | undefined;
  /** When the list was last asked or last answered. */
  #lastMs = Number.POSITIVE_INFINITY;

  constructor(
    format: PageFormat,
    address: ListAddress,
    context: Pick<ListContext, 'client' | 'clock' | 'calls' | 'spool'>,
    readings: Readings,
  ) {
    this.#format = format;
    this.#address = address;
    this.#context = context;
    this.#readings = readings;
    this.#search = new FrozenSearch(readings);
    // If rows moved although the list was frozen, the cursor is at fault.
    if (context.spool.pass > 0) this.#search.thaw();
  }

  name(number: number): string {
    return this.#format.name(this.#locate(number));
  }

  #locate(number: number): PageAddress {
    return {number, size: this.#size, ...this.#address};
  }

  /** A server may send fewer than asked for, so the pages that follow begin where its first one ended. */
  #learnSize({number, sent}: PageFacts): void {
    if (this.#format.route.paging === 'offset' && number === 1 && sent > 0) this.#size ??= sent;
  }

  /** Whether all pages show the list as it was when the first was read. */
  get isFrozen(): boolean {
    return this.#search.isFrozen;
  }

  /** Asks without the cursor from now on: the pages of a frozen search fit together unless it has changed. */
  thaw(): void {
    this.#search.thaw();
  }

  /** The pages that these requests gave in the run that is resumed, in the order in which they landed. */
  findLanded(spool: Pick<ListContext['spool'], 'landedBefore'>): readonly PageLine[] {
    const landed: PageLine[] = [];
    for (let number = 1, most = 1, size = 0; number <= most; number++) {
      for (const line of spool.landedBefore(this.name(number))) {
        landed.push(line);
        if (line.facts !== null) this.#learnSize(line.facts);
        size ||= line.facts?.sent || (line.facts?.page_size ?? 0);
        most = Math.max(most, number + 1, countPages(line.facts, size));
      }
    }
    return landed.sort((a, b) => a.page - b.page);
  }

  async fetch(number: number): Promise<Fetched> {
    const {client, clock, calls} = this.#context;
    const address = this.#locate(number);
    const read = (body: Buffer, status: number) => this.#format.read(body, address, status);
    let sentAfter = 0;
    // A request may wait long for its turn and be sent more than once: what counts is when the attempt that was answered was sent.
    const noteSent = () => {
      this.#noteRest();
      sentAfter = this.#readings.arrivals;
      calls.made++;
    };
    const page = await this.#search.ask(this.#format.ask(address), path => client.get(path, read, noteSent));
    this.#lastMs = clock.now();
    this.#learnSize(page.facts);
    return {page, sentAfter};
  }

  /** An earlier run got a reply at this time, perhaps by another clock. */
  heardAt(ms: number): void {
    this.#lastMs = ms;
  }

  /** An earlier run got a reply at an unknown time, and the list's state then is unknown. */
  heardLongAgo(): void {
    this.#lastMs = Number.NEGATIVE_INFINITY;
  }

  #noteRest(): void {
    const nowMs = this.#context.clock.now();
    const pausedMs = nowMs - this.#lastMs;
    // The clock may have been ahead before --resume: then the length of the pause is unknown.
    if (pausedMs > restMs || (pausedMs < 0 && Number.isFinite(pausedMs))) this.#readings.breakOff();
    this.#lastMs = nowMs;
  }
}

/** The number of pages according to the server, if each holds `size` records. */
function countPages(facts: PageFacts | null, size: number): number {
  if (facts === null) return 0;
  const {total, total_pages} = facts;
  return total === null || size === 0 ? (total_pages ?? 0) : Math.ceil(total / size);
}
