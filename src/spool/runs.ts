import {readdir, rename, rm, stat} from 'node:fs/promises';
import {basename, join, resolve} from 'node:path';
import {UsageError} from '../errors.js';
import {claim, isAbandoned, isHeld} from './claim.js';
import {manifestName} from './format.js';
import {loadManifest} from './load-manifest.js';
import {type Ending, type RunRecord, readRunRecord} from './run-record.js';

export interface RunSummary {
  readonly record: RunRecord;
  /** `killed`: it is not running, and did not note how it ended. */
  readonly state: Ending | 'running' | 'killed';
  readonly bytes: number;
  /** The tables that have begun to land, by name: what has landed, and whether that is every page. */
  readonly tables: ReadonlyMap<string, {readonly records: number; readonly complete: boolean}>;
}

/** The suffix of a run that is being removed. */
const discarded = '.discarded';

export function runsFolder(stateDir: string): string {
  // DuckDB, which reads the files there, would take `~x` for a home folder.
  return resolve(stateDir, 'runs');
}

/** Every run that left a spool, latest first. */
export async function listRuns(stateDir: string): Promise<readonly RunSummary[]> {
  const runs = await readRuns(stateDir);
  return Promise.all(runs.map(async ({path, record}) => summarise(path, record)));
}

/** The sequence number for a run that begins now. */
export async function nextSequence(stateDir: string): Promise<number> {
  const [latest] = await readRuns(stateDir);
  return 1 + (latest === undefined ? 0 : sequenceOf(latest.record));
}

/** Every run that has a record, latest first. */
async function readRuns(stateDir: string): Promise<{readonly path: string; readonly record: RunRecord}[]> {
  const runs: {readonly path: string; readonly record: RunRecord}[] = [];
  for (const name of await list(runsFolder(stateDir))) {
    const path = join(runsFolder(stateDir), name);
    const record = name.endsWith(discarded) ? undefined : await readRunRecord(path);
    if (record !== undefined) runs.push({path, record});
  }
  return runs.sort(
    ({record: one}, {record: other}) => sequenceOf(other) - sequenceOf(one) || (one.loadId < other.loadId ? 1 : -1),
  );
}

/** A run of another version may have no number. */
function sequenceOf({sequence}: Partial<RunRecord>): number {
  return sequence ?? 0;
}

/** Throws UsageError if there is no run of that name. */
export async function findRun(stateDir: string, loadId: string): Promise<RunRecord> {
  const isName = /^[\w-]+$/.test(loadId);
  const record = isName ? await readRunRecord(join(runsFolder(stateDir), loadId)) : undefined;
  if (record !== undefined) return record;
  const known = (await listRuns(stateDir)).map(run => run.record.loadId);
  throw new UsageError(`There is no run ${loadId}.`, {
    hint: known.length === 0 ? `No run left a spool in ${stateDir}.` : `Runs: ${known.join(', ')}.`,
  });
}

/** Removes the runs that have ended, except the latest few, and runs that were killed before they had a record. */
export async function pruneRuns(stateDir: string, keep: number): Promise<void> {
  const folder = runsFolder(stateDir);
  const told = await readRuns(stateDir);
  const names = new Set(told.map(({path}) => basename(path)));
  for (const name of await list(folder)) {
    const path = join(folder, name);
    if (name.endsWith(discarded)) await rm(path, {recursive: true, force: true});
    else if (!names.has(name) && (await isAbandoned(path).catch(() => false))) await prune(path);
  }
  let kept = 0;
  for (const {path, record} of told) {
    const isOver = record.ended !== null || (await isAbandoned(path).catch(() => false));
    if (isOver && kept++ >= keep) await prune(path);
  }
}

async function prune(path: string): Promise<void> {
  // Another process may be resuming it at this moment.
  const held = await claim(path).catch(() => undefined);
  if (held !== undefined && 'release' in held) await discardRun(path);
}

/** Removes a run so that no process ever finds part of it. */
export async function discardRun(path: string): Promise<void> {
  const aside = `${path}${discarded}`;
  await rename(path, aside);
  await rm(aside, {recursive: true, force: true});
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
  const tables = new Map<string, {readonly records: number; readonly complete: boolean}>();
  let bytes = 0;
  for (const table of await list(folder)) {
    for (const file of await list(join(folder, table))) {
      bytes += (await stat(join(folder, table, file)).catch(() => ({size: 0}))).size;
    }
    const {lines} = await loadManifest(join(folder, table, manifestName)).catch(() => ({lines: []}));
    const records = lines.reduce((sum, line) => sum + (line.type === 'page' ? line.records : 0), 0);
    if (lines.length > 0) tables.set(table, {records, complete: lines.at(-1)?.type === 'complete'});
  }
  const state = record.ended ?? ((await isHeld(folder).catch(() => false)) ? 'running' : 'killed');
  return {record, state, bytes, tables};
}

/** The names in a folder; none if it does not exist or is not a folder. */
async function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
