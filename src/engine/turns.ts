import {realpath, stat} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';

const last = new Map<string, Promise<unknown>>();

/**
 * A process opens a file only once at a time, and later callers wait: the lock does not keep out a second DuckDB of the same process, and
 * tables would be lost without an error.
 */
export async function takeTurn<T>(file: string, use: () => Promise<T>): Promise<T> {
  const names = await identify(file);
  const turn = Promise.all(names.map(name => last.get(name))).then(use);
  const end = turn.catch(() => undefined);
  for (const name of names) last.set(name, end);
  try {
    return await turn;
  } finally {
    for (const name of names.filter(each => last.get(each) === end)) last.delete(name);
  }
}

/** Whether this process has the file open. It must not even be opened and closed beside DuckDB, which would give up the lock (POSIX). */
export async function isOpenHere(file: string): Promise<boolean> {
  return (await identify(file)).some(name => last.has(name));
}

/** Identifies a file, whatever symbolic or hard links lead to it. A file that does not exist yet has no inode. */
async function identify(file: string): Promise<readonly string[]> {
  const path = realpath(file).catch(async () =>
    join(await realpath(dirname(file)).catch(() => dirname(file)), basename(file)),
  );
  const found = await stat(file, {bigint: true}).catch(() => undefined);
  return [await path, ...(found === undefined ? [] : [`${found.dev}:${found.ino}`])];
}
