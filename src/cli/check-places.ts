import {mkdtemp, rmdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {Destination, Target} from '../destination/destination.js';
import {makeFolder} from '../local-paths.js';
import {refuseStateDir} from '../spool/run-folder.js';
import type {ProgressOptions} from './progress.js';
import {tellWarning} from './tell.js';

/** Throws DestinationError if the tables could not be written where they are to go, and warns of what is odd about it. */
export async function checkDestination(
  destination: Destination,
  targets: readonly Target[],
  progress: ProgressOptions['progress'],
): Promise<void> {
  for (const message of await destination.check(targets)) tellWarning(progress, {table: null, message});
}

/** Throws DestinationError if no run could be kept there. */
export async function checkStateDir(stateDir: string): Promise<void> {
  try {
    makeFolder(stateDir);
    await rmdir(await mkdtemp(join(stateDir, '.check-')));
  } catch (cause) {
    throw refuseStateDir(stateDir, cause);
  }
}
