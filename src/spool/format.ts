import type {SentType} from '../json/scanner.js';
/**
 * The landing zone on disk, one folder a run and one folder a table:
 *
 *     <run>/run.json                   who wrote it: load id, tenant, version
 *     <run>/<table>/records.ndjson     a record a line, as sent, beside the number of its page:
 *                                      {"page":12,"record":{"user_id":"51153",…}}
 *                                      `notes`, by JSON pointer: numbers that a double would change, as text, and texts
 *                                      that were mended because they were not valid (RecordNotes):
 *                                      {"page":12,"record":{"price":1.10,…},"notes":{"exact":{"/price":"1.10"},"mended":{"/bio":1}}}
 *     <run>/<table>/manifest.ndjson    append-only, fsynced after the records it describes: a ManifestLine a line
 *
 * Records land unparsed and unchanged, except for edits of equal length that make a line loadable (see json/scanner.ts).
 */
export const recordsName = 'records.ndjson';
export const manifestName = 'manifest.ndjson';

/** What the server said about a page of a list, and what tells it from other pages. */
export interface PageFacts {
  /** 1-based number of the page within its list. */
  readonly number: number;
  /** Records the server sent, before any filter. */
  readonly sent: number;
  /** Rows of the whole list, if the API says. */
  readonly total: number | null;
  readonly total_pages: number | null;
  /** Records on this page, if the reply says. */
  readonly count: number | null;
  /** The number that the reply gives to this page. */
  readonly current_page: number | null;
  /** Records that the server puts on a page, if it says; otherwise as many as were asked for. */
  readonly page_size: number | null;
  readonly has_more: boolean | null;
  /** Status of a reply without a list, which counts as an empty one; null if it holds a list. */
  readonly blank: number | null;
  /** Equal for two pages only if they hold the same records; empty for a page without records. */
  readonly fingerprint: string;
  /** The token by which the next page of an export is asked for; null after the last. Left out for lists. */
  readonly next?: string | null;
}

/** What a page shows about its table, besides its records. */
export interface Findings {
  /** Undeclared keys, with the types that they were seen to hold. */
  readonly undeclared: Readonly<Record<string, readonly SentType[]>>;
  /** JSON pointers to values that some record has an exact text for in its notes. */
  readonly exact: readonly string[];
  /** JSON pointers to values that were mended in some record. */
  readonly mended: readonly string[];
  /** Keys that some record held twice; the last value was taken. */
  readonly repeated: readonly string[];
}

/** One reply whose records are durable in records.ndjson. It lists only findings that no earlier page had. */
export interface PageLine extends Findings {
  readonly type: 'page';
  /** 1-based, in order of landing; unique in the table. Joins a record to its page. */
  readonly page: number;
  /** Its request, without host or secrets. A request that occurs twice was read again; the last reading is the newest. */
  readonly request: string;
  /** Values bound from the parent, by placeholder or column name. */
  readonly bound: Readonly<Record<string, string>>;
  readonly records: number;
  /** Null for records that were derived rather than sent. */
  readonly facts: PageFacts | null;
  /** How often the whole table was read before, because rows had moved too much. */
  readonly pass: number;
  /** Equal for two pages of a list only if no row is known to have come or gone between them (source/lists/readings.ts). */
  readonly state: number;
  /** Replies of the list that had arrived when this one was asked for. */
  readonly sent_after: number;
  /** What the parent of the list held in the columns by which a change of the list is noticed (`Parent.unchangedWhen`). */
  readonly parent?: ParentState;
  /** The records were not sent in this run, but are those of the table's base (spool/bases.ts), or made of a table that holds such records. */
  readonly carried?: true;
  /** Which list, and for which time it was read, if a row may be in several lists: then it may come once in each. */
  readonly list?: string;
  /** The key of each record and when it was last changed, a line for each, if the list can be asked for changes (source/lists/noted-values.ts). */
  readonly keys?: string;
  /** The length of records.ndjson that is durable once this line is. */
  readonly end_offset: number;
  /** Bytes of its longest line. */
  readonly longest_line: number;
  /** ISO 8601, UTC. */
  readonly extracted_at: string;
}

/** Column of a parent → its value, as text. */
export type ParentState = Readonly<Record<string, string | null>>;

/** The export of a report that Docebo was asked for. All pages that follow are of this one. */
export interface StartedExport {
  readonly type: 'export';
  readonly id: string;
  /** ISO 8601, UTC. Its rows are as old as that, whenever they are read. */
  readonly started_at: string;
}

/** A child list whose refusal is tolerated: it is not asked for again. */
export interface ToleratedRequest {
  readonly type: 'tolerated';
  readonly request: string;
  readonly status: number;
  readonly reason: string;
  /** As in a page's line. */
  readonly parent?: ParentState;
  /** ISO 8601, UTC. */
  readonly extracted_at?: string;
}

/** From here on the whole table is read, because it cannot be merged. */
export interface WholeReading {
  readonly type: 'whole';
  readonly reason: string;
}

/** What a merge did. */
export interface Merged {
  /** Rows that are new or differ from those of the base. */
  readonly changed: number;
  /** Rows of the base that are gone. */
  readonly removed: number;
  readonly carriedOver: number;
  /** When the oldest of these was read (ISO 8601, UTC); null if there are none. */
  readonly oldest: string | null;
  /** Rows that were read to see whether unchanged ones are as they were. */
  readonly audited: number;
}

/** The table's extraction is proved: nothing is missing, and the counts agree. Valid until another page lands. */
export interface CompletedTable {
  readonly type: 'complete';
  readonly records: number;
  readonly pages: number;
  /** The least number of rows if rows moved: as the lists counted them or as they were sent; null for derived rows. */
  readonly total: number | null;
  /** Pages were read again because rows moved, or a row is in several lists: of records with one key the last that landed counts. */
  readonly moved: boolean;
  /** Path of the route that served the table. */
  readonly route: string;
  /** The route's full name, which is unique in the table; left out if the route gave no list. */
  readonly servedBy?: string;
  readonly warnings: readonly string[];
  /** Set if it was merged. */
  readonly merged?: Merged;
  /** Changes from this moment on may be missing, by the clock of this machine; left out by earlier versions. ISO 8601, UTC. */
  readonly asked_at?: string;
  /** By how many milliseconds that clock was ahead of Docebo's, if it was by much. */
  readonly clock_ahead_ms?: number;
}

export type ManifestLine = PageLine | StartedExport | ToleratedRequest | WholeReading | CompletedTable;

/** A spooled table, as extraction hands it to the engine. */
export interface SpooledTable {
  readonly name: string;
  readonly recordsFile: string;
  readonly manifestFile: string;
  readonly records: number;
  readonly total: number | null;
  readonly moved: boolean;
  readonly undeclared: ReadonlyMap<string, ReadonlySet<SentType>>;
  readonly exact: ReadonlySet<string>;
  readonly mended: ReadonlySet<string>;
  readonly repeated: ReadonlySet<string>;
  /** The names that its pages bind. */
  readonly bound: ReadonlySet<string>;
  /** Bytes of its longest line. */
  readonly longestLine: number;
  /** As of when it is complete: when it, or what had changed in it, was first asked for. Null if that is not known. */
  readonly readAt: string | null;
  /** When the oldest of its rows was read, if some were carried over. */
  readonly oldestAt?: string;
  /** The route that served it (`fullRouteName`), if that is known. */
  readonly servedBy?: string;
}

/** Requests that failed in the same way, which is tolerated. */
export interface Toleration {
  readonly status: number;
  readonly reason: string;
  readonly count: number;
  /** The requests that failed so. */
  readonly requests: readonly string[];
}
