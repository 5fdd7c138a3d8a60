import {randomBytes} from 'node:crypto';
import {join} from 'node:path';
import {writeCommand} from '../command-line.js';
import {DestinationError, messageOf, UsageError} from '../errors.js';
import {describeFilters, encodeFilters} from '../filter-table.js';
import {makeFolder} from '../local-paths.js';
import {markProcess} from '../process-mark.js';
import {type Claim, claim, type Patience} from './claim.js';
import {type Ending, type RunRecord, spoolVersion, writeRunRecord} from './run-record.js';
import {discardRun, findRun, hasPages, listRuns, nextSequence, pruneRuns, runsFolder} from './runs.js';

export interface RunFolder {
  /** A unique id that sorts by time: `20261123T061500Z-3f9a1c`. */
  readonly loadId: string;
  readonly path: string;
  /** Aborted when another process has taken over the run. */
  readonly lost: Claim['lost'];
  readonly confirm: Claim['confirm'];
  /**
   * Notes how the run ended, and removes spools that are not worth keeping: all but the last few, and this one if nothing landed. Returns
   * whether this one is still there.
   */
  end(ending: Ending, keepRuns: number, absent?: readonly string[]): Promise<boolean>;
}

export type RunFacts = Pick<RunRecord, 'tenant' | 'pageSize' | 'loads' | 'isMerge' | 'destination' | 'choices'>;

export async function createRun(stateDir: string, facts: RunFacts, now: Date): Promise<RunFolder> {
  const loadId = `${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`;
  const path = join(runsFolder(stateDir), loadId);
  const held = await claimNew(path).catch(cause => {
    throw refuseStateDir(stateDir, cause);
  });
  if (!('release' in held)) throw new TypeError(`Another run named ${loadId} is still running.`);
  const sequence = await nextSequence(stateDir);
  return work(stateDir, {version: spoolVersion, loadId, ...facts, startedAt: now.toISOString(), sequence}, held);
}

async function claimNew(path: string) {
  makeFolder(path);
  return claim(path);
}

/**
 * Resumes a run that did not end well: the one named, or the last of the same tenant and tables. Throws UsageError if there is none, or if
 * it is another tenant's, has other tables or another page size, was written by another version, or is still running.
 */
export async function resumeRun(
  stateDir: string,
  loadId: string | null,
  facts: RunFacts,
  patience?: Patience,
): Promise<RunFolder> {
  const record = loadId === null ? await findLast(stateDir, facts) : await findRun(stateDir, loadId);
  const mismatch = findMismatch(record, facts);
  if (mismatch !== undefined) {
    throw new UsageError(`Run ${record.loadId} cannot be resumed: ${mismatch}.`, {
      hint: `${writeCommand(['runs'], stateDir)} lists the runs. Without --resume a new run begins.`,
    });
  }
  return work(stateDir, {...record, ...facts}, await holdRun(stateDir, record.loadId, patience));
}

/**
 * Keeps other processes off a run that has ended or was killed, until the claim is released. Throws UsageError if another process works on
 * it: opening its tables would cut off what that process is writing.
 */
export async function holdRun(stateDir: string, loadId: string, patience?: Patience): Promise<Claim> {
  await findRun(stateDir, loadId);
  const held = await claim(join(runsFolder(stateDir), loadId), patience).catch(async cause => {
    patience?.signal?.throwIfAborted();
    await findRun(stateDir, loadId);
    throw refuseStateDir(stateDir, cause);
  });
  if ('release' in held) return held;
  const {pid, place} = held.heldBy ?? {pid: null, place: null};
  const isHere = place !== null && place === (await markProcess()).place;
  const where = isHere ? `as process ${pid}` : 'in another container or on another machine';
  throw new UsageError(`Run ${loadId} is still running, ${where}.`);
}

/** Why this program cannot read the run's records; undefined if it can. */
export function findForeignVersion({version}: RunRecord): string | undefined {
  if (version === spoolVersion) return undefined;
  return `its spool has version ${version}, this program writes ${spoolVersion}`;
}

/** Throws UsageError if this program cannot read the run's records. */
export function refuseForeignVersion(record: RunRecord): void {
  const foreign = findForeignVersion(record);
  if (foreign === undefined) return;
  throw new UsageError(`Run ${record.loadId} cannot be loaded: ${foreign}.`, {
    hint: 'Read the tables again with ingest.',
  });
}

function findMismatch(record: RunRecord, facts: RunFacts): string | undefined {
  const foreign = findForeignVersion(record);
  if (foreign !== undefined) return foreign;
  if (record.tenant !== facts.tenant) return `it reads ${record.tenant}, not ${facts.tenant}`;
  if (record.pageSize !== facts.pageSize)
    return `its pages hold ${record.pageSize} records, not ${facts.pageSize} (--page-size)`;
  if (record.isMerge !== facts.isMerge)
    return record.isMerge
      ? 'it merges tables (--incremental-strategy merge)'
      : 'it reads whole tables (--incremental-strategy replace, or --full-refresh)';
  const [theirs, ours] = [record, facts].map(({loads}) => loads.map(identifyLoad).sort());
  if (theirs?.join() !== ours?.join()) return `it reads the tables ${record.loads.map(nameLoad).sort().join(', ')}`;
  return undefined;
}

/** A filtered table of the same name may hold other rows. */
function identifyLoad({table, filtered}: RunRecord['loads'][number]): string {
  return JSON.stringify([table, filtered?.of, encodeFilters(filtered?.by ?? {})]);
}

function nameLoad({table, filtered}: RunRecord['loads'][number]): string {
  return filtered === undefined ? table : `${table} (${describeFilters(filtered.by)})`;
}

async function findLast(stateDir: string, facts: RunFacts): Promise<RunRecord> {
  const unfinished = (await listRuns(stateDir)).filter(({state}) => state !== 'published');
  const last = unfinished.find(({record}) => findMismatch(record, facts) === undefined);
  if (last !== undefined) return last.record;
  const other = unfinished.find(({record}) => record.tenant === facts.tenant)?.record;
  const why = other === undefined ? '' : ` ${other.loadId} cannot be resumed: ${findMismatch(other, facts)}.`;
  throw new UsageError(`There is no run to resume for this tenant and these tables.${why}`, {
    hint: `${writeCommand(['runs'], stateDir)} lists the runs. Without --resume a new run begins.`,
  });
}

async function work(stateDir: string, record: Omit<RunRecord, 'ended'>, held: Claim): Promise<RunFolder> {
  const {loadId} = record;
  const path = join(runsFolder(stateDir), loadId);
  try {
    await writeRunRecord(path, {...record, ended: null});
  } catch (cause) {
    throw refuseStateDir(stateDir, cause);
  }
  const note = async (ending: Ending, keepRuns: number, absent: readonly string[]) => {
    if (await hasPages(path)) await writeRunRecord(path, {...record, absent, ended: ending});
    else await discardRun(path);
    await held.release().catch(() => undefined);
    await pruneRuns(stateDir, keepRuns);
  };
  return {
    loadId,
    path,
    lost: held.lost,
    confirm: held.confirm,
    async end(ending, keepRuns, absent = []) {
      if (held.lost.aborted) return false;
      // The report says what became of the tables. If a full disk prevents this note, it must not hide the report.
      await note(ending, keepRuns, absent).catch(async () => held.release().catch(() => undefined));
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
