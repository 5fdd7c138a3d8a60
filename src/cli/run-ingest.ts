import type {CastOptions, Destination, Target} from '../destination/destination.js';
import {ingest} from '../ingest.js';
import type {Report} from '../report.js';
import {openDocebo} from '../source/docebo.js';
import type {Settings} from '../source/settings.js';
import type {Table} from '../table.js';
import {withInterrupt} from './interrupt.js';
import {openProgress} from './progress.js';

interface Run {
  readonly settings: Settings;
  readonly destination: Destination;
  readonly loads: readonly {readonly table: Table; readonly target: Target}[];
  readonly cast: CastOptions;
  readonly stateDir: string;
  readonly allOrNothing: boolean;
  readonly pageSize: number;
  readonly parallelism: number;
  readonly progress?: 'interactive' | 'log' | 'json' | undefined;
  readonly quiet: boolean;
  readonly debug: boolean;
}

/** One run with its progress shown and its interruption heard. */
export async function runIngest({
  settings,
  pageSize,
  parallelism,
  progress,
  quiet,
  debug,
  ...run
}: Run): Promise<Report> {
  const shown = await openProgress({progress, quiet, debug});
  try {
    return await withInterrupt(async signal => {
      const docebo = openDocebo(settings, {pageSize, parallelism, onEvent: shown.onEvent, signal});
      try {
        return await ingest({docebo, ...run});
      } finally {
        await docebo.close();
      }
    });
  } finally {
    shown.close();
  }
}
