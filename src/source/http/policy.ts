import {RejectedError} from '../../errors.js';

/** What to do with a reply that is not a page. Pure: a table and two functions. */

export type Verdict = 'accept' | 'renew-token' | 'retry' | 'reject';

/** Accepted but not done yet, and a part that nobody asked for. */
const unfinished: ReadonlySet<number> = new Set([202, 206]);

/** Timeouts, locks and closed connections: 444 and 499 are nginx's codes for them. */
const passingRefusals: ReadonlySet<number> = new Set([408, 423, 425, 429, 444, 499]);
/** Not implemented, HTTP version, sign-in page of a network: they last until somebody changes something. */
const lastingFailures: ReadonlySet<number> = new Set([501, 505, 511]);

/**
 * 503 means overload at Docebo since June 2025 (tables/API.md#rate-limits). Every other 5xx passes too, even those that proxies and hosts made up
 * (509, 520 to 530, 599).
 */
export function judge(status: number): Verdict {
  if (unfinished.has(status)) return 'retry';
  if (status >= 200 && status < 300) return 'accept';
  if (status === 401) return 'renew-token';
  if (passingRefusals.has(status)) return 'retry';
  return status >= 500 && !lastingFailures.has(status) ? 'retry' : 'reject';
}

/** Statuses that say that a route is not for this credential or tenant, so the next one may be tried. */
export const routeRefusals: ReadonlySet<number> = new Set([400, 403, 404, 405, 501]);

export function isRouteRefusal(error: unknown): error is RejectedError {
  return error instanceof RejectedError && routeRefusals.has(error.status ?? 0);
}

/** How Docebo refuses what belongs to an app that the tenant does not have, or that the credential may not see. */
export function isAbsence(error: unknown): boolean {
  return error instanceof RejectedError && (error.status === 403 || error.status === 404) && !error.isPage;
}

/**
 * Milliseconds that Retry-After asks for, given in seconds, as an HTTP date or as seconds since 1970; undefined if there is none to obey. Of several
 * values, such as a proxy that adds its own sends, the longest counts.
 */
export function readRetryAfterMs(header: string | readonly string[] | undefined, nowMs: number): number | undefined {
  const values = [header ?? []].flat().flatMap(text => [text, ...text.split(/[,;]/)]);
  const waits = values.map(value => readWaitMs(value.trim(), nowMs)).filter(wait => wait !== undefined);
  return waits.length === 0 ? undefined : Math.max(...waits);
}

/** Thirty years: so large a number is a point in time, not a wait. */
const leastEpochSeconds = 1e9;

function readWaitMs(value: string, nowMs: number): number | undefined {
  if (/^\d+(\.\d*)?$/.test(value)) {
    const seconds = Number(value);
    return seconds < leastEpochSeconds ? seconds * 1000 : Math.max(0, seconds * 1000 - nowMs);
  }
  const at = /[a-z]{3} \d{4}|\d{4}-\d/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

const firstBackoffMs = 1000;
const longestBackoffMs = 60_000;

/** Exponential with full jitter: spreads the retries of many requests that failed together. */
export function backoffMs(attempt: number, random: () => number): number {
  return random() * Math.min(longestBackoffMs, firstBackoffMs * 2 ** (attempt - 1));
}
