import {randomUUID} from 'node:crypto';
import {mkdirSync, statSync} from 'node:fs';
import {rename, writeFile} from 'node:fs/promises';
import {homedir} from 'node:os';
import {dirname, isAbsolute, join} from 'node:path';
import {UsageError} from './errors.js';

/** Expands a leading `~` to the home folder, in a path that no shell has expanded. */
export function expandHome(path: string): string {
  const [first = '', ...rest] = path.split('/');
  if (first === '~') return join(homeFolder(), ...rest);
  if (!first.startsWith('~') || rest.length === 0) return path;
  throw new UsageError(`The path begins with ${first}, somebody's home folder, which is not looked up.`, {
    hint: `Write the whole path, or ./${first} for a folder of that name.`,
  });
}

/** The home folder. Throws UsageError if there is none: in a container HOME may be unset and the user have no account. */
export function homeFolder(): string {
  const folder = findHome();
  if (folder !== undefined && isAbsolute(folder)) return folder;
  throw new UsageError('There is no home folder: HOME does not name one.', {
    hint: 'Set HOME, or write whole paths: --state-dir names the folder for what is kept between runs.',
  });
}

/** The folder for what is kept between runs, unless another is named. Throws UsageError if there is no home folder. */
export function defaultStateDir(): string {
  const base = process.env['XDG_STATE_HOME'];
  // The XDG specification says to ignore a path that is not absolute.
  return join(base !== undefined && isAbsolute(base) ? base : join(homeFolder(), '.local', 'state'), 'docebo-ingest');
}

function findHome(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

/** Creates a folder and those above it. Node's own recursive mkdir never ends below /proc, where no folder can be created (Node 20). */
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
    // For a folder that exists, mkdir may fail with EEXIST, with EROFS on a read-only file system, and so on.
    if (statSync(folder, {throwIfNoEntry: false})?.isDirectory()) return true;
    throw error;
  }
}

/** Writes a private file, and its folder if need be, so that no reader meets a part of it. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const unfinished = `${file}.${randomUUID()}.tmp`;
  makeFolder(dirname(file));
  // On disk before it takes its name, so that a power cut leaves the old one or the new.
  await writeFile(unfinished, text, {mode: 0o600, flush: true});
  await rename(unfinished, file);
}

/** Whether the system refused a call, such as one that writes a file. */
export function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error;
}
