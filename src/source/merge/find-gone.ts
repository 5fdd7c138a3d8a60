import {IncompleteError, messageOf, RequestError, ResponseError} from '../../errors.js';
import type {Page} from '../lists/page.js';
import type {Query} from '../lists/request.js';
import {CannotMergeError} from './cannot-merge.js';
import {type KeyedRow, type KnownRows, splitKeys} from './known-rows.js';
import {readMoment} from './look.js';
import {findOrphans, type OrphanLook} from './orphans.js';
import {findByStretches, mostShare, StretchError, standsNear} from './stretches.js';
import {findZones} from './zones.js';

/** Each that is tried in vain costs some calls. */
const mostZones = 3;
/** Of how many rows one call asks for the users and courses: a URL of 2,000 characters. */
const rowsPerLook = 40;

/** How to ask a list for what it still holds. */
interface GoneLook extends Omit<OrphanLook, 'look'> {
  readonly pageSize: number;
  /** From when on the list was asked for changes. */
  readonly sinceMs: number;
  /** Of how many rows that went with a parent it is looked up whether they are really gone. */
  readonly probes: number;
  readonly look: (number: number, extra: Query) => Promise<Page>;
}

/**
 * The keys of the rows that a list of `total` rows no longer holds: those that went with a user or a course, and then, by what the list counts
 * between moments of change, the others. Throws CannotMergeError if they cannot be found for fewer calls than a whole reading takes.
 */
export async function findGone(
  known: KnownRows,
  changed: ReadonlyMap<string, {readonly changedAt: string}>,
  total: number,
  looker: GoneLook,
): Promise<ReadonlySet<string>> {
  const surplus = known.count + changed.size - total;
  const orphans = await findSureOrphans(known, looker);
  if (orphans.size === surplus) return orphans;
  if (orphans.size > surplus)
    throw new CannotMergeError(`Docebo counts ${orphans.size - surplus} rows more than it has named so far.`);
  const left = {
    *[Symbol.iterator](): Generator<KeyedRow> {
      for (const row of known.live()) if (!orphans.has(row.key)) yield row;
      for (const [key, {changedAt}] of changed) yield {key, changedAt};
    },
  };
  const zones = findZones(looker.sinceMs, left, changed, surplus - orphans.size).slice(0, mostZones);
  const found = await tryZones(left, total, zones, looker);
  if ([...found].some(key => changed.has(key)))
    throw new CannotMergeError('A row that had changed was gone soon after.');
  await refuseStanding(found, total, looker).catch((error: unknown) => {
    if (!isFilterFault(error)) throw error;
  });
  return new Set([...orphans, ...found]);
}

/**
 * Throws CannotMergeError if a row that was not found by its date is in the list all the same: then the bounds go by another date than the one that is sent.
 * Where the list can be asked for the rows of users and courses, it is asked for those whose rows are missing.
 */
async function refuseStanding(
  gone: ReadonlySet<string>,
  total: number,
  {changes, primaryKey, pageSize, look}: GoneLook,
): Promise<void> {
  const params = Object.entries(changes.goesWith ?? {}).map(([column, {param}]) => ({
    param,
    place: primaryKey.indexOf(column),
  }));
  const keys = params.length === 0 ? [] : [...gone];
  for (let from = 0; from < keys.length; from += rowsPerLook) {
    const rows = keys.slice(from, from + rowsPerLook).map(key => key.split('\t'));
    const extra = Object.fromEntries(
      params.map(({param, place}) => [param, [...new Set(rows.map(row => row[place] ?? ''))]]),
    );
    for (let number = 1, pages = 1; number <= pages; number++) {
      const page = await look(number, extra);
      const counted = page.facts.total ?? 0;
      // The list does not heed the parameters.
      if (counted >= total) return;
      pages = Math.ceil(counted / pageSize);
      if (splitKeys(page.keys ?? '', primaryKey.length).some(({key}) => gone.has(key))) {
        const reason = `Docebo's filter ${changes.from} cannot be relied on: it goes by another date than ${changes.column}.`;
        throw new CannotMergeError(reason, {isDistrust: true});
      }
    }
  }
}

/** A list may send rows that it does not count for a parent who is gone. So some of them are looked for where they would stand: none are gone then. */
async function findSureOrphans(known: KnownRows, looker: GoneLook): Promise<ReadonlySet<string>> {
  const {changes, primaryKey, pageSize, probes, look} = looker;
  const orphans = await findOrphans(known.live(), {...looker, look: async extra => look(1, extra)});
  const dated = [...orphans].flatMap(([key, changedAt]) => {
    const ms = readMoment(changedAt);
    return ms === undefined ? [] : [{key, ms}];
  });
  try {
    for (const {key, ms} of dated.slice(0, probes))
      if (await standsNear(key, ms, {changes, pageSize, width: primaryKey.length, look})) return new Set();
  } catch (error) {
    if (error instanceof StretchError || isFilterFault(error)) return new Set();
    throw error;
  }
  return new Set(orphans.keys());
}

/** Tries each time zone in which the list may read its bounds. */
async function tryZones(
  rows: Iterable<KeyedRow>,
  total: number,
  zones: readonly number[],
  {changes, primaryKey, pageSize, look}: GoneLook,
): Promise<ReadonlySet<string>> {
  // To find them must not cost more than to read all rows.
  let left = Math.ceil((total / pageSize) * mostShare);
  const lookWithinLimit = async (number: number, extra: Query) => {
    if (left-- <= 0)
      throw new CannotMergeError('Rows are gone, and to find them would take more calls than to read all.');
    return look(number, extra);
  };
  let why = 'the dates of rows do not fit the bounds that were asked for';
  for (const zoneMs of zones) {
    const stretches = {changes, pageSize, width: primaryKey.length, zoneMs, look: lookWithinLimit};
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
