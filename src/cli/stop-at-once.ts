import {exitCodes} from '../errors.js';
import type {ProgressOptions} from './progress.js';
import {tellEnd, tellLine} from './tell.js';

/** Ends the process without tidying up; what has landed is durable. */
export function stopAtOnce(progress: ProgressOptions['progress']): never {
  const message = 'Stopped at once. What has landed is kept: the same ingest command with --resume goes on with it.';
  if (progress === 'json') tellEnd({exitCode: exitCodes.interrupted, error: {message}});
  else tellLine(`docebo-ingest: ${message}`);
  process.exit(exitCodes.interrupted);
}
