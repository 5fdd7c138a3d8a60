import {type List, listOf} from '../list.js';
import type {Branches} from './branches.js';
import type {Users} from './users.js';

export interface BranchMembers {
  /** The users in any of these nodes, by index. */
  in(nodeIds: readonly number[]): List<number>;
}

/** Inverts `Branches.nodesOf`, on first use. */
export function createBranchMembers(branches: Branches, users: Users): BranchMembers {
  let byNode: Map<number, number[]> | undefined;
  const invert = () => {
    const members = new Map<number, number[]>();
    for (let user = 0; user < users.count; user += 1) {
      for (const node of branches.nodesOf(user)) {
        const list = members.get(node);
        if (list === undefined) members.set(node, [user]);
        else list.push(user);
      }
    }
    return members;
  };
  return {
    in(nodeIds) {
      byNode ??= invert();
      const old = nodeIds.flatMap(node => byNode?.get(node) ?? []);
      const added = users.order.added.filter(user => branches.nodesOf(user).some(node => nodeIds.includes(node)));
      return listOf([...new Set([...old, ...added])].filter(user => !users.order.lacks(user)));
    },
  };
}
