import type {OnEvent} from '../../report.js';
import {type Docebo, type DoceboOptions, openDocebo} from '../../source/docebo.js';
import type {Settings} from '../../source/settings.js';
import {type Purpose, stopAtOnce, withInterrupt} from './interrupt.js';
import {openProgress, type ProgressOptions} from './progress.js';

/** A tenant, how it may be called, and how that is shown. */
export interface DoceboAccess {
  readonly settings: Settings;
  readonly options: DoceboOptions;
  readonly display: ProgressOptions;
}

/** Runs `work` with a tenant to ask, shows its progress and lets signals interrupt it. */
export async function withDocebo<T>(
  {settings, options, display}: DoceboAccess,
  purpose: Purpose,
  work: (docebo: Docebo) => Promise<T>,
): Promise<T> {
  return showRun(display, purpose, async shown => {
    const docebo = openDocebo(settings, {...options, ...shown});
    try {
      return await work(docebo);
    } finally {
      await docebo.close();
    }
  });
}

interface Shown {
  readonly onEvent: OnEvent;
  readonly signal: AbortSignal;
}

/** Runs `work`, shows its progress and lets signals interrupt it. */
export async function showRun<T>(
  display: ProgressOptions,
  purpose: Purpose,
  work: (shown: Shown) => Promise<T>,
): Promise<T> {
  const {onEvent, close} = await openProgress(display);
  try {
    return await withInterrupt(async signal => work({onEvent, signal}), {
      purpose,
      onAgain: () => stopAtOnce(display.progress, purpose),
    });
  } finally {
    close();
  }
}
