import type {RawRecord} from '../../json/raw-record.js';
import {linesFromSpans, type PageLines} from '../../spool/lines.js';
import {matchesWhere} from '../../spool/record-values.js';
import {type DerivedRoute, exactPaths, nameRoute, type Table} from '../../table.js';
import {readLatest} from '../lists/latest.js';
import type {LandedPage} from '../lists/list-context.js';
import {type SlicedBody, Slicer} from '../lists/slice.js';
import type {FanOutContext} from './fan-out.js';

/** How many records make one page at most. */
const mostRecords = 1000;
const mostBytes = 4 * 1024 * 1024;
const recordsAt = 'items';

/** Makes the pages of a table from the rows of another, as they are published, and yields each page once it has landed. */
export async function* derive(
  route: DerivedRoute,
  {table, spool, large, readParent}: Pick<FanOutContext, 'table' | 'spool' | 'large' | 'readParent'>,
): AsyncGenerator<LandedPage, void> {
  const {table: parent, where} = route.derive;
  const spooled = await readParent(parent);
  const landing = {request: nameRoute(route), bound: {}, facts: null, state: 0, sentAfter: 0, readAt: spooled.readAt};
  const slicer = new Slicer(exactPaths(table), [recordsAt]);
  for await (const records of cutIntoPages(filterBy(where, parent, readLatest(parent, spooled)))) {
    const lines = makeLines(records, slicer);
    await large.land(lines.heldBytes, async () => spool.accept({...landing, lines}));
    yield {records: lines.records, total: null, hasLandedBefore: false, look: async () => records};
  }
}

async function* filterBy(
  where: DerivedRoute['derive']['where'],
  table: Table,
  records: AsyncIterable<RawRecord>,
): AsyncGenerator<RawRecord> {
  for await (const record of records) if (matchesWhere(record, table, where)) yield record;
}

async function* cutIntoPages(records: AsyncIterable<RawRecord>): AsyncGenerator<readonly RawRecord[]> {
  let page: RawRecord[] = [];
  let bytes = 0;
  for await (const record of records) {
    page.push(record);
    bytes += record.span.end - record.span.start;
    if (page.length < mostRecords && bytes <= mostBytes) continue;
    yield page;
    page = [];
    bytes = 0;
  }
  if (page.length > 0) yield page;
}

function makeLines(records: readonly RawRecord[], slicer: Slicer): PageLines {
  const texts = records.map(record => record.encode().toString());
  const sliced = slicer.slice(Buffer.from(`{"${recordsAt}":[${texts.join()}]}`));
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
