import type {ToleratedRequest, Toleration} from './format.js';

/** The reason for a reply that is not a refusal, but counts as an empty list. */
export const blankReason = 'The reply held no list, which was taken for an empty one.';

export type Refusal = Omit<ToleratedRequest, 'type'>;

/** Tolerated refusals by status and reason, for the report. */
export function tallyTolerated(refusals: Iterable<Refusal>): readonly Toleration[] {
  const tolerations = new Map<string, Pick<Toleration, 'status' | 'reason'> & {readonly requests: string[]}>();
  for (const {request, status, reason} of refusals) {
    const key = `${status} ${reason}`;
    const known = tolerations.get(key) ?? {status, reason, requests: []};
    known.requests.push(request);
    tolerations.set(key, known);
  }
  return [...tolerations.values()].map(each => ({...each, count: each.requests.length}));
}
