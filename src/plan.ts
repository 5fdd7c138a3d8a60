import type {Area} from './table.js';

/** How certain a number is: counted, estimated from a sample of the parents, or a lower bound. */
export type Certainty = 'exact' | 'estimate' | 'at least';

/** What reading one table will take. */
export interface TablePlan {
  readonly table: string;
  readonly area: Area;
  /** Path of the route that will serve the table; null if none does. */
  readonly route: string | null;
  /** Whether the whole table will be read, or only what has changed since it was read last. */
  readonly strategy: 'replace' | 'merge';
  /** Why the whole table will be read, although a merge was asked for. */
  readonly reason?: string;
  /** Rows that Docebo counts; null if only reading them tells. */
  readonly rows: number | null;
  /** Calls, including those that Docebo refuses. */
  readonly requests: number;
  /** Of `requests`. */
  readonly certainty: Certainty;
  readonly note: string | null;
}

/** What a run will take. */
export interface Plan {
  /** In the order in which they are read. Parents come first, even those that were not asked for. */
  readonly tables: readonly TablePlan[];
  readonly requests: number;
  readonly certainty: Certainty;
  readonly tokenRequests: number;
  /** Calls for data that the plan itself made. */
  readonly planRequests: number;
  /** How long the run will take with this many calls; null if unknown. */
  readonly minutes: number | null;
  readonly ratePerHour: number | null;
  /** How much of the hourly limit is used; null if there is no limit. */
  readonly hour: PlannedHour | null;
  /** Tables of which nothing is known, because no call was left for them; null if there are none. */
  readonly unasked: Unasked | null;
}

export interface PlannedHour {
  readonly limit: number;
  /** Calls in the last hour, including those of the plan and of other runs. */
  readonly used: number;
  /** When the next call may be made; null for now. */
  readonly nextCallAt: string | null;
  /** When all calls of the limit are free again; null if they are. */
  readonly freeAt: string | null;
}

export interface Unasked {
  readonly tables: readonly string[];
  readonly reason: string;
}

/** What the plan's own calls show about the pace of a run. */
export interface Pace {
  readonly planRequests: number;
  readonly planTokenRequests: number;
  /** Mean time of one call; null if none was made. */
  readonly latencyMs: number | null;
  readonly parallelism: number;
  readonly ratePerHour: number | null;
  /** How long it takes until the last of so many calls may be sent within the hourly limit. */
  readonly msUntil: (calls: number) => number;
  readonly hour: PlannedHour | null;
}

/** Docebo's tokens last an hour (tables/API.md#tokens). */
const tokenMinutes = 60;

export function sumPlan(tables: readonly TablePlan[], pace: Pace, unasked: Unasked | null = null): Plan {
  const requests = tables.reduce((sum, table) => sum + table.requests, 0);
  const minutes = estimateMinutes(requests, pace);
  const {planRequests, planTokenRequests, ratePerHour, hour} = pace;
  return {
    tables,
    requests,
    certainty: leastCertain(tables.map(({certainty}) => certainty)),
    // A ready token costs no token call.
    tokenRequests: planTokenRequests === 0 ? 0 : Math.max(1, Math.ceil((minutes ?? 0) / tokenMinutes)),
    planRequests,
    minutes,
    ratePerHour,
    hour,
    unasked,
  };
}

/** The certainty of a sum: one lower bound makes it a lower bound, whatever else was estimated. */
export function leastCertain(certainties: readonly Certainty[]): Certainty {
  if (certainties.includes('at least')) return 'at least';
  return certainties.includes('estimate') ? 'estimate' : 'exact';
}

function estimateMinutes(requests: number, {latencyMs, parallelism, ratePerHour, msUntil}: Pace): number | null {
  const limitedMs = ratePerHour === null ? null : msUntil(requests);
  const networkMs = latencyMs === null ? null : (requests * latencyMs) / parallelism;
  if (limitedMs === null && networkMs === null) return null;
  return Math.max(limitedMs ?? 0, networkMs ?? 0) / 60_000;
}
