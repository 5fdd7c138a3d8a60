import {open} from 'node:fs/promises';
import {DestinationError, messageOf} from '../errors.js';

const syncPauseMs = 200;

/** Syncs a file while it is being written, so that little is left for the end: there a gigabyte took a second or two. */
export async function syncMeanwhile(file: string, writing: Promise<void>): Promise<void> {
  let syncing = Promise.resolve();
  const timer = setInterval(() => {
    syncing = syncing.then(async () => syncPath(file)).catch(() => undefined);
  }, syncPauseMs);
  try {
    await writing;
  } finally {
    clearInterval(timer);
    await syncing;
  }
  await syncPath(file);
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the renames durable. The files are in place by now, so a failure does not undo them. */
export async function syncFolders(folders: ReadonlySet<string>): Promise<void> {
  for (const folder of folders) {
    try {
      await syncPath(folder);
    } catch (cause) {
      throw new DestinationError(
        `The files are in place, but ${folder} could not be made durable: ${messageOf(cause)}`,
        {
          hint: 'They are whole, and would be lost only if the machine failed now. Check the disk, and run again.',
          cause,
        },
      );
    }
  }
}
