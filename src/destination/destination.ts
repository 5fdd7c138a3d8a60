import type {CastOptions, PublishChoices} from '../choices.js';
import type {Address} from '../destination-uri.js';
import type {OnEvent} from '../report.js';
import type {SpooledTable} from '../spool/format.js';
import type {Table} from '../table.js';

/** A table whose extraction is proved complete, and where it goes. */
export interface Load {
  readonly table: Table;
  readonly spooled: SpooledTable;
  readonly target: Target;
  /** Names of the tables by whose rows it was asked for, near and far. @default none */
  readonly ancestors?: readonly string[];
}

/** Names as given, to be quoted literally. A file destination has no schema. */
export interface Target {
  readonly schema: string | null;
  readonly name: string;
}

/** What became of one load. `error` set: it was not published and the earlier table is as it was. */
export interface Published {
  readonly table: string;
  readonly rows: number;
  readonly invalidDates: Readonly<Record<string, number>>;
  readonly castFailures: Readonly<Record<string, number>>;
  readonly mendedTexts: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  readonly error?: Error;
}

export interface PublishOptions extends CastOptions, Omit<PublishChoices, 'cast'> {
  readonly loadId: string;
  /** Scratch folder of the run, removed by the caller. */
  readonly workDir: string;
  /** Whether a table may be replaced by what was read before it. */
  readonly allowOlder: boolean;
  /** Where it is noted when a table was read whose rows do not tell. */
  readonly ledgerDir: string;
  /** A table in which rows moved (DriftError) holds all others back, since it can be read again. */
  readonly awaitDrift: boolean;
  /** Told when a file that another process holds is waited for. */
  readonly onEvent?: OnEvent;
  /** Ends that wait. */
  readonly signal?: AbortSignal | undefined;
}

export interface Destination {
  readonly address: Address;
  /** Where a table would land, as a person would write it. */
  describe(target: Target): string;
  /**
   * Throws DestinationError if it could not be written: called before the first request. Leaves nothing behind. Gives what is worth
   * saying of the place, a sentence each.
   */
  check(targets: readonly Target[]): Promise<readonly string[]>;
  /**
   * Casts, proves (unique keys, no null key, rows = records) and publishes together all loads that hold; the others keep
   * their earlier table. Throws DestinationError if the destination itself fails: then nothing was published.
   */
  publish(loads: readonly Load[], options: PublishOptions): Promise<readonly Published[]>;
}
