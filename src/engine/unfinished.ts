import {createHash, randomUUID} from 'node:crypto';
import {readdir, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {findFate, markProcess} from '../process-mark.js';

const pattern = /^\.docebo-ingest-(\d+)-(\d*)-(\w*)-[0-9a-f-]{36}\.tmp$/;

/** By then another container or machine has finished its file or given it up. */
const longestMs = 24 * 3_600_000;

/** A name for an unfinished file that tells which process makes it. It is short, so that it fits wherever the final name does. */
export async function nameUnfinished(): Promise<string> {
  const {pid, startTime, place} = await markProcess();
  return `.docebo-ingest-${pid}-${startTime ?? ''}-${shorten(place)}-${randomUUID()}.tmp`;
}

/** Removes what killed processes left: those of this machine at once, those of another container or machine after a day. */
export async function removeStrays(folder: string): Promise<void> {
  const {place} = await markProcess();
  for (const name of await readdir(folder)) {
    const [, pid, startTime = '', writtenAt] = pattern.exec(name) ?? [];
    if (pid === undefined) continue;
    const isHere = writtenAt !== '' && writtenAt === shorten(place);
    const mark = {pid: Number(pid), startTime: startTime === '' ? null : startTime, place};
    const isStray = isHere ? (await findFate(mark)) === 'dead' : await isOld(join(folder, name));
    if (isStray) await rm(join(folder, name), {force: true});
  }
}

function shorten(place: string | null): string {
  return place === null ? '' : createHash('sha256').update(place).digest('hex').slice(0, 12);
}

async function isOld(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > longestMs;
}
