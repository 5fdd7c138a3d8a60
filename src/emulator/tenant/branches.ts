import {type List, listOf, type SentRecord} from '../list.js';
import {dice} from '../random.js';
import {city} from '../texts.js';
import {growTree, type TreeNode} from './tree.js';

export interface Branches {
  /** Every branch of the five levels, in the order of the tree. The root is not among them. */
  readonly flattened: List;
  /** Sent beside the items, in `extra_data` (tables/API.md#branches). */
  readonly root: SentRecord;
  /** The direct children of a node, which is all that the plain list gives (tables/API.md#branches). */
  children(nodeId: number): List | undefined;
  /** The node and all that are below it; none if there is no such node. */
  withBelow(nodeId: number): readonly number[];
  /** Titles from the root down. */
  path(nodeId: number): readonly string[];
  /** The nodes that a user is in: one, at times two. Whoever is in no branch stands in the root (tables/API.md#user_branches). */
  nodesOf(user: number): readonly number[];
  /** The code of the branch that a user is in, the first if there are two; null if it has none. */
  codeOf(user: number): string | null;
}

export function createBranches(seed: number, users: number): Branches {
  const top = Math.min(40, Math.max(3, Math.round(Math.cbrt(users) / 2)));
  const {root, preorder} = growTree(seed, 'branch', {
    rootId: 0,
    rootLevel: 0,
    firstId: 2,
    depth: 5,
    top,
    fanOut: 3,
  });
  const nodes = new Map([root, ...preorder].map(node => [node.id, node]));
  const record = (node: TreeNode): SentRecord => branchRecord(seed, node);
  const withBelow = (node: TreeNode): readonly number[] => [node.id, ...node.children.flatMap(withBelow)];
  const nodesOf = (user: number): readonly number[] => {
    const die = dice(seed, 'user-branch', user);
    const first = die.pick(preorder).id;
    if (die.chance(0.1)) return [root.id];
    const second = die.pick(preorder).id;
    return die.chance(0.1) && second !== first ? [first, second] : [first];
  };
  return {
    flattened: listOf(preorder.map(record)),
    root: {
      id: root.id,
      code: '',
      title: branchTitle(seed, root),
      id_parent: null,
      title_parent: '',
      lev: String(root.level),
      iLeft: String(root.left),
      iRight: String(root.right),
      is_root: true,
      root_node_id: root.id,
    },
    children(nodeId) {
      const node = nodes.get(nodeId);
      return node === undefined ? undefined : listOf(node.children.map(record));
    },
    withBelow(nodeId) {
      const node = nodes.get(nodeId);
      return node === undefined ? [] : withBelow(node);
    },
    path(nodeId) {
      const titles: string[] = [];
      for (let node = nodes.get(nodeId); node !== undefined; node = node.parent)
        titles.unshift(branchTitle(seed, node));
      return titles;
    },
    nodesOf,
    codeOf: user => branchCode(nodes.get(nodesOf(user)[0] ?? root.id)),
  };
}

function branchTitle(seed: number, node: TreeNode): string {
  if (node.level === 0) return 'Docebo';
  const die = dice(seed, 'branch-text', node.id);
  return `${city(die)}${die.chance(0.1) ? ' <HQ> & 東' : ''}`;
}

function branchCode(node: TreeNode | undefined): string | null {
  if (node === undefined || node.level === 0) return null;
  return node.id % 9 === 0 ? '' : `BR-${node.id}`;
}

function branchRecord(seed: number, node: TreeNode): SentRecord {
  const die = dice(seed, 'branch-look', node.id);
  return {
    id: String(node.id),
    code: branchCode(node),
    title: branchTitle(seed, node),
    lev: String(node.level),
    iLeft: String(node.left),
    iRight: String(node.right),
    parent_id: node.parent === undefined ? null : String(node.parent.id),
    parent_code: branchCode(node.parent),
    selection_status: 0,
    selectable: true,
    selected: false,
    actions: ['edit', 'move'],
    has_children: node.children.length > 0,
    can_manage: true,
    icon: die.chance(0.8) ? null : 'zmdi-city',
    color: die.chance(0.8) ? null : '#0465ac',
    tooltip: '',
  };
}
