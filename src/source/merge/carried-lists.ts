import {createHash} from 'node:crypto';
import type {Base} from '../../spool/bases.js';
import type {Merged, PageLine, ParentState, ToleratedRequest} from '../../spool/format.js';
import {groupByBound, nameBound} from '../../spool/landed-before.js';
import {readKey} from '../../spool/record-values.js';
import type {Parent, Table} from '../../table.js';
import {mostAheadMs} from '../http/budget.js';
import type {LandedPage, ListContext, ListOutcome} from '../lists/list-context.js';
import type {Bound} from '../lists/request.js';
import {BaseRows, digestOf} from './base-rows.js';
import {CannotMergeError} from './cannot-merge.js';
import {readMoment} from './look.js';

type ListPages = AsyncGenerator<LandedPage, ListOutcome>;

/** The list of one parent, as a base holds it. */
interface KnownList {
  /** Empty if the parent's list was refused, which meant that it has no rows. */
  readonly pages: readonly PageLine[];
  readonly refusal: ToleratedRequest | undefined;
  readonly parent: ParentState;
  readonly readAtMs: number;
}

/** A list that is to be read, unless it can be carried over. */
export interface AskedList {
  readonly request: string;
  readonly bound: Bound;
  readonly parent: ParentState;
  readonly route: {readonly parent: Parent};
  /** Whether a refusal says that the parent is gone, rather than that it has no rows. */
  isGone(refusal: ToleratedRequest): boolean;
}

interface Times {
  readonly nowMs: number;
  /** No list that is carried over is older. */
  readonly maxAgeMs: number;
  /** A list whose parent had changed so shortly before it was read may have changed once more in the same second. */
  readonly lookbackMs: number;
}

/**
 * The lists of a table's parents that a base holds. One is carried over if its parent says that it has not changed, and if it is not too old.
 */
export class CarriedLists {
  readonly #base: Base;
  readonly #table: Table;
  readonly #rows: BaseRows;
  readonly #times: Times;
  readonly #lists: ReadonlyMap<string, KnownList>;
  readonly #met = new Set<string>();
  #changed = 0;
  #removed = 0;
  #carriedOver = 0;
  #oldestMs = Number.POSITIVE_INFINITY;

  private constructor(base: Base, table: Table, rows: BaseRows, times: Times) {
    this.#base = base;
    this.#table = table;
    this.#rows = rows;
    this.#times = times;
    this.#lists = groupByList(base);
  }

  static async open(base: Base, table: Table, times: Times): Promise<CarriedLists> {
    return new CarriedLists(base, table, await BaseRows.open(base), times);
  }

  async close(): Promise<void> {
    await this.#rows.close();
  }

  /**
   * Whether a list need not be read. `landed`: the pages of it that an earlier run has landed, which the one that resumes it goes on with. Throws
   * CannotMergeError if that run has begun to carry it over, and its parent has changed since.
   */
  holds(list: AskedList, landed: readonly PageLine[] = []): boolean {
    if (landed.some(page => page.carried === undefined)) return false;
    const isHeld = this.#find(list, landed.length > 0) !== undefined;
    if (!isHeld && landed.length > 0)
      throw new CannotMergeError('A parent has changed since its list was carried over.');
    return isHeld;
  }

  #find(list: AskedList, isBegun = false): KnownList | undefined {
    const {bound, request, parent, route} = list;
    const known = this.#lists.get(nameBound(bound)) ?? this.#lists.get(request);
    if (known === undefined || (!isBegun && this.#isDue(known, bound))) return undefined;
    if (known.refusal !== undefined && list.isGone(known.refusal)) return undefined;
    const {unchangedWhen = [], countedBy} = route.parent;
    const isUnchanged = unchangedWhen.every(name => (known.parent[name] ?? null) === (parent[name] ?? null));
    // A parent without a date has not said that nothing changed.
    const saysAnything = unchangedWhen.some(name => readMoment(parent[name] ?? '') !== undefined);
    const isFresh = unchangedWhen.some(name => this.#isFresh(known, parent[name] ?? ''));
    const count = countedBy === undefined ? null : (parent[countedBy] ?? null);
    const isCounted = count === null || Number(count) === countRows(known.pages);
    return isUnchanged && saysAnything && !isFresh && isCounted ? known : undefined;
  }

  #isFresh({readAtMs}: KnownList, changedAt: string): boolean {
    const ms = readMoment(changedAt);
    return ms !== undefined && readAtMs - ms < this.#times.lookbackMs;
  }

  /** Lists that were read in one night would all be due in one night. So each has an age of its own, between half of the highest and the highest. */
  #isDue({readAtMs}: KnownList, bound: Bound): boolean {
    const share = createHash('md5').update(nameBound(bound)).digest().readUInt32BE() / 2 ** 32;
    const ageMs = this.#times.nowMs - readAtMs;
    // The clock was ahead then: nobody knows how old it is.
    return ageMs > (this.#times.maxAgeMs * (1 + share)) / 2 || ageMs < -mostAheadMs;
  }

  /** Lands a list that need not be read; or notes again that it was refused. `landed`: how many of its pages an earlier run has landed. */
  async *carry(
    list: AskedList,
    context: Pick<ListContext, 'spool' | 'large'>,
    landed: number,
  ): AsyncGenerator<LandedPage, {readonly records: number; readonly refusal: ToleratedRequest | undefined}> {
    const known = this.#find(list, landed > 0);
    if (known === undefined) throw new TypeError(`${list.request} is not in the base.`);
    this.#meet(list);
    const isKept = await this.#findKept(known.pages);
    let records = 0;
    for (const [index, line] of known.pages.entries()) {
      const keep = (place: number) => isKept(line, place);
      if (index < landed) for (let place = 0; place < line.records; place++) records += keep(place) ? 1 : 0;
      else {
        const page = await (await this.#rows.read(line)).carry(context, keep);
        records += page.records;
        yield page;
      }
    }
    this.#carriedOver += records;
    this.#oldestMs = Math.min(this.#oldestMs, known.readAtMs);
    return {records, refusal: known.refusal};
  }

  /** If rows moved while the base was read, a record may be in it twice: then the later one counts. */
  async #findKept(pages: readonly PageLine[]): Promise<(page: PageLine, place: number) => boolean> {
    if (!this.#base.completed.moved) return () => true;
    const last = new Map<string, string>();
    const keyAt = new Map<string, string>();
    for (const line of pages) {
      const page = await this.#rows.read(line);
      for (let place = 0; place < line.records; place++) {
        const at = `${line.page} ${place}`;
        const key = readKey(page.record(place), this.#table) ?? at;
        keyAt.set(at, key);
        last.set(key, at);
      }
    }
    return ({page}, place) => last.get(keyAt.get(`${page} ${place}`) ?? '') === `${page} ${place}`;
  }

  #meet(list: AskedList): KnownList | undefined {
    for (const name of [nameBound(list.bound), list.request]) {
      const known = this.#lists.get(name);
      if (known !== undefined) this.#met.add(name);
    }
    return this.#lists.get(nameBound(list.bound));
  }

  /** Whether it holds rows of a list, so that to ask for it shows whether lists are served. */
  hasRows({bound}: Pick<AskedList, 'bound'>): boolean {
    return countRows(this.#lists.get(nameBound(bound))?.pages ?? []) > 0;
  }

  /** Passes the pages of a list on that is read, and counts what has changed in it. */
  async *watch(list: AskedList, pages: ListPages): ListPages {
    const now = new Map<string, string>();
    let next = await pages.next();
    for (; !next.done; next = await pages.next()) {
      for (const record of await next.value.look()) now.set(readKey(record, this.#table) ?? '', digestOf(record));
      yield next.value;
    }
    const before = new Map<string, string>();
    for (const line of this.#meet(list)?.pages ?? []) {
      const page = await this.#rows.read(line);
      for (let place = 0; place < line.records; place++) {
        const record = page.record(place);
        before.set(readKey(record, this.#table) ?? '', digestOf(record));
      }
    }
    for (const [key, digest] of now) if (before.get(key) !== digest) this.#changed++;
    for (const key of before.keys()) if (!now.has(key)) this.#removed++;
    return next.value;
  }

  /** What became of the base, once all lists were carried over or read. */
  tell(): Merged {
    const gone = [...this.#lists].filter(([name]) => !this.#met.has(name));
    const removed = this.#removed + gone.reduce((sum, [, {pages}]) => sum + countRows(pages), 0);
    const oldest = Number.isFinite(this.#oldestMs) ? new Date(this.#oldestMs).toISOString() : null;
    return {changed: this.#changed, removed, carriedOver: this.#carriedOver, oldest, audited: 0};
  }
}

/** The lists of a base by what they are bound to, or by request if they were refused. */
function groupByList({pages, tolerated}: Base): ReadonlyMap<string, KnownList> {
  const lists = new Map<string, KnownList>();
  for (const [name, group] of groupByBound(pages)) {
    const readAtMs = Math.min(...group.map(page => Date.parse(page.extracted_at)));
    lists.set(name, {pages: group, refusal: undefined, parent: group.at(-1)?.parent ?? {}, readAtMs});
  }
  for (const refusal of tolerated) {
    const {request, parent = {}, extracted_at: readAt} = refusal;
    if (readAt !== undefined) lists.set(request, {pages: [], refusal, parent, readAtMs: Date.parse(readAt)});
  }
  return lists;
}

function countRows(pages: readonly PageLine[]): number {
  return pages.reduce((sum, {records}) => sum + records, 0);
}
