import type {OnEvent} from '../report.js';
import {withInterrupt} from './interrupt.js';
import {openProgress, type ProgressOptions} from './progress.js';
import {stopAtOnce} from './stop-at-once.js';

interface Shown {
  readonly onEvent: OnEvent;
  readonly signal: AbortSignal;
}

/** Does `work` with its progress shown and its interruption heard. */
export async function showRun<T>(display: ProgressOptions, work: (shown: Shown) => Promise<T>): Promise<T> {
  const {onEvent, close} = await openProgress(display);
  try {
    return await withInterrupt(async signal => work({onEvent, signal}), {onAgain: () => stopAtOnce(display.progress)});
  } finally {
    close();
  }
}
