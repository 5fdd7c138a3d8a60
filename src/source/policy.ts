import {RejectedError} from '../errors.js';

/** What to do with a reply that is not a page. Pure: a table and two functions. */

export type Verdict = 'accept' | 'renew-token' | 'retry' | 'reject';

/** Anything else that is not 2xx is rejected. 503 is Docebo's word for overload since June 2025 (api-facts §3). */
const verdicts: Readonly<Record<number, Verdict>> = {
  401: 'renew-token',
  408: 'retry',
  425: 'retry',
  429: 'retry',
  500: 'retry',
  502: 'retry',
  503: 'retry',
  504: 'retry',
};

export function judge(status: number): Verdict {
  return status >= 200 && status < 300 ? 'accept' : (verdicts[status] ?? 'reject');
}

/** Statuses that say a route is not for this credential or tenant, so that the next one may be tried. */
export const routeRefusals: ReadonlySet<number> = new Set([400, 403, 404, 405, 501]);

export function isRouteRefusal(error: unknown): error is RejectedError {
  return error instanceof RejectedError && routeRefusals.has(error.status ?? 0);
}

/** Milliseconds that Retry-After asks for, given in seconds or as an HTTP date; undefined if there is none to obey. */
export function readRetryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

const firstBackoffMs = 1000;
const longestBackoffMs = 60_000;

/** Exponential with full jitter: spreads the retries of many requests that failed together. */
export function backoffMs(attempt: number, random: () => number): number {
  return random() * Math.min(longestBackoffMs, firstBackoffMs * 2 ** (attempt - 1));
}
