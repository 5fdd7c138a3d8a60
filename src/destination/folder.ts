import {constants} from 'node:fs';
import {access, stat} from 'node:fs/promises';
import {dirname} from 'node:path';
import {DestinationError} from '../errors.js';

/** Whether files can be created in the folder, which may have to be created itself. Creates nothing. */
export async function checkFolder(folder: string): Promise<void> {
  const nearest = await nearestExisting(folder);
  const found = await stat(nearest);
  if (!found.isDirectory()) throw new DestinationError(`${nearest} is not a folder, so ${folder} cannot be one`);
  try {
    await access(nearest, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new DestinationError(`Nothing can be written to ${folder}: ${nearest} is not writable by this user`, {
      hint: 'Choose another folder, or have its permissions changed.',
      cause,
    });
  }
}

async function nearestExisting(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined);
  const parent = dirname(folder);
  return found !== undefined || parent === folder ? folder : nearestExisting(parent);
}
