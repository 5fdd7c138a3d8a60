import {isObject} from '../../json/members.js';
import type {RawRecord} from '../../json/raw-record.js';

/** In what two records of a row differ. */
export interface Difference {
  /** Keys of both at which the values differ. */
  readonly changed: readonly string[];
  /** Whether only one of them has a key, or has another type of the same value at it: then the server sends other records than before. */
  readonly isOtherKind: boolean;
}

/** Compares two records of a row, but for the keys that no column reads. */
export function compareRecords(
  one: RawRecord,
  other: RawRecord,
  ignored: Readonly<Record<string, string>>,
): Difference {
  const [a, b] = [one.encode(), other.encode()];
  if (a.equals(b)) return {changed: [], isOtherKind: false};
  const [before, now]: Record<string, unknown>[] = [JSON.parse(a.toString()), JSON.parse(b.toString())];
  const keysOf = (record = {}) => Object.keys(record).filter(key => !Object.hasOwn(ignored, key));
  const keys = keysOf(before).filter(key => now !== undefined && Object.hasOwn(now, key));
  const differing = (write: (value: unknown) => string) =>
    keys.filter(key => write(before?.[key]) !== write(now?.[key]));
  const isKept = keys.length === keysOf(before).length && keys.length === keysOf(now).length;
  return {
    changed: differing(value => (typeof value === 'object' ? sortKeys(value) : String(value))),
    isOtherKind: !isKept || differing(sortKeys).length > 0,
  };
}

function sortKeys(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    isObject(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each,
  );
}
