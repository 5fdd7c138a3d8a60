import type {CastOptions, PublishChoices} from '../choices.js';
import type {CustomFields} from '../custom-fields.js';
import type {Address} from '../destination-uri.js';
import type {OnEvent} from '../report.js';
import type {SpooledTable} from '../spool/format.js';
import type {Table} from '../table.js';
import type {LedgerColumn} from './ledger.js';

/** A table whose extraction is proved complete, and where it goes. */
export interface Load {
  readonly table: Table;
  readonly spooled: SpooledTable;
  readonly target: Target;
  /** Names of the tables whose rows it was asked for by: parents, their parents and so on. @default none */
  readonly ancestors?: readonly string[];
  /** What is known of its additional fields. @default nothing */
  readonly fields?: CustomFields;
  /** Under a merge: whether it was merged, rather than read whole. Left out: no merge was asked for. */
  readonly isMerged?: boolean;
}

/** Names as the user gave them, to be quoted literally. A file destination has no schema. */
export interface Target {
  readonly schema: string | null;
  readonly name: string;
}

/** The result of one load. With an `error` it was not published, and the earlier table is as it was. */
export interface Published {
  readonly table: string;
  readonly rows: number;
  readonly invalidDates: Readonly<Record<string, number>>;
  readonly castFailures: Readonly<Record<string, number>>;
  readonly mendedTexts: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  readonly error?: Error;
}

/** A row of the ledger. The destination gives the name of the table. */
export interface LedgerRow {
  readonly target: Target;
  readonly values: Readonly<Record<Exclude<LedgerColumn, 'table_name'>, string | number | null>>;
}

/** Gives the rows for what became of a load's tables, those included that were not to be published at all. */
export type Ledger = (published: readonly Published[]) => readonly LedgerRow[];

export interface PublishOptions extends CastOptions, Omit<PublishChoices, 'cast' | 'customFields'> {
  readonly loadId: string;
  /** Scratch folder of the run, removed by the caller. */
  readonly workDir: string;
  /** Whether a table may be replaced by records that were read before it. */
  readonly allowOlder: boolean;
  /** The folder that keeps when a table was read, for tables whose rows do not tell. */
  readonly readingsDir: string;
  /** Whether a table that cannot be published, but can be read again (canBeReadAgain), holds back all others. */
  readonly awaitDrift: boolean;
  /** Gives the rows that are appended to the ledger together with the tables. @default no ledger */
  readonly ledger?: Ledger;
  /** Gets an event while the destination waits for a file that another process holds. */
  readonly onEvent?: OnEvent;
  /** Ends that wait. */
  readonly signal?: AbortSignal | undefined;
}

/** What a destination needs to append to its ledger alone. */
export type RecordOptions = Pick<PublishOptions, 'workDir' | 'signal'>;

export interface Destination {
  readonly address: Address;
  /** Where a table would land, as a person would write it. */
  describe(target: Target): string;
  /**
   * Called before the first request. Throws DestinationError if the destination cannot be written, and leaves nothing behind. Returns
   * notes about the place, a sentence each.
   */
  check(targets: readonly Target[]): Promise<readonly string[]>;
  /** Which of the targets exist. A target counts as existing if that cannot be found out. */
  findStanding(targets: readonly Target[]): Promise<ReadonlySet<Target>>;
  /**
   * Casts and proves all loads (unique keys, no null key, rows = records), and publishes those that hold together; the others keep their
   * earlier table. Throws DestinationError if the destination itself fails: then nothing was published. What is published is noted in the
   * ledger at once.
   */
  publish(loads: readonly Load[], options: PublishOptions): Promise<readonly Published[]>;
  /**
   * Appends rows to the ledger of a load of which nothing was published. It makes no file, folder or schema for them. Returns warnings. Left out: the
   * destination holds no ledger.
   */
  record?(rows: readonly LedgerRow[], options: RecordOptions): Promise<readonly string[]>;
}
