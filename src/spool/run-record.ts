import {readFile, rename, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {PublishChoices} from '../choices.js';
import type {Address} from '../destination-uri.js';
import type {DoceboReport, Table} from '../table.js';

/** Raise this when the content of a spool changes, or the way in which records are made from replies. */
export const spoolVersion = 4;

/** How a run ended. `incomplete`: some tables could not be read or proved. `failed`: nothing could be published. */
export type Ending = 'published' | 'incomplete' | 'failed' | 'interrupted';

interface RecordedLoad {
  readonly table: string;
  readonly schema: string | null;
  readonly name: string;
  /** The report, if it is the table of one: such a table is not declared. */
  readonly exportOf?: DoceboReport;
  /** The table of which it holds only some rows, likewise. */
  readonly filtered?: Table['filtered'];
}

/** What `run.json` says of a run, without any secret. */
export interface RunRecord {
  readonly version: number;
  readonly loadId: string;
  /** Whose data the run holds (source/tenant.ts). */
  readonly tenant: string;
  readonly startedAt: string;
  /** Higher than that of every run that existed when this one began. Clocks cannot be trusted to tell which run is later. */
  readonly sequence: number;
  readonly pageSize: number;
  readonly loads: readonly RecordedLoad[];
  /** Tables that the tenant does not have. */
  readonly absent?: readonly string[];
  /** Whether its tables are merged. */
  readonly isMerge?: true;
  readonly destination: Address;
  readonly choices: PublishChoices;
  /** Null while the run is going on, and for ever if it was killed. Its claim (claim.ts) says who works on it. */
  readonly ended: Ending | null;
}

const fileName = 'run.json';

/** Undefined if there is no record, or only part of one. */
export async function readRunRecord(folder: string): Promise<RunRecord | undefined> {
  try {
    const record: RunRecord = JSON.parse(await readFile(join(folder, fileName), 'utf8'));
    return typeof record.loadId === 'string' && typeof record.version === 'number' ? record : undefined;
  } catch {
    return undefined;
  }
}

export async function writeRunRecord(folder: string, record: RunRecord): Promise<void> {
  const unfinished = join(folder, `${fileName}.tmp`);
  await writeFile(unfinished, `${JSON.stringify(record, null, 2)}\n`, {mode: 0o600});
  await rename(unfinished, join(folder, fileName));
}
