import {open, readdir, readFile, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {isUnderWay, markProcess, type ProcessMark} from './run-record.js';

/** Whoever has claimed a run's folder works on it alone, until this is called or the process is gone. */
export type Release = () => Promise<void>;

const pattern = /^claim-(\d+)(\.over)?$/;

/** A claim is written as soon as it is made; one that stays empty for longer is that of a process which died in between. */
const longestWriteMs = 10_000;

/**
 * Claims a folder for this process, or gives the process that holds it. Claims are numbered, and the highest counts: what is over or was
 * left by a dead process is followed by the next number. A claim is never removed or renamed, so that each number is made once only, however
 * old the list of the folder that somebody goes by; a second file beside it says that it is over.
 */
export async function claim(folder: string): Promise<Release | ProcessMark> {
  for (;;) {
    const {number, isOver} = await findLast(folder);
    const holder = number === 0 || isOver ? 'nobody' : await readClaim(join(folder, `claim-${number}`));
    if (holder !== 'nobody') return holder;
    const own = join(folder, `claim-${number + 1}`);
    if (await makeClaim(own)) return async () => giveUp(own);
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
    // Empty, it counts for a while only.
    await giveUp(file).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
}

async function giveUp(file: string): Promise<void> {
  await writeFile(`${file}.over`, '', {mode: 0o600});
}

/** Whether a run was begun in the folder that nobody works on any more. */
export async function isAbandoned(folder: string): Promise<boolean> {
  const {number, isOver} = await findLast(folder);
  return number > 0 && (isOver || (await readClaim(join(folder, `claim-${number}`))) === 'nobody');
}

async function findLast(folder: string): Promise<{readonly number: number; readonly isOver: boolean}> {
  let last = {number: 0, isOver: false};
  for (const name of await readdir(folder)) {
    const [, digits, over] = pattern.exec(name) ?? [];
    const number = Number(digits ?? 0);
    if (number > last.number) last = {number, isOver: over !== undefined};
    else if (number === last.number && over !== undefined) last = {number, isOver: true};
  }
  return last;
}

/** Who holds it, unless it is what a dead process left. */
async function readClaim(file: string): Promise<ProcessMark | 'nobody'> {
  try {
    const {mtimeMs} = await stat(file);
    const text = await readFile(file, 'utf8');
    if (text === '') return Date.now() - mtimeMs < longestWriteMs ? {pid: 0, startTime: null} : 'nobody';
    const holder: ProcessMark = JSON.parse(text);
    return (await isUnderWay({ended: null, process: holder})) ? holder : 'nobody';
  } catch (error) {
    if (error instanceof SyntaxError) return 'nobody';
    throw error;
  }
}
