import {IncompleteError} from '../errors.js';
import type {SpooledTable} from '../spool/format.js';
import {readRecords} from '../spool/read-records.js';
import type {Parent} from '../table.js';
import type {Bound} from './request.js';
import {readValue} from './values.js';

/** The parents that have to be asked, with what each binds. */
export interface Parents {
  readonly bounds: readonly Bound[];
  /** A bound column that every parent lacks: the route is not for this tenant. */
  readonly lacking: string | null;
}

/**
 * Lists the parents of a route from their spool. Throws IncompleteError if some of them lack a bound value: they would be
 * asked for as `/null/`, or left out.
 */
export async function listParents(
  {table, bind, where = {}, skipIfZero = []}: Parent,
  spooled: SpooledTable,
): Promise<Parents> {
  const bounds: Bound[] = [];
  const lacks = new Map<string, number>();
  let asked = 0;
  for await (const record of readRecords(spooled)) {
    const value = (name: string) => readValue(record, table, name);
    const filtered = Object.entries(where).some(([name, wanted]) => !wanted.includes(value(name) ?? wanted[0] ?? ''));
    if (filtered || skipIfZero.some(name => isZero(value(name)))) continue;
    asked++;
    const entries = Object.entries(bind).map(([name, parentColumn]) => [name, value(parentColumn)] as const);
    for (const [name, bound] of entries)
      if (bound === null || bound === '') lacks.set(name, (lacks.get(name) ?? 0) + 1);
    bounds.push(Object.fromEntries(entries.map(([name, bound]) => [name, bound ?? ''])));
  }
  for (const [name, count] of lacks) {
    if (count === asked) return {bounds: [], lacking: bind[name] ?? name};
    throw new IncompleteError(
      `${count} of ${asked} rows of ${table.name} have no ${bind[name]}, so their children cannot be asked for.`,
    );
  }
  return {bounds, lacking: null};
}

function isZero(value: string | null): boolean {
  return value !== null && value !== '' && Number(value) === 0;
}
