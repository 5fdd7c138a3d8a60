import type {Changes} from '../../table.js';
import {isRouteRefusal} from '../http/policy.js';
import type {Page} from '../lists/page.js';
import type {Query} from '../lists/request.js';
import type {KeyedRow} from './known-rows.js';

/** How many parents one call asks for: a URL of 2,000 characters. */
const mostParents = 80;

/** Knows with which parents the rows of a list go. */
interface OrphanLook {
  readonly changes: Changes;
  readonly primaryKey: readonly string[];
  /** The keys that each parent's table holds, by the column that names them. */
  readonly parents: ReadonlyMap<string, ReadonlySet<string>>;
  readonly look: (extra: Query) => Promise<Page>;
}

/**
 * The rows that have gone with a row of another table: the enrolments of a user who was deleted. Whether they have, only the list can tell: it is asked for
 * the rows of such parents, and must count none.
 */
export async function findOrphans(
  rows: Iterable<KeyedRow>,
  {changes, primaryKey, parents, look}: OrphanLook,
): Promise<ReadonlySet<string>> {
  const sought = [...parents].flatMap(([column, held]) => {
    const param = changes.goesWith?.[column]?.param;
    return param === undefined
      ? []
      : [{place: primaryKey.indexOf(column), held, param, keysOf: new Map<string, string[]>()}];
  });
  for (const {key} of rows) {
    const values = key.split('\t');
    for (const {place, held, keysOf} of sought) {
      const parent = values[place] ?? '';
      if (held.has(parent)) continue;
      const known = keysOf.get(parent) ?? [];
      known.push(key);
      keysOf.set(parent, known);
    }
  }
  const orphans = new Set<string>();
  for (const {param, keysOf} of sought) {
    const names = [...keysOf.keys()];
    for (let from = 0; from < names.length; from += mostParents) {
      const some = names.slice(from, from + mostParents);
      if (!(await isEmpty(look, {[param]: some}))) continue;
      for (const name of some) for (const key of keysOf.get(name) ?? []) orphans.add(key);
    }
  }
  return orphans;
}

async function isEmpty(look: OrphanLook['look'], extra: Query): Promise<boolean> {
  try {
    const {total, sent} = (await look(extra)).facts;
    return total === 0 && sent === 0;
  } catch (error) {
    if (isRouteRefusal(error)) return false;
    throw error;
  }
}
