import type {PublishChoices} from '../../choices.js';
import type {Run} from '../../ingest.js';
import {type PublishArgs, readChoices} from './choices.js';

/** As yargs gives the flags of ingest about one run. */
interface RunArgs extends PublishArgs {
  readonly allowOlder: boolean;
  readonly driftRetries: number;
  readonly reportTimeout: number | undefined;
  readonly keepRuns: number;
  readonly resume: string | undefined;
}

/** What the flags of ingest say about a run, but for what it reads, where that goes, and merging. */
export function readRun(
  args: RunArgs,
  stateDir: string,
  before: PublishChoices,
): Omit<Run, 'docebo' | 'destination' | 'loads'> {
  const {allowOlder, driftRetries, reportTimeout, keepRuns, resume} = args;
  return {
    stateDir,
    allowOlder,
    ...readChoices(args, before),
    driftRetries,
    ...(reportTimeout !== undefined && {reportTimeoutMs: reportTimeout}),
    keepRuns,
    ...(resume !== undefined && {resume: resume === '' || resume === 'last' ? (true as const) : resume}),
  };
}
