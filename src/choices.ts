/** How the values that were sent become those of their columns. */
export interface CastOptions {
  /** What an invalid date becomes. @default 'epoch' */
  readonly invalidDates: 'epoch' | 'null';
  /** What happens if a value does not fit its column's kind, or a text is not valid. @default 'null' */
  readonly onCastError: 'null' | 'fail';
  /** What happens to keys that no column declares. @default 'evolve' */
  readonly schemaContract: 'evolve' | 'discard_value' | 'discard_row' | 'freeze';
  /** Whether `_docebo_load_id` and `_docebo_extracted_at` are written. @default true */
  readonly loadMetadata: boolean;
  /** Whether a column of a report gets a stricter kind than text if all of its values fit. @default 'infer' */
  readonly reportTypes?: 'infer' | 'text';
}

/** What the user chooses about how records become published tables. */
export interface PublishChoices {
  readonly cast: CastOptions;
  /** Whether all tables are published or none, rather than each that is proved. */
  readonly allOrNothing: boolean;
  /** By how many percent a table may shrink; 100 never refuses, whatever `allowEmpty` says. */
  readonly maxShrinkPercent: number;
  /** Whether a table without rows may replace one that has some, whatever else is allowed to shrink. */
  readonly allowEmpty: boolean;
  /** Whether a table may be read by another route than before, which may give other columns. */
  readonly allowRouteChange: boolean;
  /** What the columns of additional fields are named after. Runs of earlier versions say nothing. @default 'id' */
  readonly customFields?: 'id' | 'title';
  /** Faults of a table's list that do not keep it from being published. */
  readonly accept: Accepted;
}

export const defaultChoices: PublishChoices = {
  cast: {invalidDates: 'epoch', onCastError: 'null', schemaContract: 'evolve', loadMetadata: true},
  allOrNothing: false,
  maxShrinkPercent: 50,
  allowEmpty: false,
  allowRouteChange: false,
  accept: {},
};

/**
 * Faults that a list has in every reading, and that the user may accept for a table: a record that is listed twice, a record without its
 * key, a count that differs from the number of records.
 */
export const acceptableFaults = ['duplicates', 'null-keys', 'count'] as const;

export type AcceptableFault = (typeof acceptableFaults)[number];

/** By the name of the table. */
export type Accepted = Readonly<Record<string, readonly AcceptableFault[]>>;

export function accepts(accepted: Accepted, table: string, fault: AcceptableFault): boolean {
  return accepted[table]?.includes(fault) ?? false;
}

/** Says what was accepted, and by which flag: every run warns of it. */
export function warnOfAccepted(table: string, fault: AcceptableFault, what: string): string {
  return `${what} (--accept ${table}=${fault})`;
}

/** How a merge decides what to read again. */
export interface MergeChoices {
  /** How much further back than the last reading it asks for changes, because the server's time zone is not known. @default 25 hours */
  readonly lookbackMs: number;
  /** How old a row may get before it is read again, whether it has changed or not. @default 7 days */
  readonly maxAgeMs: number;
  /** Pages of each list that are read although nothing in them is said to have changed, to see whether that is true. @default 3 */
  readonly auditPages: number;
}

const hourMs = 3_600_000;

export const defaultMerge: MergeChoices = {lookbackMs: 25 * hourMs, maxAgeMs: 7 * 24 * hourMs, auditPages: 3};

/** How often a table is read again whose rows moved, unless something else is said. */
export const defaultDriftRetries = 3;
