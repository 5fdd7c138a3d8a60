import type {Toleration} from '../report.js';
import type {ToleratedRequest} from './format.js';

export type Refusal = Omit<ToleratedRequest, 'type'>;

/** Requests named per toleration: enough to look into it, few enough to read. */
const mostExamples = 5;

/** Tolerated refusals by status, as the report tells them. */
export function tallyTolerated(refusals: Iterable<Refusal>): readonly Toleration[] {
  const tolerations = new Map<number, Toleration>();
  for (const {request, status, reason} of refusals) {
    const known = tolerations.get(status) ?? {status, reason, count: 0, requests: []};
    const requests = known.requests.length < mostExamples ? [...known.requests, request] : known.requests;
    tolerations.set(status, {...known, count: known.count + 1, requests});
  }
  return [...tolerations.values()];
}
