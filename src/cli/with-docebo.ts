import {type Docebo, type DoceboOptions, openDocebo} from '../source/docebo.js';
import type {Settings} from '../source/settings.js';
import {withInterrupt} from './interrupt.js';
import {openProgress, type ProgressOptions} from './progress.js';
import {stopAtOnce} from './stop-at-once.js';

/** A tenant, how it may be called, and how that is shown. */
export interface DoceboAccess {
  readonly settings: Settings;
  readonly options: DoceboOptions;
  readonly display: ProgressOptions;
}

/** Gives `work` a tenant to ask, with its progress shown and its interruption heard. */
export async function withDocebo<T>(
  {settings, options, display}: DoceboAccess,
  work: (docebo: Docebo) => Promise<T>,
): Promise<T> {
  const shown = await openProgress(display);
  try {
    return await withInterrupt(
      async signal => {
        const docebo = openDocebo(settings, {...options, onEvent: shown.onEvent, signal});
        try {
          return await work(docebo);
        } finally {
          await docebo.close();
        }
      },
      {onAgain: () => stopAtOnce(display.progress)},
    );
  } finally {
    shown.close();
  }
}
