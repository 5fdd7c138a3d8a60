import {exactPaths} from '../../declared-keys.js';
import {findRoot} from '../../errors.js';
import type {RawRecord} from '../../json/raw-record.js';
import {nameRoute} from '../../routes.js';
import {linesFromSpans, type PageLines} from '../../spool/lines.js';
import {matchesWhere} from '../../spool/record-values.js';
import type {DerivedRoute, KeyedTable, Table} from '../../table.js';
import {isRouteRefusal} from '../http/policy.js';
import {readPublished} from '../lists/latest.js';
import type {LandedPage} from '../lists/list-context.js';
import type {SlicedBody} from '../lists/slice.js';
import {UnfitRouteError} from '../lists/unfit-route.js';
import {ElementReader, type NamedRow, nameRow} from './elements.js';
import type {FanOutContext} from './fan-out.js';
import {cutIntoPages, MadePages} from './made-pages.js';

interface Derived {
  readonly warnings: readonly string[];
  /** As of when the rows are all that there are. */
  readonly askedAtMs?: number;
}

/**
 * Makes the pages of a table from the rows of another, as they are published, and yields each page once it has landed. Returns warnings. Throws
 * UnfitRouteError before any page lands if the rows lack what the route needs.
 */
export async function* derive(
  route: DerivedRoute,
  {table, spool, large, accept, readParent}: Pick<FanOutContext, 'table' | 'spool' | 'large' | 'accept' | 'readParent'>,
): AsyncGenerator<LandedPage, Derived> {
  const {table: parent, where = {}, named} = route.derive;
  const spooled = await readParent(parent);
  const reader = new ElementReader(route.derive, named === undefined ? [] : await readNames(named, readParent, accept));
  const rows = () => filterBy(where, parent, readPublished(parent, spooled, accept));
  if (route !== table.routes.at(-1)) {
    for await (const row of rows()) reader.read(row);
    reader.refuseUnfit();
  }
  // Of which row each is made is not kept, so all are as old as the oldest. The table is complete as of when the other one is.
  const readAt = spooled.oldestAt ?? spooled.readAt;
  const landing = {
    request: nameRoute(route),
    bound: {},
    facts: null,
    state: 0,
    sentAfter: 0,
    readAt,
    ...(spooled.oldestAt !== undefined && {carried: true as const}),
  };
  const made = new MadePages(exactPaths(table));
  for await (const records of cutIntoPages(readElements(reader, rows()), ({span}) => span.end - span.start)) {
    const lines = makeLines(records, made);
    await large.land(lines.heldBytes, async () => spool.accept({...landing, lines}));
    yield {records: lines.records, beside: 0, total: null, hasLandedBefore: false, look: async () => records};
  }
  return {warnings: reader.warnings, ...(spooled.readAt !== null && {askedAtMs: Date.parse(spooled.readAt)})};
}

async function* readElements(reader: ElementReader, rows: AsyncIterable<RawRecord>): AsyncGenerator<RawRecord> {
  for await (const row of rows) yield* reader.read(row);
}

async function readNames(
  table: KeyedTable,
  readParent: FanOutContext['readParent'],
  accept: FanOutContext['accept'],
): Promise<readonly NamedRow[]> {
  const names: NamedRow[] = [];
  try {
    for await (const row of readPublished(table, await readParent(table), accept)) names.push(...nameRow(table, row));
  } catch (error) {
    if (isRouteRefusal(findRoot(error))) throw new UnfitRouteError(`${table.name} are not served.`, {cause: error});
    throw error;
  }
  return names;
}

async function* filterBy(
  where: Readonly<Record<string, readonly string[]>>,
  table: Table,
  records: AsyncIterable<RawRecord>,
): AsyncGenerator<RawRecord> {
  for await (const record of records) if (matchesWhere(record, table, where)) yield record;
}

function makeLines(records: readonly RawRecord[], made: MadePages): PageLines {
  const sliced = made.slice(records.map(record => record.encode()));
  return linesFromSpans({...sliced, notes: keepMended(sliced, records)});
}

/** What was mended in a record counts as mended in what is derived from it. */
function keepMended({spans, notes}: SlicedBody, records: readonly RawRecord[]): SlicedBody['notes'] {
  const kept = new Map(notes);
  for (const [index, {mended}] of records.entries()) {
    const start = spans[2 * index] ?? 0;
    if (mended.size > 0) kept.set(start, {exact: notes.get(start)?.exact ?? new Map(), mended});
  }
  return kept;
}
