import {readdir, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {UsageError} from '../errors.js';
import {loadManifest} from './load-manifest.js';
import {type Ending, isUnderWay, type RunRecord, readRunRecord} from './run-record.js';

export interface RunSummary {
  readonly record: RunRecord;
  /** `killed`: it neither goes on nor says how it ended. */
  readonly state: Ending | 'running' | 'killed';
  readonly bytes: number;
  /** Tables of which every page has landed. */
  readonly complete: readonly string[];
  readonly records: number;
}

const manifestName = 'manifest.ndjson';

export function runsFolder(stateDir: string): string {
  return join(stateDir, 'runs');
}

/** Every run that left a spool, the latest first. */
export async function listRuns(stateDir: string): Promise<readonly RunSummary[]> {
  const summaries: RunSummary[] = [];
  for (const name of await list(runsFolder(stateDir))) {
    const folder = join(runsFolder(stateDir), name);
    const record = await readRunRecord(folder);
    if (record !== undefined) summaries.push(await summarise(folder, record));
  }
  return summaries.sort((a, b) => (a.record.loadId < b.record.loadId ? 1 : -1));
}

/** Throws UsageError if there is none of that name. */
export async function findRun(stateDir: string, loadId: string): Promise<RunRecord> {
  const isName = /^[\w-]+$/.test(loadId);
  const record = isName ? await readRunRecord(join(runsFolder(stateDir), loadId)) : undefined;
  if (record !== undefined) return record;
  const known = (await listRuns(stateDir)).map(run => run.record.loadId);
  throw new UsageError(`There is no run ${loadId}.`, {
    hint: known.length === 0 ? `No run left a spool in ${stateDir}.` : `Runs: ${known.join(', ')}.`,
  });
}

/** Removes all but the latest few of the runs that have ended. */
export async function pruneRuns(stateDir: string, keep: number): Promise<void> {
  const ended: string[] = [];
  for (const name of (await list(runsFolder(stateDir))).sort().reverse()) {
    const record = await readRunRecord(join(runsFolder(stateDir), name));
    if (record !== undefined && !(await isUnderWay(record))) ended.push(name);
  }
  for (const name of ended.slice(keep)) await rm(join(runsFolder(stateDir), name), {recursive: true, force: true});
}

/** Whether anything durable has landed in a run. */
export async function hasPages(folder: string): Promise<boolean> {
  for (const table of await list(folder)) {
    const {size} = await stat(join(folder, table, manifestName)).catch(() => ({size: 0}));
    if (size > 0) return true;
  }
  return false;
}

async function summarise(folder: string, record: RunRecord): Promise<RunSummary> {
  const complete: string[] = [];
  let [bytes, records] = [0, 0];
  for (const table of await list(folder)) {
    for (const file of await list(join(folder, table))) {
      bytes += (await stat(join(folder, table, file)).catch(() => ({size: 0}))).size;
    }
    const {lines} = await loadManifest(join(folder, table, manifestName)).catch(() => ({lines: []}));
    for (const line of lines) if (line.type === 'page') records += line.records;
    if (lines.at(-1)?.type === 'complete') complete.push(table);
  }
  const state = record.ended ?? ((await isUnderWay(record)) ? 'running' : 'killed');
  return {record, state, bytes, complete, records};
}

/** What stands in a folder; nothing if it is not there, or is none. */
async function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
