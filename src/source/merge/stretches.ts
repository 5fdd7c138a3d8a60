import type {Changes} from '../../table.js';
import type {Page} from '../lists/page.js';
import {CannotMergeError} from './cannot-merge.js';
import {type KeyedRow, splitKeys} from './known-rows.js';
import {formatMoment, readMoment} from './look.js';
import {type Bounds, boundsAround, isSurelyWithin} from './zones.js';

/** Rows that lie closer together cannot be told apart by a bound, since it is not known whether bounds are inclusive. */
const leastGapMs = 3000;
const secondMs = 1000;
const minuteMs = 60_000;
/** How far around its date a row is looked for, if not between its neighbours, before bounds are asked for that surely hold it. */
const nearMs = [60 * minuteMs, 480 * minuteMs];
/** Of rows around one that may be gone. */
const mostPagesAround = 20;

/** A row with the moment of its last change. */
export interface DatedRow {
  readonly key: string;
  readonly ms: number;
}

/** How to ask for the rows of a stretch. */
interface StretchLook {
  readonly changes: Changes;
  readonly pageSize: number;
  /** Columns of a key. */
  readonly width: number;
  /** By how much the clock of the bounds differs from that of the dates. @default 0 */
  readonly zoneMs?: number;
  readonly look: (number: number, extra: Readonly<Record<string, string>>) => Promise<Page>;
}

/** What may be spent of the calls that reading all rows takes before it is clear that a merge succeeds. */
export const mostShare = 0.45;

/** The counts of a list's stretches contradict each other, or the rows that are known. */
export class StretchError extends Error {}

/**
 * Finds the rows that a list no longer holds, by what it counts between two moments of change.
 *
 * Of 1,000 known rows the list counts 998. It is asked how many of them were last changed up to the middle: 500 of the 500 that are known, so
 * the two that are gone are among the later 500. These are halved again, until a stretch fits on one page, which shows what is not there. Each
 * row costs about as many calls as the list can be halved; a stretch that cannot be halved, because all its rows were changed at once, is read.
 *
 * Nothing is taken on trust: the stretches have to add up to the whole, and a page must hold exactly what is known, but for the rows that are gone. How the
 * list reads the bounds is not known. So a row near one of them is looked for around it, too.
 */
export async function findByStretches(
  rows: Iterable<KeyedRow>,
  total: number,
  looker: StretchLook,
): Promise<ReadonlySet<string>> {
  const {pageSize} = looker;
  const {dated, undated} = dateRows(rows);
  const sought = dated.length + undated - total;
  refuseCostly(sought, Math.ceil(total / pageSize));
  dated.sort((a, b) => a.ms - b.ms);
  const gone = new Set<string>();

  /** Looks for what is gone of the rows from `first` to before `end`, of which the list counts `counted`. */
  const search = async (stretch: Bounds, first: number, end: number, counted: number): Promise<void> => {
    if (end - first === counted) return;
    if (end - first < counted) throw new StretchError('more rows are counted between two moments than are known');
    const middle = counted <= pageSize ? undefined : findGap(dated, first, end);
    if (middle === undefined) return compare(stretch, first, end, counted);
    const [before, after] = [dated[middle - 1]?.ms ?? 0, dated[middle]?.ms ?? 0];
    const left = {from: stretch.from, to: before + secondMs};
    const inLeft = countOf(await ask(left, looker));
    // One after the other: nothing may be asked for any more once the search has failed.
    await search(left, first, middle, inLeft);
    await search({from: after - secondMs, to: stretch.to}, middle, end, counted - inLeft);
  };

  /** Compares what a stretch holds with what is known, and notes the rows that are not there. */
  const compare = async (stretch: Bounds, first: number, end: number, counted: number): Promise<void> => {
    const held = await readAll(stretch, looker);
    const missing = dated.slice(first, end).filter(({key}) => !held.has(key));
    if (held.size !== counted) throw new StretchError('two counts of the same stretch differ');
    if (missing.length !== end - first - counted)
      throw new StretchError('a row stands between two moments where none is known');
    const unsure = missing.filter(({ms}) => !isSurelyWithin(ms, stretch, held.values()));
    // Those of the stretch may be gone, too.
    const beside = [...dated.slice(Math.max(0, first - 1), first), ...dated.slice(end, end + 1)];
    if (await anyStands(findNeighbours(unsure, beside), looker))
      throw new StretchError('the bounds are read in another way than expected');
    for (const {key} of missing) gone.add(key);
  };

  // Rows without a date are in no stretch. Whether they are still there is known only by what is left for them.
  const whole = {from: boundsAround(dated[0]?.ms ?? 0).from, to: null};
  const inAll = countOf(await ask(whole, looker));
  if (total - inAll !== undated) throw new StretchError('rows without a date have come or gone');
  await search(whole, 0, dated.length, inAll);
  if (gone.size !== sought) throw new StretchError('the stretches do not add up');
  return gone;
}

/**
 * Whether any of the rows, by date, stands anywhere near its date, in whatever way bounds are read. Throws StretchError if it cannot be told without reading
 * very many rows.
 */
export async function anyStands(rows: readonly Neighboured[], looker: StretchLook): Promise<boolean> {
  let bounds: Bounds = {from: 0, to: 0};
  let held: ReadonlyMap<string, number> = new Map();
  for (const row of rows) {
    const {key, ms} = row;
    // What was read for the row before often shows this one's place too.
    for (const wider of [null, ...boundsNear(row)]) {
      if (wider !== null) {
        bounds = wider;
        held = await readAll(bounds, looker, mostPagesAround);
      }
      if (held.has(key)) return true;
      if (isSurelyWithin(ms, bounds, held.values())) break;
    }
  }
  return false;
}

/** A row between the last other one before it and the first one after it; infinite if there is none. */
export interface Neighboured extends DatedRow {
  readonly before: number;
  readonly after: number;
}

/** Bounds within which a row would stand, the likeliest first: if its neighbours are let in, so would it be. */
function boundsNear({ms, before, after}: Neighboured): readonly Bounds[] {
  const surely = boundsAround(ms);
  const near = {from: before - 2 * secondMs, to: after + 2 * secondMs};
  const wider = nearMs.map(reach => ({from: ms - reach, to: ms + reach}));
  return [near, ...wider, surely].map(({from, to}) => ({
    from: Number.isFinite(before) ? from : surely.from,
    to: Number.isFinite(after) ? to : null,
  }));
}

/** The rows by date, with their neighbours among the others. */
export function findNeighbours(rows: readonly DatedRow[], others: Iterable<DatedRow>): readonly Neighboured[] {
  const sorted = rows.map(row => ({...row, before: Number.NEGATIVE_INFINITY, after: Number.POSITIVE_INFINITY}));
  sorted.sort((a, b) => a.ms - b.ms);
  for (const {ms} of others) {
    const next = sorted[countUntil(sorted, ms + 1)];
    if (next !== undefined) next.before = Math.max(next.before, ms);
    const last = sorted[countUntil(sorted, ms) - 1];
    if (last !== undefined) last.after = Math.min(last.after, ms);
  }
  // What comes before a row comes before all later ones, too.
  sorted.reduce((before, row) => (row.before = Math.max(row.before, before)), Number.NEGATIVE_INFINITY);
  sorted.reduceRight((after, row) => (row.after = Math.min(row.after, after)), Number.POSITIVE_INFINITY);
  return sorted;
}

/** How many of the rows, by date, were changed before that moment. */
function countUntil(rows: readonly DatedRow[], moment: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((rows[middle]?.ms ?? 0) < moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The rows that have a date, and how many have none. */
export function dateRows(rows: Iterable<KeyedRow>): {readonly dated: DatedRow[]; readonly undated: number} {
  const dated: DatedRow[] = [];
  let undated = 0;
  for (const {key, changedAt} of rows) {
    const ms = readMoment(changedAt);
    if (ms === undefined) undated++;
    else dated.push({key, ms});
  }
  return {dated, undated};
}

async function ask({from, to}: Bounds, {changes, zoneMs = 0, look}: StretchLook, number = 1): Promise<Page> {
  return look(number, {
    [changes.from]: formatMoment(from + zoneMs),
    ...(to !== null && {[changes.to]: formatMoment(to + zoneMs)}),
  });
}

function countOf({facts: {total}}: Page): number {
  if (total === null) throw new StretchError('the rows between two moments are not counted');
  return total;
}

/** Reads the rows of a stretch: key → when it was changed. Throws StretchError if they fill more pages than that. */
async function readAll(
  stretch: Bounds,
  looker: StretchLook,
  mostPages = Number.POSITIVE_INFINITY,
): Promise<ReadonlyMap<string, number>> {
  const held = new Map<string, number>();
  let counted: number | undefined;
  let pages = 1;
  for (let number = 1; number <= pages; number++) {
    const page = await ask(stretch, looker, number);
    counted ??= countOf(page);
    if (countOf(page) !== counted) throw new StretchError('two counts of the same stretch differ');
    pages = Math.ceil(counted / looker.pageSize);
    if (pages > mostPages) throw new StretchError('too many rows were changed at nearly the same time');
    for (const {key, changedAt} of splitKeys(page.keys ?? '', looker.width))
      held.set(key, readMoment(changedAt) ?? Number.NaN);
  }
  if (held.size !== counted) throw new StretchError('not as many rows come as are counted between two moments');
  return held;
}

/** Throws CannotMergeError if reading the whole list takes fewer calls. */
function refuseCostly(gone: number, pages: number): void {
  // Halving down to a page takes that many counts for each row, and about one more where rows part; then the page is read.
  const calls = gone * (Math.log2(Math.max(1, pages / gone)) + 2);
  if (calls >= pages * mostShare)
    throw new CannotMergeError(`${gone} rows are gone, and to find them would take more calls than to read all rows.`);
}

/** The first row after the gap that is nearest to the middle; undefined if the rows cannot be told apart. */
function findGap(rows: readonly DatedRow[], first: number, end: number): number | undefined {
  const middle = Math.floor((first + end) / 2);
  const isGap = (index: number) =>
    index > first && index < end && (rows[index]?.ms ?? 0) - (rows[index - 1]?.ms ?? 0) >= leastGapMs;
  for (let step = 0; step <= end - first; step++) {
    if (isGap(middle - step)) return middle - step;
    if (isGap(middle + step)) return middle + step;
  }
  return undefined;
}
