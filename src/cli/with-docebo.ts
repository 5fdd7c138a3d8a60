import {type Docebo, type DoceboOptions, openDocebo} from '../source/docebo.js';
import type {Settings} from '../source/settings.js';
import type {ProgressOptions} from './progress.js';
import {showRun} from './show-run.js';

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
  return showRun(display, async shown => {
    const docebo = openDocebo(settings, {...options, ...shown});
    try {
      return await work(docebo);
    } finally {
      await docebo.close();
    }
  });
}
