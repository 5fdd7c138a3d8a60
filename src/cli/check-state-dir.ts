import {mkdtemp, rmdir} from 'node:fs/promises';
import {join} from 'node:path';
import {makeFolder} from '../local-paths.js';
import {refuseStateDir} from '../spool/run-folder.js';

/** Throws DestinationError if no run could be kept there. */
export async function checkStateDir(stateDir: string): Promise<void> {
  try {
    makeFolder(stateDir);
    await rmdir(await mkdtemp(join(stateDir, '.check-')));
  } catch (cause) {
    throw refuseStateDir(stateDir, cause);
  }
}
