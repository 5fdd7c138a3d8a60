import {chmod, chown, rename, stat} from 'node:fs/promises';
import {basename} from 'node:path';
import {DestinationError, messageOf} from '../errors.js';

/** Throws DestinationError if no file can be put there by a rename. */
export async function checkPlace(file: string): Promise<void> {
  const found = await stat(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw new DestinationError(`${basename(file)} cannot be written: ${cause.message}`, {
      hint: 'Choose another name for the table.',
      cause,
    });
  });
  if (found === undefined || found.isFile()) return;
  throw new DestinationError(`${file} exists, but it is not a file`, {
    hint: 'Move it away, or choose another name for the table.',
  });
}

/** Keeps the owner and the permissions of the earlier file. Only root may give a file away. */
async function keepAccess(from: string, to: string): Promise<void> {
  const earlier = await stat(to).catch(() => undefined);
  if (earlier === undefined) return;
  const {uid, gid} = await stat(from);
  if (uid !== earlier.uid || gid !== earlier.gid) await chown(from, earlier.uid, earlier.gid).catch(() => undefined);
  await chmod(from, earlier.mode & 0o777);
}

/** A finished file that waits beside its final place. */
export interface Waiting {
  readonly from: string;
  readonly to: string;
}

/**
 * Renames one file after the other, because no file system renames several at once: meanwhile a reader finds each file whole, but some new
 * and some old. Stops at the first failure, and says which are new.
 */
export async function putInPlace(
  files: readonly Waiting[],
  renameFile: typeof rename = rename,
): Promise<{readonly isNew: (file: Waiting) => boolean; readonly error: DestinationError | undefined}> {
  for (const [i, {from, to}] of files.entries()) {
    try {
      await keepAccess(from, to);
      await renameFile(from, to);
    } catch (cause) {
      const names = files.map(file => basename(file.to));
      const list = (some: readonly string[]) => (some.length === 0 ? 'none' : some.join(', '));
      const error = new DestinationError(`${basename(to)} could not be put in place: ${messageOf(cause)}`, {
        hint: `New: ${list(names.slice(0, i))}. As before: ${list(names.slice(i))}.`,
        cause,
      });
      return {isNew: file => files.indexOf(file) < i, error};
    }
  }
  return {isNew: () => true, error: undefined};
}
