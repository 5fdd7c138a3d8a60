import type {RawRecord} from '../../json/raw-record.js';
import type {TablePlan} from '../../plan.js';
import {isDerived} from '../../routes.js';
import {readValue} from '../../spool/record-values.js';
import type {ApiRoute, Table} from '../../table.js';
import {countLooks} from '../lists/known-keys.js';
import {ListLength} from '../lists/length.js';
import type {Sample} from '../lists/sample.js';
import type {ChildRoute} from './child-list.js';
import {TreeWalk} from './tree-walk.js';

/** The rows of a table that a plan has seen. */
export interface Seen {
  readonly records: readonly RawRecord[];
  /** Rows in all, if known. */
  readonly total: number | null;
  /** Set if the rows are those of an earlier run: some of those that may have changed since, and how many these are. */
  readonly changed?: {readonly records: readonly RawRecord[]; readonly total: number};
}

/** Of one that has no strategy the table is replaced. */
export interface Estimate
  extends Pick<TablePlan, 'rows' | 'requests' | 'certainty' | 'note' | 'reason'>,
    Partial<Pick<TablePlan, 'strategy'>> {
  /** About how many rows there will be, if the rows of its parent say so. */
  readonly expectedRows?: number;
}

export function needs({name}: Table): string {
  return `It needs ${name}, which cannot be read.`;
}

/** The least that the export of a report takes. */
export const exported: Estimate = {
  rows: null,
  requests: 3,
  certainty: 'at least',
  note: 'One call starts the export, one or more ask whether it is ready, and one reads 1,000 rows.',
};

export function nothing(note: string, requests = 0): Estimate {
  return {rows: null, requests, certainty: 'exact', note};
}

export function planList(table: Table, route: ApiRoute, {facts, cursor, records}: Sample): Estimate {
  const {sent, total, has_more} = facts;
  const length = new ListLength();
  length.add(facts);
  const {pages} = length;
  if (route.paging === 'single') return {rows: sent, requests: 1, certainty: 'exact', note: null};
  // If the server does not say where a list ends, it is followed until a page is empty.
  if (pages === null) {
    const requests = (has_more ?? sent > 0) ? 2 : 1;
    const note = requests === 1 ? null : 'Docebo does not say how long the list is.';
    return {rows: requests === 1 ? sent : null, requests, certainty: requests === 1 ? 'exact' : 'at least', note};
  }
  const counted = total ?? (pages === 1 ? sent : null);
  // The root of a tree stands beside the list.
  const rows = counted === null ? null : counted + Math.max(0, records.length - sent);
  const requests = pages + (cursor === null ? countLooks(pages) : 0);
  return planTree(table, route, records, {rows, requests, certainty: 'exact', note: null});
}

/** Each node that lacks nodes below it has a list. */
function planTree(table: Table, {descend}: ApiRoute, records: readonly RawRecord[], list: Estimate): Estimate {
  if (descend === undefined) return list;
  const walk = new TreeWalk(table, descend, 0);
  walk.add(
    null,
    records.map(record => walk.readNode(record)),
    records.length,
  );
  const open = walk.next().length;
  if (open === 0 && records.length === list.rows) return list;
  const note = 'A tree: each level tells of the lists below it.';
  // If only a part of the tree was read, a node whose children are on a later page looks open.
  const below = records.length === list.rows ? open : 0;
  return {rows: null, requests: list.requests + below, certainty: 'at least', note};
}

/** `relevant`: how many of the parents that were seen are asked for their list. */
export function planFanOut(route: ChildRoute, relevant: number, seen: Seen): Estimate {
  const {records, total} = seen;
  const {name} = route.parent.table;
  const each = route.paging === 'single' ? 'One' : 'One or more';
  const scale = scaleOf(seen);
  const expectedRows = countRows(route, relevant, records);
  const estimate = {
    rows: null,
    requests: relevant,
    ...(expectedRows !== null && {expectedRows: Math.round(expectedRows * scale)}),
  };
  if (total === records.length) {
    const certainty = route.paging === 'single' ? 'exact' : 'at least';
    return {...estimate, certainty, note: `${each} for each of ${relevant} ${name}.`};
  }
  const sampled = `${relevant} of the ${records.length} ${name} that were sampled`;
  if (total === null) return {...estimate, certainty: 'at least', note: `${each} for ${sampled}.`};
  const requests = records.length === 0 ? 0 : Math.round(relevant * scale);
  return {...estimate, requests, certainty: 'estimate', note: `${each} for ${sampled}, scaled to all ${total}.`};
}

/** How many rows there are for each that was seen, as far as that is known. */
export function scaleOf({records, total}: Seen): number {
  return total === null || records.length === 0 ? 1 : total / records.length;
}

/** The rows that parents count in their lists, as far as they count them; null if none does. */
function countRows({record, parent}: ChildRoute, relevant: number, records: readonly RawRecord[]): number | null {
  if (record !== undefined) return relevant;
  const [column, ...others] = parent.skipIfZero ?? [];
  // Of two counts neither is that of the rows: a learning plan counts its courses and its enrolments.
  if (column === undefined || others.length > 0) return null;
  const counts = records.map(row => readValue(row, parent.table, column)).filter(count => count !== null);
  return counts.length === 0 ? null : counts.map(Number).reduce((sum, count) => sum + count, 0);
}

/** For parents of which no row was seen. `expected`: about how many there will be. */
export function planUnknown({parent: {table}}: ChildRoute, parent: TablePlan, expected: number | undefined): Estimate {
  if (parent.route === null) return nothing(needs(table));
  if (expected !== undefined) {
    const note = `One or more for each of ${table.name}, about ${expected} by the counts of their own parents.`;
    return {rows: null, requests: expected, certainty: 'estimate', note};
  }
  const [source = table] = table.routes.filter(isDerived).map(({derive}) => derive.table);
  const note = `One or more for each of ${table.name}, which are known once ${source.name} are read.`;
  return {rows: null, requests: 0, certainty: 'at least', note};
}
