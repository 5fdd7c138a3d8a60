/** Numbers that depend only on what is asked for: the same (seed, kind, index) always gives the same record. */
export interface Dice {
  below(limit: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  hex(length: number): string;
}

function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const kinds = new Map<string, number>();

function kindNumber(kind: string): number {
  const known = kinds.get(kind);
  if (known !== undefined) return known;
  let h = 0x811c9dc5;
  for (const char of kind) h = Math.imul(h ^ (char.codePointAt(0) ?? 0), 0x01000193);
  kinds.set(kind, h >>> 0);
  return h >>> 0;
}

class HashDice implements Dice {
  private state: number;
  constructor(state: number) {
    this.state = state;
  }

  private next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  below(limit: number): number {
    return Math.floor((this.next() / 0x1_0000_0000) * limit);
  }

  chance(probability: number): boolean {
    return this.next() / 0x1_0000_0000 < probability;
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[this.below(list.length)];
    if (picked === undefined) throw new RangeError('There is nothing to pick from.');
    return picked;
  }

  hex(length: number): string {
    let digits = '';
    while (digits.length < length) digits += this.next().toString(16).padStart(8, '0');
    return digits.slice(0, length);
  }
}

export function dice(seed: number, kind: string, index: number): Dice {
  return new HashDice(mix(mix(seed ^ kindNumber(kind)) ^ Math.imul(index + 1, 0x9e3779b1)));
}

export function uuid(die: Dice): string {
  const hex = die.hex(32);
  return [hex.slice(0, 8), hex.slice(8, 12), `11e${hex[15]}`, `a${hex.slice(17, 20)}`, hex.slice(20)].join('-');
}

/** Ids with gaps from which the index of the record can be computed, so that a look-up costs nothing. */
export interface Ids {
  id(index: number): number;
  index(id: number): number | undefined;
}

/** Indexes from the count on have ids too, but only those that are added are found by them. */
export function spreadIds(
  first: number,
  stride: number,
  seed: number,
  kind: string,
  count: number,
  isAdded = (_: number) => false,
): Ids {
  const id = (index: number): number => first + index * stride + dice(seed, `${kind}-id`, index).below(stride);
  return {
    id,
    index(wanted) {
      const index = Math.floor((wanted - first) / stride);
      return index >= 0 && (index < count || isAdded(index)) && id(index) === wanted ? index : undefined;
    },
  };
}
