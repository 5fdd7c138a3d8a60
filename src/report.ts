import type {CastOptions} from './choices.js';
import type {Flags} from './command-line.js';
import type {SentType} from './json/scanner.js';
import type {Toleration} from './spool/format.js';

/**
 * What happened to one table. `kept`: it was not published, and the earlier table is as it was. `not_loaded`: there was no earlier one. `absent`: the tenant
 * does not have it, it was not asked for by its name, and it was never loaded here, so nothing is wrong.
 */
export interface TableReport {
  readonly table: string;
  /** Where it was published, as a person would write it (`dest.users`, `users.jsonl`). */
  readonly destination: string;
  readonly status: 'published' | 'kept' | 'not_loaded' | 'absent';
  /** Path of the route that served the table; null if none did. */
  readonly route: string | null;
  readonly rows: number;
  /** If it holds only the rows that Docebo's filters let in: their values. Nothing is claimed of other rows. */
  readonly filtered?: Readonly<Record<string, readonly string[]>>;
  /** Whether the whole table was read, or only what changed since it was read last. */
  readonly strategy: 'replace' | 'merge';
  /** Why the whole table was read, although a merge was asked for. */
  readonly reason?: string;
  /** Of a merge: rows that are new or differ from those that were known. */
  readonly changed?: number;
  /** Of a merge: rows that Docebo no longer has. */
  readonly removed?: number;
  /** Of a merge: rows that were not read again. */
  readonly carriedOver?: number;
  /** Of a merge: when the oldest of those was read (ISO 8601, UTC); null if there are none. */
  readonly oldest?: string | null;
  /** Of a merge: rows that were read to see whether unchanged ones are as they were. */
  readonly audited?: number;
  readonly requests: number;
  /** Calls that were expected from the counts of lists and parents; null if no call was needed or answered. */
  readonly plannedRequests: number | null;
  readonly seconds: number;
  /** Invalid dates replaced, by column. */
  readonly invalidDates: Readonly<Record<string, number>>;
  /** Values that did not fit their column's kind and became NULL, by column. */
  readonly castFailures: Readonly<Record<string, number>>;
  /** Values that held invalid text (bytes that are not UTF-8, half a surrogate pair), replaced with U+FFFD, by column. */
  readonly mendedTexts: Readonly<Record<string, number>>;
  /** Keys that no column declares, with the types seen. */
  readonly undeclared: Readonly<Record<string, readonly SentType[]>>;
  /** Child lists whose refusal is tolerated, with the reason. */
  readonly tolerated: readonly Toleration[];
  /** Things worth a look that did not stop the table. */
  readonly warnings: readonly string[];
  /** What Docebo said of a table that is absent. */
  readonly absence?: string;
  readonly error?: ReportedError;
}

export interface ReportedError {
  readonly name: string;
  readonly code: string;
  readonly exitCode: number;
  readonly message: string;
  readonly hint?: string;
  /** Flags with which the same records would be published. */
  readonly allowedBy?: Flags;
  /** The status with which Docebo refused this table or one that it needs. */
  readonly status?: number;
  /** Whether running again is useless until somebody gives a right or repairs the connection to Docebo. */
  readonly isLasting?: true;
  /** The root of the failure, in the same words for all tables that failed for one reason. */
  readonly reason: string;
  /** The message of the error at the root, if that is another one. */
  readonly rootMessage?: string;
  /** Requests whose records are missing or uncertain. */
  readonly missing?: readonly string[];
}

export interface Report {
  readonly loadId: string;
  /** Whose data the run holds: base URL and who signed in, without any secret. */
  readonly tenant: string;
  readonly destination: string;
  readonly startedAt: string;
  readonly seconds: number;
  /** Calls for data, including retries; token calls are counted separately. */
  readonly requests: number;
  readonly retries: number;
  readonly rateLimited: number;
  readonly tokenRequests: number;
  /** What replaces an invalid date: 1970-01-01, or NULL. */
  readonly invalidDatesBecome: CastOptions['invalidDates'];
  readonly tables: readonly TableReport[];
  /** Whether the run can be resumed: it is not complete, and its spool is kept. */
  readonly resumable: boolean;
  readonly exitCode: number;
}

/** The calls of a run over all its tables. */
export interface CallsSoFar {
  readonly made: number;
  /** Known to be needed yet. Of a table whose parents are not read, none are known. */
  readonly left: number;
  /** Time in which those that are left can be made; null while there is no telling. */
  readonly seconds: number | null;
  /** Of `--max-requests-per-hour`, over all runs; null without it. */
  readonly hour: {readonly used: number; readonly limit: number} | null;
}

/** An event of a run. The CLI shows it. */
export type RunEvent =
  | {readonly type: 'table_started'; readonly table: string}
  | {
      readonly type: 'page_landed';
      readonly table: string;
      /** Records landed so far. */
      readonly records: number;
      /** Records in all as the API counts them; null if it does not, or if more than that have come. */
      readonly expected: number | null;
      /** Calls made for the table, retries included. */
      readonly requests: number;
      /** Calls that the table is known to need, those made included. */
      readonly requestsExpected: number;
      readonly calls: CallsSoFar;
    }
  | {readonly type: 'table_extracted'; readonly table: string; readonly records: number; readonly requests: number}
  | {
      readonly type: 'table_failed';
      readonly table: string;
      readonly message: string;
      /** Whether an earlier event had the same reason, for another table. */
      readonly isTold?: true;
    }
  /** The tenant does not have the table, and it was not asked for by its name. */
  | {readonly type: 'table_absent'; readonly table: string; readonly message: string}
  /** The table was refused, though it was served before. It is asked for again after the others. */
  | {readonly type: 'table_postponed'; readonly table: string; readonly message: string}
  /** Something to know before the run begins, such as where a new folder is created. */
  | {readonly type: 'note'; readonly message: string}
  /** Null before the first table; then each in turn, after so many were dealt with. */
  | {readonly type: 'publishing'; readonly table: string | null; readonly done: number; readonly tables: number}
  | {
      readonly type: 'waiting';
      readonly reason: string;
      /** Until the next call; or at the most, where another process is waited for. */
      readonly seconds: number;
      readonly waitsFor?: 'destination' | 'run' | 'report';
      /** The only table that waits, if the others go on. */
      readonly table?: string;
    }
  | {readonly type: 'retrying'; readonly request: string; readonly attempt: number; readonly reason: string}
  | {readonly type: 'debug'; readonly message: string};

export type OnEvent = (event: RunEvent) => void;
