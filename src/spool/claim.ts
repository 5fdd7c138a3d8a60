import {open, readdir, readFile, rename, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {isUnderWay, markProcess, type ProcessMark} from './run-record.js';

/** Whoever has claimed a run's folder works on it alone, until this is called or the process is gone. */
export type Release = () => Promise<void>;

const pattern = /^claim-(\d+)(\.over)?$/;

/** A claim is written as soon as it is made; one that stays empty for longer is that of a process which died in between. */
const longestWriteMs = 10_000;

/**
 * Claims a folder for this process, or gives the process that holds it. Claims are numbered and never removed, and the highest counts:
 * what is over or was left by a dead process is followed by the next number, which only one process can make.
 */
export async function claim(folder: string): Promise<Release | ProcessMark> {
  for (;;) {
    const {number, isOver} = await findLast(folder);
    if (number > 0 && !isOver) {
      const last = await readClaim(join(folder, `claim-${number}`));
      if (last === 'gone') continue;
      if (last !== 'dead') return last;
    }
    const own = join(folder, `claim-${number + 1}`);
    if (await makeClaim(own)) return async () => rename(own, `${own}.over`);
  }
}

/** Whether the claim could be made: another process may have been first. */
async function makeClaim(file: string): Promise<boolean> {
  const mark = JSON.stringify(await markProcess(process.pid));
  const handle = await open(file, 'wx', 0o600).catch(error => {
    if (error.code === 'EEXIST') return undefined;
    throw error;
  });
  if (handle === undefined) return false;
  try {
    await handle.writeFile(mark);
    return true;
  } catch (error) {
    await rename(file, `${file}.over`);
    throw error;
  } finally {
    await handle.close();
  }
}

/** Whether a run was begun in the folder that nobody works on any more. */
export async function isAbandoned(folder: string): Promise<boolean> {
  const {number, isOver} = await findLast(folder);
  return number > 0 && (isOver || (await readClaim(join(folder, `claim-${number}`))) === 'dead');
}

async function findLast(folder: string): Promise<{readonly number: number; readonly isOver: boolean}> {
  let last = {number: 0, isOver: false};
  for (const name of await readdir(folder)) {
    const [, digits, over] = pattern.exec(name) ?? [];
    if (Number(digits ?? 0) > last.number) last = {number: Number(digits), isOver: over !== undefined};
  }
  return last;
}

/** Who holds it; `gone` if it was given up meanwhile. */
async function readClaim(file: string): Promise<ProcessMark | 'dead' | 'gone'> {
  try {
    const {mtimeMs} = await stat(file);
    const text = await readFile(file, 'utf8');
    if (text === '') return Date.now() - mtimeMs < longestWriteMs ? {pid: 0, startTime: null} : 'dead';
    const holder: ProcessMark = JSON.parse(text);
    return (await isUnderWay({ended: null, process: holder})) ? holder : 'dead';
  } catch (error) {
    return error instanceof SyntaxError ? 'dead' : 'gone';
  }
}
