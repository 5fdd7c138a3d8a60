import type {Clock} from '../../src/source/http/budget.js';

/** Sleeps no longer than it takes to let others work, and believes that it slept. */
export function hastyClock(): Clock {
  let aheadMs = 0;
  return {
    now: () => Date.now() + aheadMs,
    random: () => 0.5,
    sleep: async (ms: number, signal: AbortSignal) => {
      signal.throwIfAborted();
      aheadMs += ms;
      await new Promise(resolve => setImmediate(resolve));
    },
  };
}
