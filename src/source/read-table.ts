import {IncompleteError, IngestError} from '../errors.js';
import type {RawRecord} from '../json/raw-record.js';
import type {Toleration} from '../report.js';
import type {CompletedTable, SpooledTable} from '../spool/format.js';
import {linesFromSpans} from '../spool/lines.js';
import type {Landing} from '../spool/table-spool.js';
import {type ApiRoute, type DerivedRoute, exactPaths, isDerived, nameRoute, type Route, type Table} from '../table.js';
import {type ChildRoute, FanOut, type FanOutContext} from './fan-out.js';
import {readLatest} from './latest.js';
import {readList} from './list.js';
import {countLanded} from './list-context.js';
import {PageFormat} from './page.js';
import {isRouteRefusal} from './policy.js';
import {readTree} from './read-tree.js';
import {type SlicedBody, Slicer} from './slice.js';
import {matchesWhere} from './values.js';

export interface TableContext extends Omit<FanOutContext, 'spooledParent'> {
  readonly landDerived: (landing: Landing) => Promise<void>;
  /** The parent, read whole. */
  readonly extractParent: (table: Table) => Promise<SpooledTable>;
}

/** What reading a table proved. */
export interface Proof extends Pick<CompletedTable, 'route' | 'total' | 'moved'> {
  readonly tolerated: readonly Toleration[];
  readonly warnings: readonly string[];
}

/** What lands together at the most. */
const derivedBatch = 1000;
const derivedBytes = 4 * 1024 * 1024;
const derivedAt = 'items';

/** Reads a table by the first of its routes that the tenant serves, or throws. */
export async function readTable(context: TableContext): Promise<Proof> {
  const {table} = context;
  const warnings: string[] = [];
  let refusal: IngestError | undefined;
  for (const [index, route] of table.routes.entries()) {
    const counter = countLanded(context);
    try {
      if (isDerived(route)) return {...(await derive(route, context)), tolerated: [], warnings};
      if (!isChild(route)) {
        const read = await readBulk(route, counter.context);
        return {...read, tolerated: [], warnings: [...warnings, ...read.warnings]};
      }
      const routes = table.routes.slice(index).filter(isChild);
      const spooledParent = async (parent: Table) => extractParent(context, parent);
      return {...(await new FanOut(routes, {...counter.context, spooledParent}).read()), warnings};
    } catch (error) {
      // What one route has landed is not mixed with what another one would.
      if (!isRouteRefusal(error) || counter.landed > 0) throw error;
      refusal = error;
      warnings.push(`${isDerived(route) ? 'A route' : route.path} is not served here (${error.status}).`);
      if (isChild(route)) break;
    }
  }
  throw refusal ?? new IncompleteError(`${table.name} has no route that this tenant serves.`);
}

export function isChild(route: Route): route is ChildRoute {
  return !isDerived(route) && route.parent !== undefined;
}

async function readBulk(route: ApiRoute, context: TableContext): Promise<Omit<Proof, 'tolerated'>> {
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
  if (route.descend !== undefined)
    return {route: route.path, ...(await readTree(table, format, route.descend, planning))};
  const {total, moved} = await readList(format, {}, {}, planning);
  return {route: route.path, total, moved, warnings: []};
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

async function derive(derived: DerivedRoute, context: TableContext) {
  const {table: parent, where} = derived.derive;
  const {table, landDerived} = context;
  const spooled = await extractParent(context, parent);
  const route = nameRoute(derived);
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
  return {route, total: null, moved: false};
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
