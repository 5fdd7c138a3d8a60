/**
 * The landing zone on disk, one folder a run and one folder a table:
 *
 *     <run>/run.json                   who wrote it: load id, tenant, version
 *     <run>/<table>/records.ndjson     a record a line, as sent, each line led by the number of its page:
 *                                      {"_docebo_page":12,"user_id":"51153",…}
 *     <run>/<table>/manifest.ndjson    append-only, fsynced after the records it describes: a ManifestLine a line
 *
 * Records land unparsed and unchanged but for edits of equal length that make a line loadable (see source/slice.ts).
 */
export const pageKey = '_docebo_page';

/** What JSON type a key that no column declares was seen to hold. */
export type SentType = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'object' | 'array';

/** One reply whose records are durable in records.ndjson. */
export interface LandedPage {
  readonly type: 'page';
  /** 1-based, in order of landing; unique in the table. Joins a record to its page. */
  readonly page: number;
  /** The request that gave it, without host or secrets. */
  readonly request: string;
  /** Values bound from the parent, by placeholder or column name. */
  readonly bound: Readonly<Record<string, string>>;
  readonly records: number;
  /** Bytes of records.ndjson that are durable once this line is. */
  readonly end_offset: number;
  /** ISO 8601, UTC. */
  readonly extracted_at: string;
  /** Undeclared keys first seen on this page with a type not seen before. */
  readonly undeclared: Readonly<Record<string, readonly SentType[]>>;
}

/** The table's extraction is proved: nothing is missing, and the counts agree. */
export interface CompletedTable {
  readonly type: 'complete';
  readonly records: number;
  readonly pages: number;
  /** The API's own total where it gave one. */
  readonly total: number | null;
}

export type ManifestLine = LandedPage | CompletedTable;

/** A spooled table, as extraction hands it to the engine. */
export interface SpooledTable {
  readonly name: string;
  readonly recordsFile: string;
  readonly manifestFile: string;
  readonly records: number;
  readonly undeclared: ReadonlyMap<string, ReadonlySet<SentType>>;
}
