import {constants} from 'node:fs';
import {access, mkdtemp, rmdir, stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {DestinationError, messageOf} from '../errors.js';
import {makeFolder} from '../local-paths.js';

/**
 * Throws DestinationError if files cannot be created in the folder, which need not exist yet. Leaves nothing behind. Returns notes about
 * the place.
 */
export async function checkFolder(folder: string): Promise<readonly string[]> {
  const nearest = await nearestExisting(folder);
  const found = await stat(nearest);
  if (!found.isDirectory()) throw new DestinationError(`${nearest} is not a folder, so ${folder} cannot be one`);
  try {
    await access(nearest, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new DestinationError(`${folder} cannot be written: this user may not write to ${nearest}`, {
      hint: 'Choose another folder, or have its permissions changed.',
      cause,
    });
  }
  if (nearest === folder) return [];
  await tryFolder(nearest, folder);
  return dirname(nearest) === nearest ? [`${folder} will be created at the root of the disk. ${relativeHint}`] : [];
}

const relativeHint =
  'With a folder in its name, a path in the current folder begins with two slashes instead of three.';

/** Permissions alone do not tell: those of /proc allow writing, but nothing can be created there. */
async function tryFolder(nearest: string, folder: string): Promise<void> {
  try {
    await rmdir(await mkdtemp(join(nearest, '.docebo-ingest-')));
  } catch (cause) {
    throw cannotMake(folder, cause);
  }
}

/** Creates the folder of a file. Throws DestinationError. */
export function makeTargetFolder(folder: string): void {
  try {
    makeFolder(folder);
  } catch (cause) {
    throw cannotMake(folder, cause);
  }
}

function cannotMake(folder: string, cause: unknown): DestinationError {
  return new DestinationError(`The folder ${folder} cannot be created: ${messageOf(cause)}`, {
    hint: 'Choose another folder.',
    cause,
  });
}

async function nearestExisting(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined);
  const parent = dirname(folder);
  return found !== undefined || parent === folder ? folder : nearestExisting(parent);
}
