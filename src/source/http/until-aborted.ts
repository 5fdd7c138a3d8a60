import {InterruptedError} from '../../errors.js';

/**
 * What `work` resolves with, or InterruptedError as soon as the signal is aborted, whatever the work waits for. Unless `mayStop` denies it: the work then
 * ends by itself.
 */
export async function untilAborted<T>(signal: AbortSignal, work: Promise<T>, mayStop = () => true): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      if (mayStop()) reject(new InterruptedError('Interrupted.', {cause: signal.reason}));
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', stop));
}

/** Throws InterruptedError if the signal is aborted. */
export function refuseAborted({aborted, reason}: AbortSignal): void {
  if (aborted) throw new InterruptedError('Interrupted.', {cause: reason});
}
