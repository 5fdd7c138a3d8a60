import {IncompleteError, type RejectedError} from '../../errors.js';
import type {ParentState} from '../../spool/format.js';
import {blankReason, type Refusal} from '../../spool/tolerated.js';
import type {ApiRoute, Parent} from '../../table.js';
import {List} from '../lists/list.js';
import type {ListContext} from '../lists/list-context.js';
import type {PageFormat} from '../lists/page.js';
import type {Bound} from '../lists/request.js';

export type ChildRoute = ApiRoute & {readonly parent: Parent};

/** The list of one parent, by one of the routes that may serve it. Knows what answers to it mean. */
export class ChildList {
  readonly route: ChildRoute;
  /** Whether its parent counts rows in it, or it is the one record of its parent. */
  readonly isCounted: boolean;
  readonly bound: Bound;
  /** What its parent holds in the columns by which a change of the list is noticed. */
  readonly parent: ParentState;
  readonly #format: PageFormat;

  constructor(
    route: ChildRoute,
    format: PageFormat,
    bound: Bound,
    {isCounted, parent}: Pick<ChildList, 'isCounted' | 'parent'>,
  ) {
    this.route = route;
    this.isCounted = isCounted;
    this.parent = parent;
    this.bound = bound;
    this.#format = format;
  }

  /** The first request for it, by which it is remembered. */
  get request(): string {
    return this.#format.name({number: 1, bound: this.bound, extra: {}});
  }

  /** Opens the list for reading. */
  open(context: ListContext): List {
    const isNoticed = this.route.parent.unchangedWhen !== undefined;
    return new List(this.#format, context, {bound: this.bound, ...(isNoticed && {parent: this.parent})});
  }

  /** What a refusal of the list means. Throws if the list may not be refused. */
  explain(refusal: RejectedError): Refusal {
    const status = refusal.status ?? 0;
    const {tolerate, emptyOn} = this.route;
    const saysNone = emptyOn?.[status];
    const reason = (this.isCounted ? undefined : saysNone) ?? tolerate?.[status];
    if (reason !== undefined) return {request: this.request, status, reason, parent: this.parent};
    throw this.isCounted && saysNone !== undefined ? this.#refuseNone(status, refusal) : refusal;
  }

  /** What a reply without a list means: an empty list, unless the parent counts rows in it. Then this throws. */
  explainBlank(status: number): Refusal {
    if (this.isCounted) throw this.#refuseNone(status);
    return {request: this.request, status, reason: blankReason, parent: this.parent};
  }

  /** Whether a refusal says that the parent is gone. */
  isGone({status, reason}: Refusal): boolean {
    return reason === this.route.tolerate?.[status];
  }

  #refuseNone(status: number, cause?: RejectedError): IncompleteError {
    const {table, skipIfZero = []} = this.route.parent;
    const why =
      this.route.record === undefined
        ? `${skipIfZero.join(', ')} of its row in ${table.name} says that it is not`
        : `it is asked for one record, of a row in ${table.name}`;
    return new IncompleteError(`${this.request} was answered with ${status}, as if it were empty, but ${why}.`, {
      missing: [this.request],
      cause,
    });
  }
}
