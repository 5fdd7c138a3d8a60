import {realpath} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';

const last = new Map<string, Promise<unknown>>();

/**
 * One file is opened once at a time in a process: a second DuckDB of the same process is not kept out by the lock, and tables
 * are lost without an error. Whoever comes later waits.
 */
export async function takeTurn<T>(file: string, use: () => Promise<T>): Promise<T> {
  const key = await identify(file);
  const turn = (last.get(key) ?? Promise.resolve()).then(use);
  const end = turn.catch(() => undefined);
  last.set(key, end);
  try {
    return await turn;
  } finally {
    if (last.get(key) === end) last.delete(key);
  }
}

/** A file that this process has open must not even be opened and closed beside DuckDB: that gives up its lock (POSIX). */
export async function isOpenHere(file: string): Promise<boolean> {
  return last.has(await identify(file));
}

/** One name for a file, whatever links lead to it. */
async function identify(file: string): Promise<string> {
  return realpath(file).catch(async () =>
    join(await realpath(dirname(file)).catch(() => dirname(file)), basename(file)),
  );
}
