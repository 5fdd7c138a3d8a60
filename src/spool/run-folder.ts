import {randomBytes} from 'node:crypto';
import {join} from 'node:path';
import {writeCommand} from '../command-line.js';
import {DestinationError, messageOf, UsageError} from '../errors.js';
import {makeFolder} from '../local-paths.js';
import {claim, type Release} from './claim.js';
import {type Ending, isUnderWay, markProcess, type RunRecord, spoolVersion, writeRunRecord} from './run-record.js';
import {discardRun, findRun, hasPages, listRuns, nextSequence, pruneRuns, runsFolder} from './runs.js';

export interface RunFolder {
  /** Sortable by time, unique: `20261123T061500Z-3f9a1c`. */
  readonly loadId: string;
  readonly path: string;
  /**
   * Says how the run ended, and removes what is not worth keeping: spools but the last few, and this one if nothing landed. Gives
   * whether this one is still there.
   */
  end(ending: Ending, keepRuns: number): Promise<boolean>;
}

export type RunFacts = Pick<RunRecord, 'tenant' | 'pageSize' | 'loads' | 'destination' | 'choices'>;

export async function createRun(stateDir: string, facts: RunFacts, now: Date): Promise<RunFolder> {
  const loadId = `${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`;
  const path = join(runsFolder(stateDir), loadId);
  const held = await claimNew(path).catch(cause => {
    throw refuseStateDir(stateDir, cause);
  });
  if (typeof held !== 'function') throw new TypeError(`A run of the same name as ${loadId} goes on.`);
  const sequence = await nextSequence(stateDir);
  return work(stateDir, {version: spoolVersion, loadId, ...facts, startedAt: now.toISOString(), sequence}, held);
}

async function claimNew(path: string) {
  makeFolder(path);
  return claim(path);
}

/**
 * Takes up a run that did not end well: the one named, or the last of the same tenant and tables. Throws UsageError if there is none,
 * if it is another tenant's, holds other tables or pages, was written by another version, or still goes on.
 */
export async function resumeRun(stateDir: string, loadId: string | null, facts: RunFacts): Promise<RunFolder> {
  const record = loadId === null ? await findLast(stateDir, facts) : await findRun(stateDir, loadId);
  const mismatch = findMismatch(record, facts);
  if (mismatch !== undefined) {
    throw new UsageError(`Run ${record.loadId} cannot be resumed: ${mismatch}.`, {
      hint: `${writeCommand(['runs'], stateDir)} lists what is there. Without --resume a new run is made.`,
    });
  }
  return work(stateDir, {...record, ...facts}, await holdRun(stateDir, record.loadId));
}

/**
 * Keeps others off a run that has ended or was killed, until the given function is called. Throws UsageError if another process works
 * on it: opening its tables would cut off what that one is just writing.
 */
export async function holdRun(stateDir: string, loadId: string): Promise<Release> {
  const {process: worker, ended} = await findRun(stateDir, loadId);
  const path = join(runsFolder(stateDir), loadId);
  const holder = (await isUnderWay({process: worker, ended}))
    ? worker
    : await claim(path).catch(async cause => {
        await findRun(stateDir, loadId);
        throw refuseStateDir(stateDir, cause);
      });
  if (typeof holder === 'function') return holder;
  throw new UsageError(`Run ${loadId} still goes on, as process ${holder.pid}.`);
}

/** Why its records cannot be read; undefined if they can. */
export function findForeignVersion({version}: RunRecord): string | undefined {
  if (version === spoolVersion) return undefined;
  return `its spool has version ${version}, this program writes ${spoolVersion}`;
}

/** Throws UsageError if its records cannot be read. */
export function refuseForeignVersion(record: RunRecord): void {
  const foreign = findForeignVersion(record);
  if (foreign === undefined) return;
  throw new UsageError(`Run ${record.loadId} cannot be loaded: ${foreign}.`, {
    hint: 'Read the tables anew with ingest.',
  });
}

function findMismatch(record: RunRecord, facts: RunFacts): string | undefined {
  const foreign = findForeignVersion(record);
  if (foreign !== undefined) return foreign;
  if (record.tenant !== facts.tenant) return `it reads ${record.tenant}, not ${facts.tenant}`;
  if (record.pageSize !== facts.pageSize)
    return `its pages hold ${record.pageSize} records, not ${facts.pageSize} (--page-size)`;
  const [theirs, ours] = [record, facts].map(({loads}) => loads.map(({table}) => table).sort());
  if (theirs?.join() !== ours?.join()) return `it reads the tables ${theirs?.join(', ')}`;
  return undefined;
}

async function findLast(stateDir: string, facts: RunFacts): Promise<RunRecord> {
  const unfinished = (await listRuns(stateDir)).filter(({state}) => state !== 'published');
  const last = unfinished.find(({record}) => findMismatch(record, facts) === undefined);
  if (last !== undefined) return last.record;
  const other = unfinished.find(({record}) => record.tenant === facts.tenant)?.record;
  const why = other === undefined ? '' : ` ${other.loadId} is none: ${findMismatch(other, facts)}.`;
  throw new UsageError(`There is no run to be resumed for this tenant and these tables.${why}`, {
    hint: `${writeCommand(['runs'], stateDir)} lists what is there. Without --resume a new run is made.`,
  });
}

async function work(
  stateDir: string,
  facts: Omit<RunRecord, 'process' | 'ended'>,
  release: Release,
): Promise<RunFolder> {
  const {loadId} = facts;
  const path = join(runsFolder(stateDir), loadId);
  const record = {...facts, process: await markProcess(process.pid)};
  try {
    await writeRunRecord(path, {...record, ended: null});
  } catch (cause) {
    throw refuseStateDir(stateDir, cause);
  }
  const note = async (ending: Ending, keepRuns: number) => {
    if (await hasPages(path)) await writeRunRecord(path, {...record, ended: ending});
    else await discardRun(path);
    await release().catch(() => undefined);
    await pruneRuns(stateDir, keepRuns);
  };
  return {
    loadId,
    path,
    async end(ending, keepRuns) {
      // What became of the tables is told by the report; a full disk must not hide it because this cannot be noted.
      await note(ending, keepRuns).catch(async () => release().catch(() => undefined));
      return hasPages(path);
    },
  };
}

export function refuseStateDir(stateDir: string, cause: unknown): DestinationError {
  return new DestinationError(`The state folder ${stateDir} cannot be used: ${messageOf(cause)}.`, {
    cause,
    hint: 'Choose another one with --state-dir.',
  });
}
