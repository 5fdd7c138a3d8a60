import {unmarked} from './marks.js';
import type {Order, Place} from './order.js';

/**
 * One number for each row of a list, in the order of the list. Lists are filtered by them, because a million records take minutes to make. The
 * same array is returned until an edit.
 */
export type Column = () => Float64Array;

export function columnOf(order: Order, tell: (place: Place) => number): Column {
  /** By the index of the row: what it is without edits. */
  let unedited: Float64Array | undefined;
  let known: {readonly version: number; readonly values: Float64Array} | undefined;
  return () => {
    const {version, length} = order;
    if (known?.version === version) return known.values;
    unedited ??= Float64Array.from({length: order.count}, (_, index) => tell({index, mark: unmarked}));
    const values = new Float64Array(length);
    for (let position = 0; position < length; position += 1) {
      const place = order.at(position);
      values[position] = (place.mark === unmarked ? unedited[place.index] : undefined) ?? tell(place);
    }
    known = {version, values};
    return values;
  };
}

/** A column of the joined list. */
export function joinColumns(first: Column, second: Column): Column {
  let known: {readonly parts: readonly Float64Array[]; readonly values: Float64Array} | undefined;
  return () => {
    const parts = [first(), second()];
    if (known?.parts.every((part, place) => part === parts[place])) return known.values;
    const values = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
    values.set(parts[0] ?? []);
    values.set(parts[1] ?? [], parts[0]?.length);
    known = {parts, values};
    return values;
  };
}

/** What a row must be to be kept. No number that is NaN is within any bounds. */
export type Condition<Name extends string> =
  | {readonly column: Name; readonly from: number; readonly to: number}
  | {readonly column: Name; readonly among: readonly number[]};

/** How many answers are kept, so that the pages of a filtered list do not each scan the whole of it. */
const mostKept = 8;

/** The positions of the rows that meet all conditions. */
export type Sieve<Name extends string> = (conditions: readonly Condition<Name>[]) => Uint32Array;

export function createSieve<Name extends string>(columns: Readonly<Record<Name, Column>>): Sieve<Name> {
  const kept = new Map<string, {readonly values: readonly Float64Array[]; readonly positions: Uint32Array}>();
  // Memory that is new costs more than the search.
  let scratch = new Uint32Array();
  return conditions => {
    const values = conditions.map(({column}) => columns[column]());
    const question = JSON.stringify(
      conditions.map(each => ('among' in each ? each : [each.column, String(each.from), String(each.to)])),
    );
    const known = kept.get(question);
    kept.delete(question);
    const isFresh = known?.values.every((each, place) => each === values[place]);
    const length = values[0]?.length ?? 0;
    if (scratch.length < length) scratch = new Uint32Array(length);
    const positions = known !== undefined && isFresh ? known.positions : sift(conditions, values, scratch);
    kept.set(question, {values, positions});
    for (const oldest of kept.keys()) {
      if (kept.size <= mostKept) break;
      kept.delete(oldest);
    }
    return positions;
  };
}

function sift(
  conditions: readonly Condition<string>[],
  columns: readonly Float64Array[],
  scratch: Uint32Array,
): Uint32Array {
  let count: number | undefined;
  for (const [place, condition] of conditions.entries()) {
    const values = columns[place] ?? new Float64Array();
    count = 'among' in condition ? among(condition, values, scratch, count) : inside(condition, values, scratch, count);
  }
  return scratch.slice(0, count);
}

// Each of these moves the positions that are kept to the front, and returns their number. Without a count, all positions are looked at.

function inside(
  {from, to}: {readonly from: number; readonly to: number},
  values: Float64Array,
  positions: Uint32Array,
  count?: number,
): number {
  const end = count ?? values.length;
  let kept = 0;
  for (let i = 0; i < end; i += 1) {
    const position = count === undefined ? i : (positions[i] ?? 0);
    const value = values[position] ?? Number.NaN;
    if (value < from || value > to || Number.isNaN(value)) continue;
    positions[kept] = position;
    kept += 1;
  }
  return kept;
}

function among(
  condition: {readonly among: readonly number[]},
  values: Float64Array,
  positions: Uint32Array,
  count?: number,
): number {
  const wanted = new Set(condition.among);
  const end = count ?? values.length;
  let kept = 0;
  for (let i = 0; i < end; i += 1) {
    const position = count === undefined ? i : (positions[i] ?? 0);
    if (!wanted.has(values[position] ?? Number.NaN)) continue;
    positions[kept] = position;
    kept += 1;
  }
  return kept;
}
