import {mkdir, mkdtemp, rmdir} from 'node:fs/promises';
import {join} from 'node:path';
import {refuseStateDir} from '../spool/run-folder.js';

/** Throws DestinationError if no run could be kept there. */
export async function checkStateDir(stateDir: string): Promise<void> {
  try {
    await mkdir(stateDir, {recursive: true, mode: 0o700});
    await rmdir(await mkdtemp(join(stateDir, '.check-')));
  } catch (cause) {
    throw refuseStateDir(stateDir, cause);
  }
}
