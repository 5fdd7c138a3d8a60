import {IncompleteError, ResponseError} from '../../errors.js';
import type {Descend, Table} from '../../table.js';
import {isRouteRefusal} from '../http/policy.js';
import {List} from '../lists/list.js';
import type {LandedPage, ListContext, ListOutcome, Miscount} from '../lists/list-context.js';
import type {ListAddress, PageFormat} from '../lists/page.js';
import {visitParallel} from '../lists/parallel.js';
import {type TreeList, type TreeNode, TreeWalk} from './tree-walk.js';

export interface TreeOutcome extends Pick<ListOutcome, 'total' | 'moved'> {
  readonly miscounts: readonly Miscount[];
  readonly warnings: readonly string[];
}

/** A tree that is deeper than this or has more lists is made up by the server as it is asked: at a call each the lists would take a day. */
const mostRounds = 200;
const mostLists = 20_000;

/**
 * A list of lists: reads a tree's first list, and those of the nodes that lack nodes below them. Throws unless every node that says it has children
 * can be asked for them.
 */
export class TreeReader {
  readonly #table: Table;
  readonly #format: PageFormat;
  readonly #descend: Descend;
  readonly #context: ListContext;
  readonly #walk: TreeWalk;
  /** How often each list was read. */
  readonly #times = new Map<TreeList, number>();
  readonly #miscounts: Miscount[] = [];
  #moved = false;

  constructor(table: Table, format: PageFormat, descend: Descend, context: ListContext) {
    this.#table = table;
    this.#format = format;
    this.#descend = descend;
    this.#context = context;
    this.#walk = new TreeWalk(table, descend, context.driftRetries);
  }

  /** Yields the pages of all lists, each once it has landed. */
  async *read(): AsyncGenerator<LandedPage, TreeOutcome> {
    const {name} = this.#table;
    yield* this.#readList(null);
    let rounds = 0;
    for (let lists = this.#walk.next(); lists.length > 0; lists = this.#walk.next()) {
      const {length} = lists;
      this.#context.calls.expect(length);
      if (++rounds > mostRounds || this.#times.size + length > mostLists) {
        throw new ResponseError(
          `The tree of ${name} has no end: after ${this.#times.size} lists there were still others to ask for.`,
        );
      }
      yield* visitParallel({
        items: lists,
        width: this.#context.parallelism,
        visit: list => this.#readList(list),
        describe: failed => `${failed} of ${length} lists of ${name}`,
        nameRequest: list => this.#nameRequest(list),
      });
    }
    const {missing, total, isRepeated, refusal} = this.#walk;
    if (refusal !== null) throw refusal;
    return {
      total,
      moved: this.#moved || isRepeated,
      miscounts: this.#miscounts,
      warnings: missing === 0 ? [] : [warnOfMissing(missing)],
    };
  }

  async *#readList(treeList: TreeList): AsyncGenerator<LandedPage, void> {
    const time = (this.#times.get(treeList) ?? 0) + 1;
    this.#times.set(treeList, time);
    const nodes: (TreeNode | null)[] = [];
    let beside = 0;
    // A node may be in several lists, and a list that is read again may have changed.
    const options = {label: `${treeList ?? ''} ${time}`, isAnew: time > 1};
    const list = new List(this.#format, this.#context, {...this.#addressOf(treeList), ...options});
    const pages = list.read();
    try {
      let next = await pages.next();
      for (; !next.done; next = await pages.next()) {
        nodes.push(...(await next.value.look()).map(record => this.#walk.readNode(record)));
        beside = Math.max(beside, next.value.beside);
        yield next.value;
      }
      const {total, moved, blank, miscount} = next.value;
      if (blank !== null && treeList !== null) this.#walk.refuse(treeList, this.#refuseBlank(treeList));
      else this.#walk.add(treeList, nodes, total + beside);
      this.#moved ||= moved;
      if (miscount !== undefined) this.#miscounts.push(miscount);
    } catch (error) {
      if (treeList === null || !isRouteRefusal(error) || nodes.length > 0) throw error;
      this.#walk.refuse(treeList, error);
    }
  }

  #refuseBlank(list: TreeList): IncompleteError {
    return new IncompleteError(`${this.#nameRequest(list)} held no list, though its node says that there is one.`);
  }

  #nameRequest(list: TreeList): string {
    return this.#format.name({number: 1, ...this.#addressOf(list)});
  }

  #addressOf(list: TreeList): ListAddress {
    return {bound: {}, extra: list === null ? {} : {[this.#descend.param]: list}};
  }
}

function warnOfMissing(count: number): string {
  const nodes = count === 1 ? '1 node of the tree' : `${count} nodes of the tree`;
  return `${nodes} did not come, although others mention them and were asked: the credential may see only a part of the tree, or nodes were deleted.`;
}
