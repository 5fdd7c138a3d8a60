import {dice} from '../random.js';

export interface TreeNode {
  readonly id: number;
  readonly level: number;
  readonly parent: TreeNode | undefined;
  readonly children: TreeNode[];
  left: number;
  right: number;
}

interface TreeShape {
  rootId: number;
  rootLevel: number;
  firstId: number;
  depth: number;
  top: number;
  /** The most children of an inner node. The first node of every level has at least one, so that the tree is as deep as intended. */
  fanOut: number;
}

/** A nested-set tree. It is small compared to the users, so it is kept. Ids go level by level, left and right go depth first. */
export function growTree(seed: number, kind: string, shape: TreeShape): {root: TreeNode; preorder: TreeNode[]} {
  const root: TreeNode = {id: shape.rootId, level: shape.rootLevel, parent: undefined, children: [], left: 1, right: 2};
  let level = [root];
  let nextId = shape.firstId;
  for (let depth = 0; depth < shape.depth; depth += 1) {
    for (const [place, node] of level.entries()) {
      const wanted = dice(seed, kind, node.id).below(shape.fanOut + 1);
      const count = depth === 0 ? shape.top : place === 0 ? Math.max(1, wanted) : wanted;
      for (let i = 0; i < count; i += 1) {
        node.children.push({id: nextId, level: node.level + 1, parent: node, children: [], left: 0, right: 0});
        nextId += 1;
      }
    }
    level = level.flatMap(node => node.children);
  }
  const preorder: TreeNode[] = [];
  let bound = 0;
  const visit = (node: TreeNode): void => {
    bound += 1;
    node.left = bound;
    if (node !== root) preorder.push(node);
    node.children.forEach(visit);
    bound += 1;
    node.right = bound;
  };
  visit(root);
  return {root, preorder};
}
