import type {SentType} from '../json/scanner.js';
/**
 * The landing zone on disk, one folder a run and one folder a table:
 *
 *     <run>/run.json                   who wrote it: load id, tenant, version
 *     <run>/<table>/records.ndjson     a record a line, as sent, beside the number of its page:
 *                                      {"page":12,"record":{"user_id":"51153",…}}
 *                                      Beside it, by JSON pointer: numbers that a double would change, as text, and texts
 *                                      that were mended because they were none (RecordNotes):
 *                                      {"page":12,"record":{"price":1.10,…},"notes":{"exact":{"/price":"1.10"},"mended":{"/bio":1}}}
 *     <run>/<table>/manifest.ndjson    append-only, fsynced after the records it describes: a ManifestLine a line
 *
 * Records land unparsed and unchanged but for edits of equal length that make a line loadable (see source/slice.ts).
 */
export const recordsName = 'records.ndjson';
export const manifestName = 'manifest.ndjson';

/** How a reply stands in its list: what the server said, and what tells it from another page. */
export interface PageFacts {
  /** 1-based number of the page within its list. */
  readonly number: number;
  /** Records the server sent, before any filter. */
  readonly sent: number;
  /** Rows in all, if the API says. */
  readonly total: number | null;
  readonly total_pages: number | null;
  /** Records on this page, if it says. */
  readonly count: number | null;
  /** The page that it says this is. */
  readonly current_page: number | null;
  /** Records that the server puts on a page, if it says; or else as many as were asked for. */
  readonly page_size: number | null;
  readonly has_more: boolean | null;
  /** Status of a reply that holds no list at all, which stands for an empty one; null if it holds one. */
  readonly blank: number | null;
  /** The same for two pages only if they hold the same records; empty for a page without any. */
  readonly fingerprint: string;
}

/** What a page teaches of its table, beside its records. */
export interface Findings {
  /** Undeclared keys, with the types that they were seen to hold. */
  readonly undeclared: Readonly<Record<string, readonly SentType[]>>;
  /** JSON pointers under which some record has an exact text beside it. */
  readonly exact: readonly string[];
  /** JSON pointers under which some record was mended. */
  readonly mended: readonly string[];
  /** Keys that some record held twice; the last value was taken. */
  readonly repeated: readonly string[];
}

/** One reply whose records are durable in records.ndjson. Its findings are those that no page before it had. */
export interface LandedPage extends Findings {
  readonly type: 'page';
  /** 1-based, in order of landing; unique in the table. Joins a record to its page. */
  readonly page: number;
  /** The request that gave it, without host or secrets. One that stands twice was read again; its last reading is the newer. */
  readonly request: string;
  /** Values bound from the parent, by placeholder or column name. */
  readonly bound: Readonly<Record<string, string>>;
  readonly records: number;
  /** Null for records that were not sent, but derived. */
  readonly facts: PageFacts | null;
  /** How often the whole table had been read before, because rows had moved too much. */
  readonly pass: number;
  /** The same for two pages of a list only if nothing is known to have come or gone between them (source/readings.ts). */
  readonly state: number;
  /** Replies of the list that had come when this one was asked for. */
  readonly sent_after: number;
  /** Which reading of which list, where a row may stand in several lists: that it came in two of them says nothing. */
  readonly list?: string;
  /** Bytes of records.ndjson that are durable once this line is. */
  readonly end_offset: number;
  /** Bytes of the longest of its lines. */
  readonly longest_line: number;
  /** ISO 8601, UTC. */
  readonly extracted_at: string;
}

/** A child list that was refused, and may be: it is not asked for again. */
export interface ToleratedRequest {
  readonly type: 'tolerated';
  readonly request: string;
  readonly status: number;
  readonly reason: string;
}

/** The table's extraction is proved: nothing is missing, and the counts agree. Holds until a page is landed after it. */
export interface CompletedTable {
  readonly type: 'complete';
  readonly records: number;
  readonly pages: number;
  /** Rows that have to come at the least if rows moved: as counted in all lists or as sent; null for derived ones. */
  readonly total: number | null;
  /** Some pages were read again because rows moved, or a row stands in several lists: of records with one key the last that landed counts. */
  readonly moved: boolean;
  /** Path of the route that served it. */
  readonly route: string;
  readonly warnings: readonly string[];
}

export type ManifestLine = LandedPage | ToleratedRequest | CompletedTable;

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
  /** When the first page of it landed; null if none did. */
  readonly readAt: string | null;
}

/** Requests that failed alike and were allowed to. */
export interface Toleration {
  readonly status: number;
  readonly reason: string;
  readonly count: number;
  /** Those that it happened to. */
  readonly requests: readonly string[];
}
