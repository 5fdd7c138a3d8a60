import {IncompleteError, messageOf, RequestError, ResponseError} from '../../errors.js';
import type {Page} from '../lists/page.js';
import type {Query} from '../lists/request.js';
import {CannotMergeError} from './cannot-merge.js';
import {type KeyedRow, type KnownRows, splitKeys} from './known-rows.js';
import {findOrphans, type OrphanLook} from './orphans.js';
import {anyStands, dateRows, findByStretches, findNeighbours, mostShare, StretchError} from './stretches.js';
import {findZones} from './zones.js';

/** Each that is tried in vain costs some calls. */
const mostZones = 3;
/** The rows of parents that are gone are looked for with at most this share of the calls of a whole reading. */
const mostOrphanShare = 0.1;
const leastOrphanCalls = 10;
/** Of how many rows one call asks for the users and courses: a URL of 2,000 characters. */
const rowsPerLook = 40;

/** How to ask a list for what it still holds. */
interface GoneLook extends Omit<OrphanLook, 'look'> {
  readonly pageSize: number;
  /** From when on the list was asked for changes. */
  readonly sinceMs: number;
  /** Rows that the list counts. */
  readonly total: number;
  readonly look: (number: number, extra: Query) => Promise<Page>;
  /** Whether a request of this path, for the row of this key, is answered with that row. */
  readonly lookUp: (path: string, key: string) => Promise<boolean>;
}

/**
 * The keys of the rows that a list no longer holds: those that went with a user or a course, and then, by what the list counts
 * between moments of change, the others. Throws CannotMergeError if they cannot be found for fewer calls than a whole reading takes.
 */
export async function findGone(
  known: KnownRows,
  changed: ReadonlyMap<string, {readonly changedAt: string}>,
  looker: GoneLook,
): Promise<ReadonlySet<string>> {
  const {total} = looker;
  const surplus = known.count + changed.size - total;
  const orphans = await findSureOrphans(known, looker);
  if (orphans.size === surplus) return orphans;
  if (orphans.size > surplus)
    throw new CannotMergeError(`Docebo counts ${orphans.size - surplus} rows more than it has named so far.`);
  const left = {
    *[Symbol.iterator](): Generator<KeyedRow> {
      yield* known.live(orphans);
      for (const [key, {changedAt}] of changed) yield {key, changedAt};
    },
  };
  const zones = findZones(looker.sinceMs, left, changed, surplus - orphans.size).slice(0, mostZones);
  const found = await tryZones(left, zones, looker);
  if ([...found].some(key => changed.has(key)))
    throw new CannotMergeError('A row that had changed was gone soon after.');
  await refuseStanding(found, known, looker);
  return new Set([...orphans, ...found]);
}

/**
 * Throws CannotMergeError unless the rows are really gone. That a row is not found by its date does not show it: it may have been made again with another
 * date, or the bounds may go by another date than the one that is sent. So each is asked for by its key.
 */
async function refuseStanding(gone: ReadonlySet<string>, known: KnownRows, looker: GoneLook): Promise<void> {
  const {changes} = looker;
  const lookUp = changes.goesWith === undefined ? lookUpEach(gone, known, looker) : lookUpTied(gone, looker);
  const standing = await lookUp.catch((error: unknown) => {
    if (isFilterFault(error)) return null;
    throw error;
  });
  if (standing === null) throw new CannotMergeError('Rows are gone, and which ones they are cannot be looked up.');
  if (standing)
    throw new CannotMergeError(
      'A row is still there that is not where its date says: dates were set back, or are others.',
    );
}

/** Whether any of the rows is there, by a request for each; null if such requests are not served, as one for a row that is there shows. */
async function lookUpEach(
  gone: ReadonlySet<string>,
  known: KnownRows,
  {changes: {lookup}, lookUp}: GoneLook,
): Promise<boolean | null> {
  if (lookup === undefined) return null;
  for (const {key} of known.live(gone)) {
    if (!(await lookUp(lookup, key))) return null;
    break;
  }
  for (const key of gone) if (await lookUp(lookup, key)) return true;
  return false;
}

/** Whether any of the rows is there, by the rows of their users and courses; null if the list does not heed such parameters. */
async function lookUpTied(
  gone: ReadonlySet<string>,
  {changes, primaryKey, pageSize, total, look}: GoneLook,
): Promise<boolean | null> {
  const params = Object.entries(changes.goesWith ?? {}).map(([column, {param}]) => ({
    param,
    place: primaryKey.indexOf(column),
  }));
  const keys = [...gone];
  for (let from = 0; from < keys.length; from += rowsPerLook) {
    const rows = keys.slice(from, from + rowsPerLook).map(key => key.split('\t'));
    const extra = Object.fromEntries(
      params.map(({param, place}) => [param, [...new Set(rows.map(row => row[place] ?? ''))]]),
    );
    for (let number = 1, pages = 1; number <= pages; number++) {
      const page = await look(number, extra);
      const counted = page.facts.total;
      if (counted === null || counted >= total) return null;
      pages = Math.ceil(counted / pageSize);
      if (splitKeys(page.keys ?? '', primaryKey.length).some(({key}) => gone.has(key))) return true;
    }
  }
  return false;
}

/**
 * The rows that went with their user or course. A list may send rows that it does not count for a parent who is gone, so each is looked for where it would
 * stand. If one stands there, or that cannot be told, the rows of its parent are left to the other search.
 */
async function findSureOrphans(known: KnownRows, context: GoneLook): Promise<ReadonlySet<string>> {
  const {changes, primaryKey, pageSize, total, look} = context;
  const parents = await findOrphans(known.live(), {...context, look: async extra => look(1, extra)});
  if (parents.length === 0) return new Set();
  const limited = limitCalls(look, Math.max(leastOrphanCalls, (total / pageSize) * mostOrphanShare));
  const sought = new Set(parents.flat().map(({key}) => key));
  const others = dateRows(known.live(sought));
  const places = findNeighbours(dateRows(parents.flat()).dated, others.dated);
  const orphans = new Set<string>();
  for (const rows of parents) {
    const keys = new Set(rows.map(({key}) => key));
    const own = places.filter(({key}) => keys.has(key));
    // A row without a date cannot be looked for.
    if (own.length < keys.size) continue;
    const looker = {changes, pageSize, width: primaryKey.length, look: limited};
    const stand = await anyStands(own, looker).catch((error: unknown) => {
      if (error instanceof StretchError || error instanceof TooManyCallsError || isFilterFault(error)) return true;
      throw error;
    });
    if (!stand) for (const {key} of rows) orphans.add(key);
  }
  return orphans;
}

class TooManyCallsError extends CannotMergeError {}

/** Throws TooManyCallsError instead of looking more often than that. */
function limitCalls(look: GoneLook['look'], most: number): GoneLook['look'] {
  let left = Math.ceil(most);
  return async (number, extra) => {
    if (left-- <= 0)
      throw new TooManyCallsError('Rows are gone, and to find them would take more calls than to read all.');
    return look(number, extra);
  };
}

/** Tries each time zone in which the list may read its bounds. */
async function tryZones(
  rows: Iterable<KeyedRow>,
  zones: readonly number[],
  {changes, primaryKey, pageSize, total, look}: GoneLook,
): Promise<ReadonlySet<string>> {
  const limited = limitCalls(look, (total / pageSize) * mostShare);
  let why = 'the dates of rows do not fit the bounds that were asked for';
  for (const zoneMs of zones) {
    const stretches = {changes, pageSize, width: primaryKey.length, zoneMs, look: limited};
    try {
      return await findByStretches(rows, total, stretches);
    } catch (error) {
      if (error instanceof StretchError) why = error.message;
      else if (isFilterFault(error)) why = `Docebo does not answer for the bounds: ${messageOf(error)}`;
      else throw error;
    }
  }
  throw new CannotMergeError(`Rows are gone, and which ones could not be found: ${why}.`);
}

/** Whether an error may be due to what was asked for, so that the list itself may be served. */
export function isFilterFault(error: unknown): error is RequestError | IncompleteError {
  return error instanceof RequestError || error instanceof ResponseError || error instanceof IncompleteError;
}
