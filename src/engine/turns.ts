import {realpath, stat} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';

const last = new Map<string, Promise<unknown>>();

/**
 * One file is opened once at a time in a process: a second DuckDB of the same process is not kept out by the lock, and tables
 * are lost without an error. Whoever comes later waits.
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

/** A file that this process has open must not even be opened and closed beside DuckDB: that gives up its lock (POSIX). */
export async function isOpenHere(file: string): Promise<boolean> {
  return (await identify(file)).some(name => last.has(name));
}

/** The same for a file whatever links lead to it, symbolic or hard. A file that is not there yet has no number. */
async function identify(file: string): Promise<readonly string[]> {
  const path = realpath(file).catch(async () =>
    join(await realpath(dirname(file)).catch(() => dirname(file)), basename(file)),
  );
  const found = await stat(file, {bigint: true}).catch(() => undefined);
  return [await path, ...(found === undefined ? [] : [`${found.dev}:${found.ino}`])];
}
