import type {MergeChoices} from '../../choices.js';
import {sentNames} from '../../declared-keys.js';
import {messageOf} from '../../errors.js';
import type {RawRecord} from '../../json/raw-record.js';
import type {Base} from '../../spool/bases.js';
import type {Merged} from '../../spool/format.js';
import type {TableSpool} from '../../spool/table-spool.js';
import type {ApiRoute, Changes, Table} from '../../table.js';
import {isRouteRefusal} from '../http/policy.js';
import {List} from '../lists/list.js';
import type {LandedPage, ListContext} from '../lists/list-context.js';
import {type Page, PageFormat} from '../lists/page.js';
import type {Query} from '../lists/request.js';
import {BaseRows, digestOf} from './base-rows.js';
import {areMostChanged, CannotMergeError, unreadChanges} from './cannot-merge.js';
import {findGone, isFilterFault} from './find-gone.js';
import {KnownRows, splitKeys} from './known-rows.js';
import {formatMoment, lookAt, lookUp} from './look.js';
import {compareRecords, type Difference} from './record-difference.js';
import {mostShare} from './stretches.js';
import {boundsAround} from './zones.js';

/*
 * The words for a merge:
 *
 * base       What the last proved run has landed of the table (spool/bases.ts).
 * changes    The rows that the list names when it is asked what has changed since the base was asked for. They replace those of the base.
 * to audit   To read a few pages of the whole list, to see whether rows that the changes do not name are as they were.
 * gone       Of a row of the base: no longer in the list.
 * to carry   To land a record of the base again, with the time at which it was read.
 */

export type ChangesRoute = ApiRoute & {readonly changes: Changes};

export function hasChanges(route: ApiRoute): route is ChangesRoute {
  return route.changes !== undefined;
}

export interface ListMergeContext extends ListContext {
  readonly table: Table;
  readonly pageSize: number;
  readonly spool: TableSpool;
  readonly base: Base;
  readonly choices: MergeChoices;
  /** At least 0 and below 1: which pages are audited. */
  readonly random: () => number;
  /** The keys that the tables hold with whose rows others go, by the column that names them. */
  readonly readParents: () => Promise<ReadonlyMap<string, ReadonlySet<string>>>;
}

export interface ListMergeOutcome {
  readonly total: number;
  /** Whether a record may have landed more than once. */
  readonly moved: boolean;
  readonly merged: Merged;
  /** Changes from this moment on may be missing. */
  readonly askedAtMs: number;
}

/** A row that has changed. */
interface ChangedRow {
  readonly changedAt: string;
  readonly digest: string;
}

interface ReadChanges {
  readonly rows: ReadonlyMap<string, ChangedRow>;
  /** Rows that the list counts among them. */
  readonly counted: number;
  readonly moved: boolean;
}

interface AuditedRow {
  readonly record: RawRecord;
  /** The page that held it. */
  readonly page: number;
}

interface Audit {
  readonly rows: ReadonlyMap<string, AuditedRow>;
  readonly total: number;
}

/**
 * Reads of a list only what has changed, and carries over the rest. It is proved by the list's own count, which is taken before and after the changes are
 * read: what is known must be as many rows. Throws CannotMergeError if the whole list has to be read instead.
 */
export class ListMerge {
  readonly #route: ChangesRoute;
  readonly #context: ListMergeContext;
  readonly #format: PageFormat;
  /** Rows on a full page. A server may send fewer than are asked for. */
  #pageSize: number;

  constructor(route: ChangesRoute, context: ListMergeContext) {
    this.#route = route;
    this.#pageSize = context.pageSize;
    this.#context = context;
    this.#format = new PageFormat(context.table, route, context.pageSize);
  }

  async *read(): AsyncGenerator<LandedPage, ListMergeOutcome> {
    const {base, spool, clock, driftRetries} = this.#context;
    if (base.completed.total === null) throw new CannotMergeError('Docebo does not count its rows.');
    // What an earlier run has landed of the changes may be out of date, and a row of it gone.
    if (spool.before.pages > 0) await spool.empty();
    const begunMs = (clock.wall ?? clock.now)();
    const audit = await this.#audit();
    let {total} = audit;
    for (let retry = 0; ; retry++) {
      const changes = yield* this.#readChanges(total);
      const before = total;
      total = await this.#count();
      const known = new KnownRows(base.pages, this.#width);
      if (known.count !== base.completed.total && !base.completed.moved)
        throw new CannotMergeError('Docebo counts other rows than it sends.');
      const replaced = takeOut(known, changes.rows.keys());
      const surplus = known.count + changes.rows.size - total;
      if (before === total) {
        await this.#refuseUnnamed(audit, known, changes.rows);
        if (changes.rows.size === 0) await this.#refuseMute(known);
        if (surplus < 0) throw new CannotMergeError(`Docebo counts ${-surplus} rows more than it has named so far.`);
        const gone = surplus === 0 ? new Set<string>() : await this.#findGone(known, changes, total);
        takeOut(known, gone);
        const carried = yield* this.#carry(known, replaced, changes.rows);
        const merged = {...carried, removed: gone.size, audited: audit.rows.size};
        return {total, moved: changes.moved, merged, askedAtMs: begunMs};
      }
      const isCostly = (retry + 2) * changes.counted > total * mostShare;
      if (retry >= driftRetries || isCostly)
        throw new CannotMergeError('Rows came and went while the changes were read.');
      await spool.empty();
    }
  }

  /** From when on rows are asked for that have changed. */
  get #sinceMs(): number {
    const {base, choices} = this.#context;
    return base.askedAtMs - choices.lookbackMs;
  }

  /** Columns of the key. */
  get #width(): number {
    return this.#context.table.primaryKey.length;
  }

  /** Reads some pages of the whole list before the changes: a row that changes in between is named by them. */
  async #audit(): Promise<Audit> {
    const {base, choices, random} = this.#context;
    const rows = new Map<string, AuditedRow>();
    const read = new Set<number>();
    let total = 0;
    // One page is read for its count in any case.
    do {
      const pages = Math.max(1, Math.ceil(base.completed.records / this.#pageSize));
      const left = Array.from({length: pages}, (_, index) => index + 1).filter(number => !read.has(number));
      const number = left[Math.floor(random() * left.length)];
      if (number === undefined) break;
      read.add(number);
      const page = await this.#lookAtPage(number);
      this.#pageSize = sizeOf(page, this.#pageSize);
      total = countOf(page);
      const records = page.look();
      for (const [index, {key}] of splitKeys(page.keys ?? '', this.#width).entries()) {
        const record = records[index];
        if (record !== undefined) rows.set(key, {record, page: number});
      }
    } while (read.size < choices.auditPages);
    return {rows, total};
  }

  async #look(number: number, extra: Query = {}): Promise<Page> {
    return lookAt(this.#format, this.#context, number, extra);
  }

  /** A page of the whole list. If the list has become shorter, a server may refuse it: then the first one. */
  async #lookAtPage(number: number): Promise<Page> {
    try {
      return await this.#look(number);
    } catch (error) {
      if (number === 1 || !isRouteRefusal(error)) throw error;
      return this.#look(1);
    }
  }

  /** Throws CannotMergeError if the list names nothing even where rows are known to be: its filter may let in nothing at all. */
  async #refuseMute(known: KnownRows): Promise<void> {
    const {newest} = known;
    if (newest === undefined) return;
    const from = formatMoment(Math.min(boundsAround(newest).from, this.#sinceMs));
    const page = await this.#look(1, {[this.#route.changes.from]: from});
    if (countOf(page) === 0) throw new CannotMergeError('Docebo names no rows even where there are some.');
  }

  async #count(): Promise<number> {
    return countOf(await this.#look(1));
  }

  /** Reads the rows that are said to have changed. Throws CannotMergeError as soon as a page shows that they are not what was asked for. */
  async *#readChanges(total: number): AsyncGenerator<LandedPage, ReadChanges> {
    const {calls} = this.#context;
    const since = formatMoment(this.#sinceMs);
    const list = new List(this.#format, this.#context, {extra: {[this.#route.changes.from]: since}, isAnew: true});
    const rows = new Map<string, ChangedRow>();
    let last = 0;
    calls.expect(1);
    try {
      const pages = list.read();
      let next = await pages.next();
      for (; !next.done; next = await pages.next()) {
        const {counted, keys, look} = next.value;
        if (counted === null || counted === undefined)
          throw new CannotMergeError(unreadChanges.uncounted(this.#route.changes.from));
        if (counted >= total && total > 0) throw this.#refuseAll(keys, since, total);
        if (areMostChanged(counted, total)) throw new CannotMergeError(unreadChanges.most(counted, total));
        last = counted;
        const records = await look();
        for (const [index, {key, changedAt}] of splitKeys(keys ?? '', this.#width).entries())
          rows.set(key, {changedAt, digest: digestOf(records[index])});
        yield next.value;
      }
      return {rows, counted: last, moved: next.value.moved};
    } catch (error) {
      if (isRouteRefusal(error)) throw new CannotMergeError(unreadChanges.refused(error.status));
      if (!isFilterFault(error)) throw error;
      throw new CannotMergeError(`Docebo does not say what has changed: ${messageOf(error)}`);
    }
  }

  /** All rows are named: either all have changed, or the filter is ignored, as a row shows that is far older than what was asked for. */
  #refuseAll(keys: string | undefined, since: string, total: number): CannotMergeError {
    // Two days: the server may count in whole days, and in any time zone.
    const oldest = formatMoment(Date.parse(`${since.replace(' ', 'T')}Z`) - 2 * 86_400_000);
    const isIgnored = splitKeys(keys ?? '', this.#width).some(({changedAt}) => changedAt !== '' && changedAt < oldest);
    if (isIgnored) return this.#distrust('it is ignored');
    return new CannotMergeError(unreadChanges.all(total));
  }

  #distrust(what: string): CannotMergeError {
    return new CannotMergeError(`Docebo's filter ${this.#route.changes.from} cannot be relied on: ${what}.`, {
      isDistrust: true,
    });
  }

  /** Throws CannotMergeError if a row of the list differs from what is known of it, although it is not among the changes. */
  async #refuseUnnamed({rows}: Audit, known: KnownRows, changed: ReadonlyMap<string, ChangedRow>): Promise<void> {
    const {base} = this.#context;
    await BaseRows.with(base, async baseRows => {
      for (const [key, {record: seen, page: number}] of rows) {
        if (changed.has(key)) continue;
        const place = known.find(key);
        const page = place && base.pages[place.page];
        // It may have been restored, with the date that it had before.
        if (place === undefined || page === undefined)
          throw new CannotMergeError('A row came that Docebo does not name as changed.');
        const record = (await baseRows.read(page)).record(place.place);
        const {changed: keys, isOtherKind} = this.#compare(record, seen);
        if (keys.length > 0) throw await this.#explainUnnamed(key, seen, number, keys);
        if (isOtherKind) throw new CannotMergeError('Its records have other keys, or other types, than before.');
      }
    });
  }

  /** A row that has changed back since was changed when it was seen. If it is as it was seen, the filter should have named it. */
  async #explainUnnamed(
    key: string,
    seen: RawRecord,
    number: number,
    changed: readonly string[],
  ): Promise<CannotMergeError> {
    const page = await this.#lookAtPage(number);
    const index = splitKeys(page.keys ?? '', this.#width).findIndex(row => row.key === key);
    const now = page.look()[index];
    const since = now && this.#compare(now, seen);
    if (since === undefined || since.isOtherKind || since.changed.length > 0)
      return new CannotMergeError('Rows changed while they were looked at.');
    const {copies = []} = this.#route.changes;
    const {columns} = this.#context.table;
    const copied = copies.flatMap(name => sentNames(name, columns[name] ?? {}));
    if (changed.every(name => copied.includes(name)))
      return new CannotMergeError(`What its rows tell of others has changed, such as a name: ${changed.join(', ')}.`);
    return this.#distrust('it left out a row that had changed');
  }

  /** In what two records of a row differ, but for keys that no column reads. */
  #compare(one: RawRecord, other: RawRecord): Difference {
    return compareRecords(one, other, this.#context.table.ignores);
  }

  /** The rows that are no longer in the list. */
  async #findGone(
    known: KnownRows,
    {rows: changed, counted}: ReadChanges,
    total: number,
  ): Promise<ReadonlySet<string>> {
    const {table, readParents} = this.#context;
    const gone = await findGone(known, changed, {
      changes: this.#route.changes,
      primaryKey: table.primaryKey,
      parents: await readParents(),
      pageSize: this.#pageSize,
      sinceMs: this.#sinceMs,
      total,
      look: async (number, extra) => this.#look(number, extra),
      lookUp: async (path, key) => lookUp(path, table, key, this.#context),
    });
    await this.#refuseStirred(counted, total);
    return gone;
  }

  /**
   * Throws CannotMergeError if rows have changed while those that are gone were looked for: a row that changes leaves the place where it was, as if it were
   * gone. It would be counted among the changes, since those that go and come are counted twice, there and in the whole list.
   */
  async #refuseStirred(named: number, total: number): Promise<void> {
    const changes = await this.#look(1, {[this.#route.changes.from]: formatMoment(this.#sinceMs)});
    if (countOf(changes) !== named || (await this.#count()) !== total)
      throw new CannotMergeError('Rows changed while those that are gone were looked for.');
  }

  /** Carries over what is left of the base, and counts what has changed. */
  async *#carry(
    known: KnownRows,
    replaced: ReadonlyMap<number, readonly Replaced[]>,
    changed: ReadonlyMap<string, ChangedRow>,
  ): AsyncGenerator<LandedPage, Pick<Merged, 'changed' | 'carriedOver' | 'oldest'>> {
    const {base} = this.#context;
    const rows = await BaseRows.open(base);
    let unchanged = 0;
    let carriedOver = 0;
    let oldest: string | null = null;
    try {
      for (const [number, line] of base.pages.entries()) {
        const page = await rows.read(line);
        for (const {key, place} of replaced.get(number) ?? [])
          if (digestOf(page.record(place)) === changed.get(key)?.digest) unchanged++;
        const isKept = (place: number) => known.isKept(number, place);
        if (!Array.from({length: line.records}, (_, place) => isKept(place)).includes(true)) continue;
        const landed = await page.carry(this.#context, isKept);
        carriedOver += landed.records;
        if (oldest === null || line.extracted_at < oldest) oldest = line.extracted_at;
        yield landed;
      }
    } finally {
      await rows.close();
    }
    return {changed: changed.size - unchanged, carriedOver, oldest};
  }
}

function countOf({facts: {total}}: Page): number {
  if (total === null) throw new CannotMergeError('Docebo does not count its rows.');
  return total;
}

/** Rows on a full page of a list, as one of its pages shows: if others follow it, it is full. */
function sizeOf({facts: {number, sent, total, total_pages: pages, has_more: hasMore}}: Page, size: number): number {
  const isFollowed = hasMore === true || number < (pages ?? 0) || number * size < (total ?? 0);
  return isFollowed && sent > 0 ? Math.min(sent, size) : size;
}

/** A row of the base, by its place on its page. */
interface Replaced {
  readonly key: string;
  readonly place: number;
}

/** Takes rows out of those that are known, and returns them by page. */
function takeOut(known: KnownRows, keys: Iterable<string>): ReadonlyMap<number, readonly Replaced[]> {
  const byPage = new Map<number, Replaced[]>();
  for (const key of keys) {
    const at = known.drop(key);
    if (at === undefined) continue;
    const onPage = byPage.get(at.page) ?? [];
    onPage.push({key, place: at.place});
    byPage.set(at.page, onPage);
  }
  return byPage;
}
