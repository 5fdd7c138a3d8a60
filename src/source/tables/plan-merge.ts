import type {Accepted, MergeChoices} from '../../choices.js';
import type {RawRecord} from '../../json/raw-record.js';
import type {Base, Bases} from '../../spool/bases.js';
import {readKey} from '../../spool/record-values.js';
import type {Route, Table} from '../../table.js';
import type {Docebo} from '../docebo.js';
import {isRouteRefusal} from '../http/policy.js';
import {PageFormat} from '../lists/page.js';
import {readSample, type Sample} from '../lists/sample.js';
import {BaseRows} from '../merge/base-rows.js';
import {areMostChanged, unreadChanges} from '../merge/cannot-merge.js';
import {CarriedLists} from '../merge/carried-lists.js';
import {formatMoment} from '../merge/look.js';
import type {ChangesRoute} from '../merge/merge-list.js';
import {bindParents} from './bind-parents.js';
import {ChildList, type ChildRoute} from './child-list.js';
import {type Estimate, planList, type Seen, scaleOf} from './estimate.js';
import {countPages, findBase, leastCalls, type TakenBase} from './merge-table.js';

/** The merge for which a plan is made. */
export interface PlannedMerge {
  readonly bases: Bases;
  readonly choices: MergeChoices;
  readonly isFullRefresh: boolean;
  readonly accept: Accepted;
  readonly nowMs: number;
}

/** The base of a table, or why there is none; null if the table is made of others; undefined if none is merged. */
export type Taken = TakenBase | string | null | undefined;

export function isTaken(taken: Taken, route: Route): taken is TakenBase {
  return typeof taken === 'object' && taken?.route === route;
}

/** Finds what `takeBase` would take, and leaves it where it is. */
export async function peekBase(
  table: Table,
  held: Route | undefined,
  merging: PlannedMerge,
  pageSize: number,
): Promise<TakenBase | string | null> {
  const {bases, nowMs} = merging;
  return findBase({table, held, merging, nowMs, pageSize}, async routes => bases.peek(table.name, routes));
}

interface PlannedList {
  readonly estimate: Estimate;
  readonly seen: Seen;
  /** Undefined if no call was answered. */
  readonly latencyMs?: number;
}

/** Asks for the first page of what has changed, which tells how much that is. Throws what Client.get throws. */
export async function planMergedList(
  {client, pageSize}: Pick<Docebo, 'client' | 'pageSize'>,
  table: Table,
  {base, route}: {readonly base: Base; readonly route: ChangesRoute},
  choices: MergeChoices,
): Promise<PlannedList> {
  const since = formatMoment(base.askedAtMs - choices.lookbackMs);
  const asked = {...route, query: {...route.query, [route.changes.from]: since}};
  const known = await sampleBase(base);
  const pages = countPages(base, pageSize);
  const audited = leastCalls(pages, choices) - 2;
  const instead = (reason: string): Estimate => {
    const note = 'A merge is tried first.';
    return {rows: null, requests: audited + 1 + pages, certainty: 'estimate', note, reason};
  };
  let sample: Sample;
  try {
    sample = await readSample(client, new PageFormat(table, asked, pageSize), {});
  } catch (error) {
    if (!isRouteRefusal(error)) throw error;
    return {estimate: instead(unreadChanges.refused(error.status)), seen: {...known, changed: none}};
  }
  const {facts, records, latencyMs} = sample;
  const changed = {records, total: facts.total ?? facts.sent};
  const seen = {...known, changed};
  if (facts.total === null)
    return {
      estimate: instead(unreadChanges.uncounted(route.changes.from)),
      seen,
      latencyMs,
    };
  if (facts.total >= known.total && facts.total > 0)
    return {estimate: instead(unreadChanges.all(facts.total)), seen, latencyMs};
  if (areMostChanged(facts.total, known.total))
    return {estimate: instead(unreadChanges.most(facts.total, known.total)), seen, latencyMs};
  const {requests} = planList(table, route, sample);
  const note = `Merged: ${facts.total} rows may have changed. Rows that are gone take more calls.`;
  // One more call counts the rows, and if none has changed another one sees whether the filter names any.
  const more = facts.total === 0 ? 2 : 1;
  return {
    estimate: {rows: null, requests: audited + requests + more, certainty: 'at least', note, strategy: 'merge'},
    seen,
    latencyMs,
  };
}

/** Counts the lists of parents that will be read again. */
export async function planMergedFanOut(
  {pageSize}: Pick<Docebo, 'pageSize'>,
  table: Table,
  {base, route}: {readonly base: Base; readonly route: ChildRoute},
  parents: Seen,
  {choices, nowMs}: Pick<PlannedMerge, 'choices' | 'nowMs'>,
): Promise<PlannedList> {
  const {changed = none} = parents;
  const keys = new Set(changed.records.map(row => readKey(row, route.parent.table)));
  const unchanged = parents.records.filter(row => !keys.has(readKey(row, route.parent.table)));
  const format = new PageFormat(table, route, pageSize);
  const carried = await CarriedLists.open(base, table, {nowMs, ...choices});
  const countAsked = async (records: readonly RawRecord[]) => {
    const {bounds, states} = await bindParents(route.parent, records);
    const lists = bounds.map(
      bound => new ChildList(route, format, bound, {isCounted: false, parent: states.get(bound) ?? {}}),
    );
    return lists.filter(list => !carried.holds(list)).length;
  };
  try {
    const scale = scaleOf(parents);
    const asked = (await countAsked(unchanged)) * scale + (await countAsked(changed.records));
    const unseen = changed.total - changed.records.length;
    const each = route.paging === 'single' ? 'one' : 'one or more';
    const estimate = {
      rows: null,
      requests: Math.round(asked + unseen),
      certainty: 'estimate',
      note: `Merged: ${each} for each of ${route.parent.table.name} that may have changed, or whose list is old.`,
      strategy: 'merge',
    } as const;
    return {estimate, seen: {...(await sampleBase(base)), changed: none}};
  } finally {
    await carried.close();
  }
}

const none = {records: [], total: 0};

/** Pages of a base that are looked at. */
const mostSampled = 20;

/** Rows from all over a base: those that changed last stand together. */
async function sampleBase(base: Base): Promise<{readonly records: readonly RawRecord[]; readonly total: number}> {
  const step = Math.max(1, Math.ceil(base.pages.length / mostSampled));
  const sampled = await BaseRows.with(base, async rows => {
    const records: RawRecord[] = [];
    for (const line of base.pages.filter((_, index) => index % step === 0)) {
      const page = await rows.read(line);
      for (let place = 0; place < line.records; place++) records.push(page.record(place));
    }
    return records;
  });
  return {records: sampled, total: base.completed.records};
}
