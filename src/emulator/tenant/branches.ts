import {type List, listOf, type SentRecord} from '../list.js';
import {dice} from '../random.js';
import {city} from '../texts.js';
import {growTree, type TreeNode} from './tree.js';

export interface Branches {
  /** Every branch of the five levels, in the order of the tree. The root is not among them. */
  readonly flattened: List;
  readonly codes: readonly string[];
  /** The direct children of a node, which is all that the plain list gives (tables/API.md#branches). */
  children(nodeId: number): List | undefined;
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
  return {
    flattened: listOf(preorder.map(record)),
    codes: preorder.flatMap(node => branchCode(node) || []),
    children(nodeId) {
      const node = nodes.get(nodeId);
      return node === undefined ? undefined : listOf(node.children.map(record));
    },
  };
}

function branchCode(node: TreeNode | undefined): string | null {
  if (node === undefined || node.level === 0) return null;
  return node.id % 9 === 0 ? '' : `BR-${node.id}`;
}

function branchRecord(seed: number, node: TreeNode): SentRecord {
  const die = dice(seed, 'branch-text', node.id);
  return {
    id: node.id,
    code: branchCode(node),
    title: `${city(die)}${die.chance(0.1) ? ' <HQ> & 東' : ''}`,
    lev: node.level,
    iLeft: node.left,
    iRight: node.right,
    parent_id: node.parent?.id ?? null,
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
