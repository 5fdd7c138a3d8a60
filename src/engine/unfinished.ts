import {randomUUID} from 'node:crypto';
import {readdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {isUnderWay, markProcess} from '../spool/run-record.js';

const pattern = /^\.docebo-ingest-(\d+)-(\d*)-[0-9a-f-]{36}\.tmp$/;

/** A name for a file that is being made, which tells by whom. Short, since what it becomes may have as long a name as can be. */
export async function nameUnfinished(): Promise<string> {
  const {pid, startTime} = await markProcess(process.pid);
  return `.docebo-ingest-${pid}-${startTime ?? ''}-${randomUUID()}.tmp`;
}

/** Removes what killed processes left. One in another container that shares the folder counts as dead; its run fails then. */
export async function removeStrays(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, pid, startTime] = pattern.exec(name) ?? [];
    if (pid === undefined) continue;
    const writer = {pid: Number(pid), startTime: startTime === '' || startTime === undefined ? null : startTime};
    if (!(await isUnderWay({ended: null, process: writer}))) await rm(join(folder, name), {force: true});
  }
}
