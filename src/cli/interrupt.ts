import {exitCodes, IngestError, InterruptedError} from '../errors.js';

/**
 * Gives `work` a signal that SIGINT and SIGTERM abort. What an aborted run throws unawares is told as the interruption it is; a
 * second signal does not wait for the tidying up.
 */
export async function withInterrupt<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const {signal} = controller;
  const interrupt = (name: NodeJS.Signals) => {
    if (signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort(new InterruptedError(`Stopped by ${name}`));
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    return await work(signal);
  } catch (error) {
    throw signal.aborted && !(error instanceof IngestError) ? signal.reason : error;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

/** Resolves at the first SIGINT or SIGTERM: stopping is how a server is meant to end. */
export function untilStopped(): Promise<void> {
  return new Promise(resolve => {
    process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve());
  });
}
