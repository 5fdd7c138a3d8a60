import {IncompleteError, isSetback, ResponseError} from '../../errors.js';
import type {Descend, Table} from '../../table.js';
import {isRouteRefusal} from '../http/policy.js';
import {readList} from '../lists/list.js';
import type {ListContext, ListOutcome} from '../lists/list-context.js';
import type {PageFormat} from '../lists/page.js';
import {refuseMissing, visitParallel} from '../lists/parallel.js';
import {type TreeList, type TreeNode, TreeWalk} from './tree-walk.js';

export interface TreeOutcome extends Pick<ListOutcome, 'total' | 'moved'> {
  readonly warnings: readonly string[];
}

/** Deeper than this, or with more lists, is a server that makes up nodes as it is asked: at a call each they would take a day. */
const mostRounds = 200;
const mostLists = 20_000;

/** Reads a tree's first list, and those of the nodes that lack some below them. Every node that says it has children is asked, or it throws. */
export async function readTree(
  table: Table,
  format: PageFormat,
  descend: Descend,
  context: ListContext,
): Promise<TreeOutcome> {
  const {parallelism, driftRetries, onExpect} = context;
  const walk = new TreeWalk(table, descend, driftRetries);
  const times = new Map<TreeList, number>();
  let moved = false;
  const ask = (list: TreeList) =>
    format.ask({number: 1, bound: {}, extra: list === null ? {} : {[descend.param]: list}});
  const read = async (list: TreeList) => {
    const time = (times.get(list) ?? 0) + 1;
    times.set(list, time);
    const sent: (TreeNode | null)[] = [];
    const reading: ListContext = {
      ...context,
      look: records => sent.push(...records.map(record => walk.readNode(record))),
      // A node may stand in several lists, and a list that is read once more need not be as it was.
      land: async (page, bound, moment) => context.land(page, bound, {...moment, list: `${list ?? ''} ${time}`}),
      ...(time > 1 && {landedBefore: () => []}),
    };
    try {
      const outcome = await readList(format, {}, list === null ? {} : {[descend.param]: list}, reading);
      if (outcome.blank !== null && list !== null)
        walk.refuse(
          list,
          new IncompleteError(`GET ${ask(list)} held no list, though its node says that there is one.`),
        );
      else walk.take(list, sent, outcome.total);
      moved ||= outcome.moved;
    } catch (error) {
      if (list === null || !isRouteRefusal(error) || sent.length > 0) throw error;
      walk.refuse(list, error);
    }
  };
  await read(null);
  let rounds = 0;
  for (let lists = walk.next(); lists.length > 0; lists = walk.next()) {
    onExpect(lists.length);
    if (++rounds > mostRounds || times.size + lists.length > mostLists) {
      throw new ResponseError(
        `The tree of ${table.name} has no end: after ${times.size} lists others were to be asked for.`,
      );
    }
    const visits = await visitParallel(lists, parallelism, read, isSetback);
    const describe = (failed: number) => `${failed} of ${lists.length} lists of ${table.name}`;
    refuseMissing(visits, describe, list => `GET ${ask(list)}`);
  }
  if (walk.refusal !== null) throw walk.refusal;
  const {missing, total, isRepeated} = walk;
  return {total, moved: moved || isRepeated, warnings: missing === 0 ? [] : [warnOfMissing(missing)]};
}

function warnOfMissing(count: number): string {
  const nodes = count === 1 ? '1 node of the tree' : `${count} nodes of the tree`;
  return `${nodes} did not come, though others speak of them and were asked: the credential may see a part of it only, or nodes were deleted.`;
}
