import type {RawRecord} from '../json/raw-record.js';
import type {Descend} from '../table.js';
import type {Bound} from './request.js';

/**
 * Finds the nodes of a tree whose children were not sent. Works whether a reply holds one level or all of them, and whether
 * the parameter that asks for all of them is honoured or ignored (api-facts §4.3, §4.8).
 */
export class TreeWalk {
  readonly #descend: Descend;
  readonly #nodes = new Map<string, RawRecord>();
  readonly #asked = new Set<string>();

  constructor(descend: Descend) {
    this.#descend = descend;
  }

  /** Keeps what is new: a node may stand in its own list and in that of its parent. */
  take(records: readonly RawRecord[]): readonly RawRecord[] {
    return records.filter(record => {
      const id = String(record.read([this.#descend.id]));
      if (this.#nodes.has(id)) return false;
      this.#nodes.set(id, record);
      return true;
    });
  }

  /** Query parameters of the lists still to be asked for, each given once. */
  next(): readonly Bound[] {
    const {id, hasChildren, param} = this.#descend;
    const parents = this.#parentsWithChildren();
    const open = [...this.#nodes.values()].filter(node => {
      const key = String(node.read([id]));
      return isTrue(node.read([hasChildren])) && !parents.has(key) && !this.#asked.has(key);
    });
    return open.map(node => {
      const key = String(node.read([id]));
      this.#asked.add(key);
      return {[param]: key};
    });
  }

  #parentsWithChildren(): ReadonlySet<string> {
    const {id, parentId, left, right} = this.#descend;
    const parents = new Set<string>();
    const nodes = [...this.#nodes.values()];
    if (parentId !== undefined) for (const node of nodes) parents.add(String(node.read([parentId])));
    if (left === undefined || right === undefined) return parents;
    const lefts = nodes.map(node => Number(node.read([left]))).sort((a, b) => a - b);
    for (const node of nodes) {
      const [from, to] = [Number(node.read([left])), Number(node.read([right]))];
      const inside = lefts[firstAbove(lefts, from)];
      if (inside !== undefined && inside < to) parents.add(String(node.read([id])));
    }
    return parents;
  }
}

function firstAbove(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

function isTrue(value: string | null): boolean {
  return value === '1' || value === 'true';
}
