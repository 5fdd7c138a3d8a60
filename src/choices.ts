/** How values become those of their columns. */
export interface CastOptions {
  /** What an invalid date becomes. @default 'epoch' */
  readonly invalidDates: 'epoch' | 'null';
  /** Whether a value that does not fit its column's kind, or a text that is none, fails the table. @default 'null' */
  readonly onCastError: 'null' | 'fail';
  /** What happens to keys that no column declares. @default 'evolve' */
  readonly schemaContract: 'evolve' | 'discard_value' | 'discard_row' | 'freeze';
  /** Whether `_docebo_load_id` and `_docebo_extracted_at` are written. @default true */
  readonly loadMetadata: boolean;
}

/** What a run is told of how records become published tables. */
export interface PublishChoices {
  readonly cast: CastOptions;
  /** All tables or none, instead of every table that is proved. */
  readonly allOrNothing: boolean;
  /** By how many percent a table may have fewer rows than the earlier one; 100 never refuses, whatever `allowEmpty` says. */
  readonly maxShrinkPercent: number;
  /** Whether a table may come without rows where the earlier one has some, however little else it may shrink. */
  readonly allowEmpty: boolean;
  /** Whether a table may be read by another route than before, with the columns that this one gives. */
  readonly allowRouteChange: boolean;
  /** Faults of a table's list with which it is published all the same. */
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
 * Faults of a list that stay however often it is read, and that somebody accepts for a table: a record that is listed twice, a record
 * without its key, a count that is not that of the records.
 */
export const acceptableFaults = ['duplicates', 'null-keys', 'count'] as const;

export type AcceptableFault = (typeof acceptableFaults)[number];

/** By the name of the table. */
export type Accepted = Readonly<Record<string, readonly AcceptableFault[]>>;

export function accepts(accepted: Accepted, table: string, fault: AcceptableFault): boolean {
  return accepted[table]?.includes(fault) ?? false;
}

/** Tells each night that it was made use of, and by which flag. */
export function warnOfAccepted(table: string, fault: AcceptableFault, what: string): string {
  return `${what} (--accept ${table}=${fault})`;
}
