/** A list that makes its members on demand, so that a tenant of a million users is never held in memory. */
export interface List<T = SentRecord> {
  readonly length: number;
  /** false: replies do not tell the length. */
  readonly isCounted?: boolean;
  at(index: number): T;
  /** A copy of the list as it is now, if it can change. */
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

/** Several lists as one; a search over their lengths finds each member. */
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

/** The last part that starts at or before the index. Empty parts are skipped. */
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

/** The members at these positions. */
export function pickList<T>(list: List<T>, positions: Uint32Array, isCounted = true): List<T> {
  return {
    length: positions.length,
    isCounted,
    at: place => list.at(positions[place] ?? list.length),
    freeze: () => pickList(freezeList(list), positions, isCounted),
  };
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
