import type {InputFault, ReplyFault} from './list-faults.js';

/** Something that goes wrong on purpose for requests whose path and query match. */
export type Fault = FaultTarget & (InputFault | ReplyFault | AnswerFault);

/** What replaces the usual answer. */
export type AnswerFault =
  | {readonly kind: 'status'; readonly status: number; readonly retryAfter?: number | string}
  | {readonly kind: 'slow'; readonly delayMs: number}
  | {readonly kind: 'html' | 'truncated' | 'reset' | 'hang' | 'garbage-gzip' | 'error-body'}
  /** Half of the body: `cut` ends there as if it were all, after `stall` nothing comes and the connection stays open. */
  | {readonly kind: 'cut' | 'stall'}
  /** `{"success": false}` with status 200, as the legacy API says it (tables/API.md#errors). */
  | {readonly kind: 'failure-body'; readonly message?: string}
  /** Content-Length is too high by so many bytes, or too low if below 0. */
  | {readonly kind: 'wrong-length'; readonly by: number}
  /** A byte now and then, without end. */
  | {readonly kind: 'drip'; readonly intervalMs: number}
  /** @default 302 */
  | {readonly kind: 'redirect'; readonly location: string; readonly status?: number};

interface FaultTarget {
  /** A string matches anywhere in path and query. */
  readonly match: string | RegExp;
  /** How many matching requests it strikes. @default 1 */
  readonly times?: number;
  /** How many matching requests pass first. */
  readonly after?: number;
  /** Whether a write that it strikes happens all the same. @default only if it has an answer, which is then lost */
  readonly happens?: boolean;
}

const answerless: ReadonlySet<Fault['kind']> = new Set(['status', 'html', 'error-body', 'failure-body', 'redirect']);

/** Whether a write that the fault strikes happens. */
export function letsHappen({kind, happens = !answerless.has(kind)}: Fault): boolean {
  return happens;
}

export interface Faults {
  /** The first fault that strikes this request, which counts as one of its strikes. */
  strike(pathAndQuery: string): Fault | undefined;
}

export function createFaults(faults: readonly Fault[]): Faults {
  const armed = faults.map(fault => ({fault, wait: fault.after ?? 0, left: fault.times ?? 1}));
  return {
    strike(pathAndQuery) {
      for (const state of armed) {
        if (state.left <= 0 || !matches(state.fault.match, pathAndQuery)) continue;
        if (state.wait > 0) {
          state.wait -= 1;
          continue;
        }
        state.left -= 1;
        return state.fault;
      }
      return undefined;
    },
  };
}

function matches(match: string | RegExp, pathAndQuery: string): boolean {
  // search() ignores lastIndex, so a global pattern strikes every time
  return typeof match === 'string' ? pathAndQuery.includes(match) : pathAndQuery.search(match) >= 0;
}
