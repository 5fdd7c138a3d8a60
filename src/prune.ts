import {lstat, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {type BaseSummary, pruneBases} from './spool/bases.js';
import {listRuns, pruneRuns, type RunSummary} from './spool/runs.js';

/** What was removed from a state folder. */
export interface Pruned {
  readonly runs: readonly RunSummary[];
  readonly bases: readonly BaseSummary[];
  /** By how much the state folder is smaller. A file that a run and a base share is there until both are gone. */
  readonly bytes: number;
}

/** Removes the runs that have ended, and the bases whose rows were asked for longer ago than `maxAgeMs`; at 0 all of them. */
export async function prune(stateDir: string, maxAgeMs: number, nowMs = Date.now()): Promise<Pruned> {
  const [bytes, runs] = [await measure(stateDir), await listRuns(stateDir)];
  await pruneRuns(stateDir, 0);
  // A clock that was ahead has dated some in the future.
  const bases = await pruneBases(stateDir, maxAgeMs === 0 ? Number.POSITIVE_INFINITY : nowMs - maxAgeMs);
  const left = new Set((await listRuns(stateDir)).map(({record}) => record.loadId));
  return {
    runs: runs.filter(({record}) => !left.has(record.loadId)),
    bases,
    bytes: Math.max(0, bytes - (await measure(stateDir))),
  };
}

/** The bytes of all files below a folder. One that has several names counts once. */
async function measure(folder: string, seen = new Set<string>()): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, {withFileTypes: true}).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await measure(path, seen);
    if (!entry.isFile()) continue;
    const file = await lstat(path, {bigint: true}).catch(() => undefined);
    const id = `${file?.dev} ${file?.ino}`;
    if (file !== undefined && !seen.has(id)) bytes += Number(file.size);
    seen.add(id);
  }
  return bytes;
}
