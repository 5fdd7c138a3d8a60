import type {Changes} from '../../table.js';
import {isRouteRefusal} from '../http/policy.js';
import type {Page} from '../lists/page.js';
import type {Query} from '../lists/request.js';
import type {KeyedRow} from './known-rows.js';

/** How many parents one call asks for: a URL of 2,000 characters. */
const mostParents = 80;

/** Knows with which parents the rows of a list go. */
export interface OrphanLook {
  readonly changes: Changes;
  readonly primaryKey: readonly string[];
  /** The keys that each parent's table holds, by the column that names them. */
  readonly parents: ReadonlyMap<string, ReadonlySet<string>>;
  readonly look: (extra: Query) => Promise<Page>;
}

/**
 * The rows that have gone with a row of another table: the enrolments of a user who was deleted. Whether they have, only the list can tell: it is asked for
 * the rows of such parents, and must count none. Returns the rows of each such parent.
 */
export async function findOrphans(
  rows: Iterable<KeyedRow>,
  {changes, primaryKey, parents, look}: OrphanLook,
): Promise<readonly (readonly KeyedRow[])[]> {
  const sought = [...parents].flatMap(([column, held]) => {
    const param = changes.goesWith?.[column]?.param;
    return param === undefined
      ? []
      : [{place: primaryKey.indexOf(column), held, param, rowsOf: new Map<string, KeyedRow[]>()}];
  });
  for (const row of rows) {
    const values = row.key.split('\t');
    for (const {place, held, rowsOf} of sought) {
      const parent = values[place] ?? '';
      if (held.has(parent)) continue;
      const known = rowsOf.get(parent) ?? [];
      known.push(row);
      rowsOf.set(parent, known);
    }
  }
  const orphans: KeyedRow[][] = [];
  for (const {param, rowsOf} of sought) {
    const names = [...rowsOf.keys()];
    for (let from = 0; from < names.length; from += mostParents) {
      const some = names.slice(from, from + mostParents);
      if (!(await isEmpty(look, {[param]: some}))) continue;
      for (const name of some) orphans.push(rowsOf.get(name) ?? []);
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
