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
