import {type List, listOf, type SentRecord} from '../list.js';
import {dice} from '../random.js';
import {title} from '../texts.js';
import {growTree, type TreeNode} from './tree.js';

export interface Categories {
  readonly all: List;
  /** Sent beside the items, in `extra_data` (tables/API.md#categories). */
  readonly root: SentRecord;
  children(nodeId: number): List | undefined;
  some(index: number): {id: number; name: string};
}

const rootId = 1;

export function createCategories(seed: number, courses: number): Categories {
  const top = Math.min(30, Math.max(4, Math.round(Math.sqrt(courses))));
  const {root, preorder} = growTree(seed, 'category', {
    rootId,
    rootLevel: 1,
    firstId: 3,
    depth: 3,
    top,
    fanOut: 2,
  });
  const nodes = new Map([root, ...preorder].map(node => [node.id, node]));
  const name = (node: TreeNode): string => (node === root ? 'Categories' : title(dice(seed, 'category-text', node.id)));
  const record = (node: TreeNode): SentRecord => ({
    id: node.id,
    code: node.id % 4 === 0 ? '' : `CAT-${node.id}`,
    title: name(node),
    title_parent: node.parent === undefined ? '' : name(node.parent),
    has_child: node.children.length > 0,
    lev: node.level,
    iLeft: node.left,
    iRight: node.right,
    icon: node.id % 5 === 0 ? 'zmdi-folder' : null,
    counter: 0,
  });
  return {
    all: listOf(preorder.map(record)),
    root: {
      id: rootId,
      title: name(root),
      title_parent: '',
      id_parent: 0,
      lev: 1,
      iLeft: root.left,
      iRight: root.right,
      is_root: true,
      root_node_id: rootId,
    },
    children(nodeId) {
      const node = nodes.get(nodeId);
      return node === undefined ? undefined : listOf(node.children.map(record));
    },
    some(index) {
      const node = preorder[index % preorder.length] ?? root;
      return {id: node.id, name: name(node)};
    },
  };
}
