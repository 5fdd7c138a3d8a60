/** A list that makes its members when they are asked for: a tenant of a million users is never held in memory. */
export interface List<T = SentRecord> {
  readonly length: number;
  at(index: number): T;
  /** The list as it is now, for one that can change. */
  freeze?(): List<T>;
}

export type SentRecord = Record<string, unknown>;

export function lazyList<T>(length: number, at: (index: number) => T): List<T> {
  return {length, at};
}

export function listOf<T>(items: readonly T[]): List<T> {
  return lazyList(items.length, index => {
    const item = items[index];
    if (item === undefined) throw new RangeError(`There is no member ${index} in a list of ${items.length}.`);
    return item;
  });
}

export function mapList<A, B>(list: List<A>, change: (item: A) => B): List<B> {
  const {freeze} = list;
  return {
    get length() {
      return list.length;
    },
    at: index => change(list.at(index)),
    ...(freeze !== undefined && {freeze: () => mapList(freeze.call(list), change)}),
  };
}

export function freezeList<T>(list: List<T>): List<T> {
  return list.freeze?.() ?? list;
}

export function joinLists<T>(first: List<T>, second: List<T>): List<T> {
  return {
    get length() {
      return first.length + second.length;
    },
    at: index => (index < first.length ? first.at(index) : second.at(index - first.length)),
    freeze: () => joinLists(freezeList(first), freezeList(second)),
  };
}

export function reverseList<T>(list: List<T>): List<T> {
  return lazyList(list.length, index => list.at(list.length - 1 - index));
}

export function dropFirst<T>(list: List<T>, count: number): List<T> {
  return count === 0 ? list : lazyList(Math.max(0, list.length - count), index => list.at(index + count));
}

/** One list after the other, each member found by a search over the lengths. */
export function chainLists<T>(lengths: Uint32Array, at: (part: number, index: number) => T): List<T> {
  const starts = prefixSums(lengths);
  return lazyList(starts[lengths.length] ?? 0, index => {
    const part = partHolding(starts, index);
    return at(part, index - (starts[part] ?? 0));
  });
}

export function prefixSums(lengths: Uint32Array): Uint32Array {
  const starts = new Uint32Array(lengths.length + 1);
  for (let i = 0; i < lengths.length; i += 1) starts[i + 1] = (starts[i] ?? 0) + (lengths[i] ?? 0);
  return starts;
}

/** The last part that starts at or before the index. Empty parts are passed over. */
export function partHolding(starts: Uint32Array, index: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] ?? 0) <= index) low = middle;
    else high = middle;
  }
  return low;
}

export function filterList<T>(list: List<T>, keep: (item: T) => boolean): List<T> {
  const frozen = freezeList(list);
  const kept: number[] = [];
  for (let i = 0; i < frozen.length; i += 1) if (keep(frozen.at(i))) kept.push(i);
  return mapList(listOf(kept), index => frozen.at(index));
}

export function* iterate<T>(list: List<T>): Generator<T> {
  for (let i = 0; i < list.length; i += 1) yield list.at(i);
}
