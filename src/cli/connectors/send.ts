import {defaultChoices} from '../../choices.js';
import type {Bookmarks, Dialect, Stream} from '../../destination/messages/dialect.js';
import {openMessages} from '../../destination/messages/messages.js';
import {ingest} from '../../ingest.js';
import type {Report} from '../../report.js';
import {readAccess} from '../options/access.js';
import {readMerge} from '../options/choices.js';
import {readRun} from '../options/read-run.js';
import {printMessages} from '../printing/print.js';
import {tellBeside} from '../printing/print-report.js';
import type {ProgressOptions} from '../progress/progress.js';
import {withDocebo} from '../progress/with-docebo.js';
import type {Config} from './read-config.js';
import {toLoads} from './streams.js';

interface Sending {
  readonly config: Config;
  readonly dialect: Dialect;
  readonly streams: readonly Stream[];
  readonly bookmarks: Bookmarks;
  /** As --resume gives it. */
  readonly resume?: string | undefined;
  readonly display: ProgressOptions;
  /** Gets the report before an incomplete run is refused. */
  readonly onReport?: (report: Report) => Promise<void>;
}

/** Loads tables as ingest does, and sends those that are proved to stdout. Throws an error that says so if one is not. */
export async function sendTables({
  config: {env, args},
  dialect,
  streams,
  bookmarks,
  resume,
  display,
  onReport,
}: Sending): Promise<void> {
  const destination = openMessages({dialect, streams, bookmarks, write: printMessages});
  const access = await readAccess({...args, ...display, progress: display.progress, sourceUri: undefined}, env);
  const run = readRun(
    {...args, resume, reportTimeout: undefined, reportTypes: undefined},
    access.stateDir,
    defaultChoices,
  );
  const report = await withDocebo(access, 'publish', async docebo =>
    ingest({docebo, destination, ...run, ...readMerge(args), loads: toLoads(streams)}),
  );
  await onReport?.(report);
  tellBeside(report, {...display, stateDir: access.stateDir, command: dialect.protocol});
}
