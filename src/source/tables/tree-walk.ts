import type {IngestError} from '../../errors.js';
import type {RawRecord} from '../../json/raw-record.js';
import {readValue} from '../../spool/record-values.js';
import type {Descend, Table} from '../../table.js';

/** The node whose list it is; null for the tree's first list, which is that of the root or of all nodes. */
export type TreeList = string | null;

/** What a node says about itself, as it came last. */
export interface TreeNode {
  readonly id: string;
  readonly parentId: string | null;
  /** Null if it does not say. */
  readonly hasChildren: boolean | null;
  readonly bounds: Bounds | null;
}

interface Bounds {
  readonly left: number;
  readonly right: number;
  /** Nodes between the bounds: each has two bounds, and all bounds differ. */
  readonly below: number;
}

interface PlacedNode extends TreeNode {
  readonly parent: TreeList;
  readonly list: TreeList;
  /** Whether it said the same about what is below it when it came before. */
  readonly isConfirmed: boolean;
}

/** The outcome of asking for a list. */
interface Answer {
  /** What its node says about itself (`stateOf`). */
  readonly state: string;
  /** How often it was asked for, and how often since its node last said something else. */
  readonly times: number;
  readonly timesAlike: number;
  readonly records: number;
  /** Rows of the list that are counted but did not come. */
  readonly lacking: number;
  readonly refusal: IngestError | null;
}

interface OpenNode {
  readonly node: PlacedNode;
  /** How many children are known. */
  readonly children: number;
  readonly lacks: number;
}

/**
 * Finds out what a tree lacks. Works whether a reply holds one level or all of them, and whether the parameter that asks for all of them is honoured
 * or ignored (tables/API.md#branches, tables/API.md#categories). Nested-set bounds tell how many nodes are below one. That number stays the same when
 * something changes elsewhere in the tree, although the bounds themselves move.
 */
export class TreeWalk {
  readonly #table: Table;
  readonly #descend: Descend;
  readonly #mostTimes: number;
  readonly #nodes = new Map<string, PlacedNode>();
  readonly #answers = new Map<TreeList, Answer>();
  readonly #ids = new Set<string>();
  #records = 0;

  /** `retries`: how often lists that changed meanwhile are asked for again. */
  constructor(table: Table, descend: Descend, retries: number) {
    this.#table = table;
    this.#descend = descend;
    this.#mostTimes = retries + 2;
  }

  /** Null for a record without an id, which cannot become a row. */
  readNode(record: RawRecord): TreeNode | null {
    const {id: idColumn, parentId, hasChildren, left, right} = this.#descend;
    const read = (column: string | undefined) => (column === undefined ? null : readValue(record, this.#table, column));
    const id = read(idColumn);
    return id === null
      ? null
      : {
          id,
          parentId: read(parentId),
          hasChildren: toBoolean(read(hasChildren)),
          bounds: toBounds(read(left), read(right)),
        };
  }

  /**
   * Adds everything that a list sent. `total`: the nodes that Docebo counts in it. A node that is in its own list too stays in that of its parent.
   */
  add(list: TreeList, records: readonly (TreeNode | null)[], total: number): void {
    const sent = new Map(records.filter(node => node !== null).map(node => [node.id, node]));
    this.#records += records.length;
    for (const id of sent.keys()) this.#ids.add(id);
    const left = this.#takeOut(list);
    this.#answer(list, {records: records.length, lacking: Math.max(0, total - sent.size), refusal: null});
    for (const [node, around] of findAround([...sent.values()])) {
      const before = left.get(node.id) ?? this.#nodes.get(node.id);
      const isConfirmed = before !== undefined && stateOf(before) === stateOf(node);
      const isParentKnown = node.parentId !== null && (sent.has(node.parentId) || this.#nodes.has(node.parentId));
      const parent = isParentKnown ? node.parentId : (around ?? node.parentId ?? list);
      const place = node.id === list && before !== undefined ? before : {parent, list};
      this.#nodes.set(node.id, {...node, parent: place.parent, list: place.list, isConfirmed});
    }
  }

  /** Forgets what a list held before it is read again: a node that does not come again is gone, or is elsewhere. */
  #takeOut(list: TreeList): ReadonlyMap<string, PlacedNode> {
    if (!this.#answers.has(list)) return new Map();
    const held = [...this.#nodes.values()].filter(node => node.list === list && node.id !== list);
    for (const {id} of held) this.#nodes.delete(id);
    return new Map(held.map(node => [node.id, node]));
  }

  /** Notes that a list was refused, or that a reply holds no list: the node may have no children, or be gone. */
  refuse(list: TreeList, refusal: IngestError): void {
    this.#answer(list, {records: 0, lacking: 0, refusal});
  }

  #answer(list: TreeList, answer: Pick<Answer, 'records' | 'lacking' | 'refusal'>): void {
    const node = list === null ? undefined : this.#nodes.get(list);
    const state = node === undefined ? '' : stateOf(node);
    const before = this.#answers.get(list);
    const timesAlike = before?.state === state ? before.timesAlike : 0;
    this.#answers.set(list, {...answer, state, times: (before?.times ?? 0) + 1, timesAlike: timesAlike + 1});
  }

  /**
   * The lists to ask for now: first those of nodes that lack some; then again those that were empty although their node says that it has children;
   * then those that hold such a node, which may say otherwise by now. What is missing after that cannot be found.
   */
  next(): readonly TreeList[] {
    const open = this.#findOpen().map(({node}) => node);
    const mayAsk = (list: TreeList) => (this.#answers.get(list)?.times ?? 0) < this.#mostTimes;
    const unasked = open.filter(node => this.#answers.get(node.id)?.state !== stateOf(node) && mayAsk(node.id));
    if (unasked.length > 0) return unasked.map(({id}) => id);
    const lacking = open.filter(saysItHasChildren);
    const isEmpty = ({records, timesAlike}: Answer) => records === 0 && timesAlike === 1;
    const empty = lacking.filter(({id}) =>
      [this.#answers.get(id)].some(answer => answer !== undefined && isEmpty(answer)),
    );
    if (empty.length > 0) return empty.map(({id}) => id);
    const doubted = lacking.filter(({isConfirmed}) => !isConfirmed).map(({list}) => list);
    return [...new Set(doubted)].filter(mayAsk);
  }

  /** The refusal of a list whose node says that it has children, if none of them came. */
  get refusal(): IngestError | null {
    const childless = this.#findOpen().filter(({node, children}) => children === 0 && saysItHasChildren(node));
    return (
      childless.map(({node}) => this.#answers.get(node.id)?.refusal ?? null).find(refusal => refusal !== null) ?? null
    );
  }

  /** How many nodes did not come, according to those above them. */
  get missing(): number {
    return this.#findOpen().reduce((sum, {lacks}) => sum + lacks, 0);
  }

  /** How many rows there must be at least: those that came, and those that lists lack by their own count. */
  get total(): number {
    return [...this.#answers.values()].reduce((sum, {lacking}) => sum + lacking, this.#ids.size);
  }

  /** Whether some node came more than once. */
  get isRepeated(): boolean {
    return this.#records > this.#ids.size;
  }

  /** Nodes with more below them than is known, and at least how many more; 0 if they do not say. */
  #findOpen(): readonly OpenNode[] {
    const known = new Map<TreeList, {children: number; nodes: number}>();
    const knownBelow = (list: TreeList) => known.get(list) ?? {children: 0, nodes: 0};
    for (const {parent, bounds} of this.#nodes.values()) {
      const {children, nodes} = knownBelow(parent);
      known.set(parent, {children: children + 1, nodes: nodes + 1 + (bounds?.below ?? Number.NaN)});
    }
    return [...this.#nodes.values()].flatMap(node => {
      const {children, nodes} = knownBelow(node.id);
      const lacks = (node.bounds?.below ?? Number.NaN) - nodes;
      if (lacks > 0) return [{node, children, lacks}];
      if (children > 0) {
        // Without bounds only its own list tells whether the children that came with others are all of them.
        const isDoubtful = node.hasChildren === true && node.bounds === null && !this.#answers.has(node.id);
        return isDoubtful ? [{node, children, lacks: 0}] : [];
      }
      if (node.hasChildren === false) return [];
      if (node.hasChildren) return [{node, children, lacks: 1}];
      return node.bounds === null ? [{node, children, lacks: 0}] : [];
    });
  }
}

function saysItHasChildren({hasChildren, bounds}: TreeNode): boolean {
  return hasChildren ?? (bounds?.below ?? 0) > 0;
}

/** What a node says about those below it: the same as long as nothing is known to have changed there. */
function stateOf({hasChildren, bounds}: TreeNode): string {
  return `${hasChildren} ${bounds?.below}`;
}

/** Each node with the innermost of the others whose bounds enclose its own. */
function findAround(nodes: readonly TreeNode[]): readonly (readonly [TreeNode, string | null])[] {
  const around: {readonly id: string; readonly right: number}[] = [];
  return [...nodes]
    .sort((a, b) => (a.bounds?.left ?? 0) - (b.bounds?.left ?? 0))
    .map(node => {
      const {id, bounds} = node;
      if (bounds === null) return [node, null] as const;
      while ((around.at(-1)?.right ?? Number.POSITIVE_INFINITY) < bounds.right) around.pop();
      const inner = around.at(-1)?.id ?? null;
      around.push({id, right: bounds.right});
      return [node, inner] as const;
    });
}

function toBounds(leftText: string | null, rightText: string | null): Bounds | null {
  if (leftText === null || rightText === null) return null;
  const [left, right] = [Number(leftText), Number(rightText)];
  const below = (right - left - 1) / 2;
  return Number.isSafeInteger(right) && Number.isSafeInteger(below) && below >= 0 ? {left, right, below} : null;
}

/** Reads more forms than a boolean column takes: a word that is not understood costs a call, one that is misread costs rows. */
function toBoolean(text: string | null): boolean | null {
  const word = text?.trim().toLowerCase() ?? '';
  if (/^(true|t|yes|y|on|0*[1-9]\d*)$/.test(word)) return true;
  return /^(false|f|no|n|off|0+)$/.test(word) ? false : null;
}
