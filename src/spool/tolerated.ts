import type {Toleration} from '../report.js';
import type {ToleratedRequest} from './format.js';

export type Refusal = Omit<ToleratedRequest, 'type'>;

/** Tolerated refusals by status, as the report tells them. */
export function tallyTolerated(refusals: Iterable<Refusal>): readonly Toleration[] {
  const tolerations = new Map<number, Pick<Toleration, 'status' | 'reason'> & {readonly requests: string[]}>();
  for (const {request, status, reason} of refusals) {
    const known = tolerations.get(status) ?? {status, reason, requests: []};
    known.requests.push(request);
    tolerations.set(status, known);
  }
  return [...tolerations.values()].map(each => ({...each, count: each.requests.length}));
}
