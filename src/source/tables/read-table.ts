import {IncompleteError, IngestError, RefusedListsError, RejectedError} from '../../errors.js';
import type {RawRecord} from '../../json/raw-record.js';
import type {CompletedTable, SpooledTable, Toleration} from '../../spool/format.js';
import {linesFromSpans} from '../../spool/lines.js';
import type {Landing} from '../../spool/table-spool.js';
import {blankReason} from '../../spool/tolerated.js';
import {
  type ApiRoute,
  type DerivedRoute,
  describeRoute,
  describeRouteChange,
  exactPaths,
  fullRouteName,
  isDerived,
  nameRoute,
  type Route,
  type Table,
} from '../../table.js';
import {isRouteRefusal} from '../http/policy.js';
import {readLatest} from '../lists/latest.js';
import {readList} from '../lists/list.js';
import {countLanded} from '../lists/list-context.js';
import {PageFormat} from '../lists/page.js';
import {type SlicedBody, Slicer} from '../lists/slice.js';
import {matchesWhere} from '../lists/values.js';
import {type ChildRoute, FanOut, type FanOutContext} from './fan-out.js';
import {readTree} from './read-tree.js';
import type {RouteMemory} from './route-memory.js';

export interface TableContext extends Omit<FanOutContext, 'spooledParent'> {
  readonly landDerived: (landing: Landing) => Promise<void>;
  readonly memory: RouteMemory;
  /** The parent, read whole. */
  readonly extractParent: (table: Table) => Promise<SpooledTable>;
}

/** What reading a table proved. */
export interface Proof extends Pick<CompletedTable, 'route' | 'total' | 'moved'> {
  /** Null if no list came of it, because every parent was refused or there is none. */
  readonly served: Route | null;
  readonly tolerated: readonly Toleration[];
  readonly warnings: readonly string[];
}

/** What lands together at the most. */
const derivedBatch = 1000;
const derivedBytes = 4 * 1024 * 1024;
const derivedAt = 'items';

/**
 * Reads a table by the route that has served it before, or else by the first that the tenant serves. Throws if there is none; a route that
 * is known is not left for another, and one that is not only once it was refused twice.
 */
export async function readTable(context: TableContext): Promise<Proof> {
  const {table, memory} = context;
  const {held, before, warnings} = await memory.recall(table);
  if (held !== undefined) return readHeld(held, context);
  const told = [...warnings];
  for (const [index, route] of table.routes.entries()) {
    const routes = table.routes.slice(index);
    const isLast = isChild(route) || routes.length === 1;
    const result = await readUnlessRefused(routes, context, isLast ? 1 : 2);
    if (!(result instanceof RejectedError)) {
      const now = result.served === null ? before : fullRouteName(result.served);
      const change = before === null || before === now ? [] : [describeRouteChange(before, now)];
      return {...result, warnings: [...told, ...change, ...result.warnings]};
    }
    if (isLast) throw result;
    told.push(`${describeRoute(table, route)} is not served here (${result.status}).`);
  }
  throw new IncompleteError(`${table.name} has no route that this tenant serves.`);
}

async function readHeld(held: Route, context: TableContext): Promise<Proof> {
  const {table} = context;
  const others = table.routes.filter(route => route !== held);
  try {
    const proof = await readRoute([held], context);
    const earlier = table.routes.slice(0, table.routes.indexOf(held)).map(route => describeRoute(table, route));
    const change = 'With --allow-route-change the others are asked first';
    const warnings =
      earlier.length === 0
        ? []
        : [`Read by ${describeRoute(table, held)}, as before. ${change}: ${earlier.join(', ')}.`];
    return {...proof, warnings: [...proof.warnings, ...warnings]};
  } catch (error) {
    const isRefused = isRouteRefusal(error) || error instanceof RefusedListsError;
    if (!isRefused || others.length === 0) throw error;
    throw new IncompleteError(
      `${error.message} ${describeRoute(table, held)} has served ${table.name} before, so no other route is taken.`,
      {
        hint: `${error.hint ?? ''} If it is gone for good, --allow-route-change takes another route, which may give other columns.`.trim(),
        cause: error,
      },
    );
  }
}

/** The refusal, if the first of the routes is refused so many times. What one route has landed is not mixed with what another one would. */
async function readUnlessRefused(
  routes: readonly Route[],
  context: TableContext,
  times: number,
): Promise<Proof | RejectedError> {
  const counter = countLanded(context);
  try {
    return await readRoute(routes, counter.context);
  } catch (error) {
    if (!isRouteRefusal(error) || counter.landed > 0) throw error;
    return times === 1 ? error : readUnlessRefused(routes, context, times - 1);
  }
}

/** Reads by the first route; if it is one for children, by whichever of those the tenant serves. */
async function readRoute(routes: readonly Route[], context: TableContext): Promise<Proof> {
  const [route] = routes;
  if (route === undefined) throw new TypeError('There is no route to read by.');
  if (isDerived(route)) return derive(route, context);
  if (!isChild(route)) return readBulk(route, context);
  const spooledParent = async (parent: Table) => extractParent(context, parent);
  return new FanOut(routes.filter(isChild), {...context, spooledParent}).read();
}

export function isChild(route: Route): route is ChildRoute {
  return !isDerived(route) && route.parent !== undefined;
}

async function readBulk(route: ApiRoute, context: TableContext): Promise<Proof> {
  const {table, pageSize, onPlan, onExpect} = context;
  const format = new PageFormat(table, route, pageSize);
  const planning = {
    ...context,
    onExpect: (calls: number) => {
      onExpect(calls);
      onPlan(calls);
    },
  };
  onPlan(1);
  const first = `GET ${format.ask({number: 1, bound: {}, extra: {}})}`;
  if (context.landedBefore(first).length === 0) onExpect(1);
  const served = {route: route.path, served: route, tolerated: []};
  if (route.descend !== undefined) return {...served, ...(await readTree(table, format, route.descend, planning))};
  const {total, moved, blank} = await readList(format, {}, {}, planning);
  return {...served, total, moved, warnings: blank === null ? [] : [`${blankReason} It came twice.`]};
}

async function extractParent({table, extractParent: extract}: TableContext, parent: Table): Promise<SpooledTable> {
  try {
    return await extract(parent);
  } catch (cause) {
    if (!(cause instanceof IngestError)) throw cause;
    const {message} = cause;
    throw new IncompleteError(`${table.name} needs ${parent.name}, which could not be read: ${message}`, {cause});
  }
}

async function derive(served: DerivedRoute, context: TableContext): Promise<Proof> {
  const {table: parent, where} = served.derive;
  const {table, landDerived} = context;
  const spooled = await extractParent(context, parent);
  const route = nameRoute(served);
  const slicer = new Slicer(exactPaths(table), [derivedAt]);
  let batch: RawRecord[] = [];
  let length = 0;
  const land = async () => {
    const texts = batch.map(record => record.encode().toString());
    const sliced = slicer.slice(Buffer.from(`{"${derivedAt}":[${texts.join()}]}`));
    const lines = linesFromSpans({...sliced, notes: keepMended(sliced, batch)});
    await landDerived({lines, request: route, bound: {}, facts: null, state: 0, sentAfter: 0, readAt: spooled.readAt});
    batch = [];
    length = 0;
  };
  for await (const record of readLatest(parent, spooled)) {
    if (!matchesWhere(record, parent, where)) continue;
    batch.push(record);
    length += record.span.end - record.span.start;
    if (batch.length === derivedBatch || length > derivedBytes) await land();
  }
  if (batch.length > 0) await land();
  return {route, served, total: null, moved: false, tolerated: [], warnings: []};
}

/** What was mended in a record was mended in what is derived of it. */
function keepMended({spans, notes}: SlicedBody, records: readonly RawRecord[]): SlicedBody['notes'] {
  const kept = new Map(notes);
  for (const [index, {mended}] of records.entries()) {
    const start = spans[2 * index] ?? 0;
    if (mended.size > 0) kept.set(start, {exact: notes.get(start)?.exact ?? new Map(), mended});
  }
  return kept;
}
