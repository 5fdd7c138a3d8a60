import type {Protocol} from '../../destination-uri.js';
import type {Sql} from '../../engine/sql.js';
import type {Property} from '../../json-schema.js';
import type {Table} from '../../table.js';

/** What a reader was told when it was last sent a table. It gives that back at the next run. */
export interface Bookmark {
  readonly load_id: string;
  /** Higher than that of every load before. Some readers keep it in 32 bits, so it counts seconds. */
  readonly version: number;
  readonly rows: number;
  /** When the latest page was received that holds any of its rows (ISO 8601, UTC); null if it has none. */
  readonly read_to: string | null;
  /** As of when the table is whole: when its load received the first page (ISO 8601, UTC). */
  readonly read_at: string;
  /** Of how records became rows (`digestRows`). */
  readonly digest: string;
}

export type Bookmarks = Readonly<Record<string, Bookmark>>;

/** A table that is to be sent. */
export interface Stream {
  readonly table: Table;
  /** The columns that were chosen. */
  readonly isChosen: (column: string) => boolean;
  /** Whether the reader keeps the rows that it has, and wants only those that were read since. @default false */
  readonly isIncremental?: boolean;
}

/** A proved table. */
export interface Proved {
  readonly stream: Stream;
  readonly bookmark: Bookmark;
  readonly properties: Readonly<Record<string, Property>>;
  /** Rows that are sent. */
  readonly sent: number;
}

/** How a protocol says it. */
export interface Dialect {
  readonly protocol: Protocol;
  /** The text before a row in its message, and SQL for the text after it. `receivedAt`: SQL for when its page was received, as JSON. */
  readonly frame: (stream: Stream, version: number, receivedAt: Sql) => {readonly before: string; readonly after: Sql};
  /** The messages before the rows of a table. */
  readonly begin: (proved: Proved) => readonly object[];
  /** The messages after them, of which the last says that the reader may remember `bookmarks`. */
  readonly end: (proved: Proved, bookmarks: Bookmarks) => readonly object[];
}

/** What is sent to a reader, and how. */
export interface Messages {
  readonly dialect: Dialect;
  readonly streams: readonly Stream[];
  /** What the reader was told last, by table. */
  readonly bookmarks: Bookmarks;
  /** Resolves once the reader can take more. Rejects with DestinationError if it does not read any more. */
  readonly write: (text: string | Uint8Array) => Promise<void>;
}
