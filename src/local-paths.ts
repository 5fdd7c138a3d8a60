import {mkdirSync, statSync} from 'node:fs';
import {homedir} from 'node:os';
import {dirname, isAbsolute, join} from 'node:path';
import {UsageError} from './errors.js';

/** A path as a person types it, where no shell has expanded it: a leading `~` is the home folder. */
export function expandHome(path: string): string {
  const [first = '', ...rest] = path.split('/');
  if (first === '~') return join(homeFolder(), ...rest);
  if (!first.startsWith('~') || rest.length === 0) return path;
  throw new UsageError(`The path begins with ${first}, somebody's home folder, which is not looked up.`, {
    hint: `Write the whole path, or ./${first} for a folder that is called so.`,
  });
}

/** A container's user may have none: HOME is unset and no account names a folder. Throws UsageError then. */
export function homeFolder(): string {
  const folder = findHome();
  if (folder !== undefined && isAbsolute(folder)) return folder;
  throw new UsageError('There is no home folder: HOME is not set to one.', {
    hint: 'Set HOME, or write whole paths: --state-dir names the folder for what is kept between runs.',
  });
}

function findHome(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

/** Makes a folder and those above it. Node's own recursive mkdir goes round for ever below /proc (Node 20), which takes no folder. */
export function makeFolder(folder: string): void {
  if (makeOne(folder)) return;
  makeFolder(dirname(folder));
  if (!makeOne(folder)) mkdirSync(folder);
}

/** False if the folder above it is missing. */
function makeOne(folder: string): boolean {
  try {
    mkdirSync(folder, {mode: 0o700});
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' && dirname(folder) !== folder) return false;
    // Whatever mkdir says of a folder that is there: EEXIST, or EROFS where nothing can be written, and the like.
    if (statSync(folder, {throwIfNoEntry: false})?.isDirectory()) return true;
    throw error;
  }
}
