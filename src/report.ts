import type {Flags} from './command-line.js';
import type {SentType} from './json/scanner.js';
import type {Toleration} from './spool/format.js';

/** What happened to one table. `kept`: not published, the earlier table is as it was. */
export interface TableReport {
  readonly table: string;
  /** Where it was published, as a person would write it (`dest.users`, `users.jsonl`). */
  readonly destination: string;
  readonly status: 'published' | 'kept';
  /** Path of the route that served it; null where none did. */
  readonly route: string | null;
  readonly rows: number;
  readonly requests: number;
  /** Calls that the lists or their parents said it would take; null where no call was needed or none was answered. */
  readonly plannedRequests: number | null;
  readonly seconds: number;
  /** Invalid dates replaced, by column. */
  readonly invalidDates: Readonly<Record<string, number>>;
  /** Values that fit their column's kind in no way and became NULL, by column. */
  readonly castFailures: Readonly<Record<string, number>>;
  /** Values that held what is no text (bytes that are not UTF-8, half a surrogate pair) and hold U+FFFD instead, by column. */
  readonly mendedTexts: Readonly<Record<string, number>>;
  /** Keys that no column declares, with the types seen. */
  readonly undeclared: Readonly<Record<string, readonly SentType[]>>;
  /** Child lists that were allowed to fail, with the reason. */
  readonly tolerated: readonly Toleration[];
  /** Things worth a look that did not stop the table. */
  readonly warnings: readonly string[];
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
  /** What Docebo answered, where it refused this table or one that it needs. */
  readonly status?: number;
  /** What is at the root of it, alike for all tables that failed for one reason, whichever requests it befell. */
  readonly reason: string;
  /** The message of the error at the root, where that is another one. */
  readonly rootMessage?: string;
  /** Requests whose records are not there, or not sure. */
  readonly missing?: readonly string[];
}

export interface Report {
  readonly loadId: string;
  /** Whose data it is: base URL and who signed in, without any secret. */
  readonly tenant: string;
  readonly destination: string;
  readonly startedAt: string;
  readonly seconds: number;
  /** Calls made for data, retries included; token calls are counted apart. */
  readonly requests: number;
  readonly retries: number;
  readonly rateLimited: number;
  readonly tokenRequests: number;
  readonly tables: readonly TableReport[];
  /** Whether the run can be taken up: it is not complete, and its spool is kept. */
  readonly resumable: boolean;
  readonly exitCode: number;
}

/** What a run tells while it goes on. Shown by the CLI, ignored by whoever does not care. */
export type RunEvent =
  | {readonly type: 'table_started'; readonly table: string}
  | {
      readonly type: 'page_landed';
      readonly table: string;
      /** Records landed so far. */
      readonly records: number;
      /** Records expected in all, where the API or the parents tell. */
      readonly expected: number | null;
    }
  | {readonly type: 'table_extracted'; readonly table: string; readonly records: number; readonly requests: number}
  | {
      readonly type: 'table_failed';
      readonly table: string;
      readonly message: string;
      /** Whether it was told before, of another table, what is at the root of it. */
      readonly isTold?: true;
    }
  /** Refused though it was served before: it is asked for again once the others are read. */
  | {readonly type: 'table_postponed'; readonly table: string; readonly message: string}
  /** Something worth saying before the run begins, such as where a new folder is made. */
  | {readonly type: 'note'; readonly message: string}
  | {readonly type: 'publishing'; readonly tables: number}
  | {
      readonly type: 'waiting';
      readonly reason: string;
      /** Until the next call; or at the most, where another process is waited for. */
      readonly seconds: number;
      readonly waitsFor?: 'destination' | 'run';
    }
  | {readonly type: 'retrying'; readonly request: string; readonly attempt: number; readonly reason: string}
  | {readonly type: 'debug'; readonly message: string};

export type OnEvent = (event: RunEvent) => void;
