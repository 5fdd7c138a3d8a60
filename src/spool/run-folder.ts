import {randomBytes} from 'node:crypto';
import {mkdir, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {DestinationError} from '../errors.js';

export interface RunFolder {
  /** Sortable by time, unique: `20261123T061500Z-3f9a1c`. */
  readonly loadId: string;
  readonly path: string;
  remove(): Promise<void>;
}

/** Makes the folder of a run, and removes those that crashed runs of dead processes left. */
export async function openRunFolder(stateDir: string, tenant: string, now: Date): Promise<RunFolder> {
  const runs = join(stateDir, 'runs');
  const loadId = `${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`;
  const path = join(runs, loadId);
  try {
    await mkdir(path, {recursive: true, mode: 0o700});
    await writeFile(join(path, 'run.json'), JSON.stringify({loadId, tenant, pid: process.pid}), {mode: 0o600});
    await removeDead(runs);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new DestinationError(`The state folder ${stateDir} cannot be used: ${said}.`, {
      cause,
      hint: 'Choose another one with --state-dir.',
    });
  }
  return {loadId, path, remove: async () => rm(path, {recursive: true, force: true})};
}

async function removeDead(runs: string): Promise<void> {
  for (const name of await readdir(runs)) {
    const pid = await readPid(join(runs, name, 'run.json'));
    if (pid !== undefined && !isAlive(pid)) await rm(join(runs, name), {recursive: true, force: true});
  }
}

async function readPid(file: string): Promise<number | undefined> {
  try {
    const {pid}: {pid?: unknown} = JSON.parse(await readFile(file, 'utf8'));
    return typeof pid === 'number' ? pid : undefined;
  } catch {
    // Another run may just be making or removing its folder: leave it alone.
    return undefined;
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
