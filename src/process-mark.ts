import {readFile, readlink} from 'node:fs/promises';
import {hostname} from 'node:os';

/** Identifies a process, even among later ones with the same number and those of other containers and machines. */
export interface ProcessMark {
  readonly pid: number;
  /** On Linux when it started, in ticks since boot. Null if that cannot be read. */
  readonly startTime: string | null;
  /** Where its number is unique: on Linux a PID namespace of one boot, elsewhere a machine. Null if that cannot be read. */
  readonly place: string | null;
}

export async function markProcess(): Promise<ProcessMark> {
  return {pid: process.pid, startTime: await readStartTime(process.pid), place: await readPlace()};
}

/**
 * Whether the process is still running; `unknown` if it belongs to another container or machine. A namespace may get the number of an
 * earlier one, but only after that is gone with all its processes.
 */
export async function findFate({pid, startTime, place}: ProcessMark): Promise<'alive' | 'dead' | 'unknown'> {
  if (place === null || place !== (await readPlace())) return 'unknown';
  if (!isAlive(pid)) return 'dead';
  return startTime === null || startTime === (await readStartTime(pid)) ? 'alive' : 'dead';
}

async function readPlace(): Promise<string | null> {
  if (process.platform !== 'linux') return hostname();
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return `${boot.trim()} ${await readlink('/proc/self/ns/pid')}`;
  } catch {
    return null;
  }
}

async function readStartTime(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The 22nd field. The second field, in brackets, may hold blanks.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
