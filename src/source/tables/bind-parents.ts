import {IncompleteError} from '../../errors.js';
import type {RawRecord} from '../../json/raw-record.js';
import type {ParentState} from '../../spool/format.js';
import {matches, readValue} from '../../spool/record-values.js';
import type {Parent} from '../../table.js';
import type {Bound} from '../lists/request.js';

/** The parents to ask, with the values that each of them binds. */
export interface Parents {
  readonly bounds: readonly Bound[];
  /** Those of them that count children. */
  readonly counted: ReadonlySet<Bound>;
  /** What each holds in the columns by which a change of its children is noticed. */
  readonly states: ReadonlyMap<Bound, ParentState>;
  /** A bound column that every parent lacks: the route is not for this tenant. */
  readonly lacking: string | null;
}

/**
 * Finds the parents to ask. Of several that bind the same values one is enough, since their requests would be the same. Throws IncompleteError if
 * some of them lack a bound value: they would be asked for as `/null/`, or left out.
 */
export async function bindParents(
  parent: Parent,
  records: Iterable<RawRecord> | AsyncIterable<RawRecord>,
): Promise<Parents> {
  const bounds: Bound[] = [];
  const counted = new Set<Bound>();
  const states = new Map<Bound, ParentState>();
  for await (const record of records) {
    const bound = bindParent(parent, record);
    if (bound === null) continue;
    bounds.push(bound);
    states.set(bound, readState(parent, record));
    if (countsChildren(parent, record)) counted.add(bound);
  }
  const lacks = new Map<string, number>();
  for (const [name, value] of bounds.flatMap(bound => Object.entries(bound)))
    if (value === '') lacks.set(name, (lacks.get(name) ?? 0) + 1);
  for (const [name, count] of lacks) {
    if (count === bounds.length) return {bounds: [], counted, states, lacking: parent.bind[name] ?? name};
    throw new IncompleteError(
      `${count} of ${bounds.length} rows of ${parent.table.name} have no ${parent.bind[name]}, so their children cannot be asked for.`,
    );
  }
  const distinct = new Map(bounds.map(bound => [JSON.stringify(bound), bound]));
  const kept = (bound: Bound) => distinct.get(JSON.stringify(bound)) ?? bound;
  return {bounds: [...distinct.values()], counted: new Set([...counted].map(kept)), states, lacking: null};
}

/** The values that a parent binds, empty if it lacks one; null if it need not be asked. */
function bindParent(parent: Parent, record: RawRecord): Bound | null {
  const {table, bind, where = {}, skipIfZero = []} = parent;
  const value = (name: string) => readValue(record, table, name);
  const isOfAnotherKind = Object.entries(where).some(
    ([name, wanted]) => !matches(value(name) ?? wanted[0] ?? '', wanted),
  );
  // Its own count says more than its kind.
  if (isOfAnotherKind && !countsChildren(parent, record)) return null;
  if (skipIfZero.some(name => value(name) === '0')) return null;
  return Object.fromEntries(Object.entries(bind).map(([name, column]) => [name, value(column) ?? '']));
}

function readState({table, unchangedWhen = [], countedBy}: Parent, record: RawRecord): ParentState {
  const names = [...unchangedWhen, ...(countedBy === undefined ? [] : [countedBy])];
  return Object.fromEntries(names.map(name => [name, readValue(record, table, name)]));
}

function countsChildren({table, skipIfZero = []}: Parent, record: RawRecord): boolean {
  return skipIfZero.length > 0 && skipIfZero.every(name => /^[1-9]/.test(readValue(record, table, name) ?? ''));
}
