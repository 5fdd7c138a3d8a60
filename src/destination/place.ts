import {chmod, chown, rename, stat} from 'node:fs/promises';
import {basename} from 'node:path';
import {DestinationError, messageOf} from '../errors.js';

/** Whether a file can be put there by a rename. Throws DestinationError if not. */
export async function checkPlace(file: string): Promise<void> {
  const found = await stat(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw new DestinationError(`${basename(file)} cannot be written: ${cause.message}`, {
      hint: 'Choose another name for the table.',
      cause,
    });
  });
  if (found === undefined || found.isFile()) return;
  throw new DestinationError(`${file} is there, but it is not a file`, {
    hint: 'Move it away, or choose another name for the table.',
  });
}

/** A file that belongs to somebody else, or that others may read, stays so. Only root may give a file away. */
async function keepAccess(from: string, to: string): Promise<void> {
  const earlier = await stat(to).catch(() => undefined);
  if (earlier === undefined) return;
  const {uid, gid} = await stat(from);
  if (uid !== earlier.uid || gid !== earlier.gid) await chown(from, earlier.uid, earlier.gid).catch(() => undefined);
  await chmod(from, earlier.mode & 0o777);
}

/** A finished file that waits beside its place. */
export interface Waiting {
  readonly from: string;
  readonly to: string;
}

/**
 * Renames one file after the other, as a file system has no way to rename several at once: a reader that comes meanwhile finds
 * each file whole, but some of them earlier than others. Stops where one fails, and tells which are new.
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
