import {mkdir, mkdtemp, rmdir} from 'node:fs/promises';
import {join} from 'node:path';
import {DestinationError, messageOf} from '../errors.js';

/** Throws DestinationError if no run could be kept there. */
export async function checkStateDir(stateDir: string): Promise<void> {
  try {
    await mkdir(stateDir, {recursive: true, mode: 0o700});
    await rmdir(await mkdtemp(join(stateDir, '.check-')));
  } catch (cause) {
    throw new DestinationError(`The state folder ${stateDir} cannot be used: ${messageOf(cause)}.`, {
      hint: 'Choose another one with --state-dir.',
      cause,
    });
  }
}
