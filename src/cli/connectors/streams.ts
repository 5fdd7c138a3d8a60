import {tables} from '../../../tables/index.js';
import type {Bookmark, Bookmarks, Stream} from '../../destination/messages/dialect.js';
import {mergesOf} from '../../docs.js';
import {UsageError} from '../../errors.js';
import {isObject} from '../../json/members.js';
import {metadataProperties, toProperties} from '../../json-schema.js';
import type {Table} from '../../table.js';
import {findTable} from '../options/select-tables.js';
import {readJsonFile} from './read-config.js';

/** A table as a catalog lists it. */
export interface Listed {
  readonly table: Table;
  /** JSON Schema of its rows, as far as that is known before they are read. */
  readonly schema: {readonly type: 'object'; readonly properties: ReturnType<typeof toProperties>};
  /** Whether it is read by what has changed in it. */
  readonly isMerged: boolean;
}

/** All tables; `isMerge` says whether those that can be merged are. */
export function listStreams(isMerge: boolean): readonly Listed[] {
  return tables.map(table => ({
    table,
    schema: {type: 'object', properties: {...toProperties(table), ...metadataProperties}},
    isMerged: isMerge && mergesOf(table).length > 0,
  }));
}

/** The table that a catalog calls so. Throws UsageError if there is none. */
export function findStream(name: unknown): Table {
  if (typeof name !== 'string') throw new UsageError('The catalog holds a stream without a name.');
  return findTable(tables, name);
}

/** Tables to load. If all of them were chosen, nobody has asked for each, so a tenant may lack some. */
export function toLoads(streams: readonly Stream[]) {
  const mayBeAbsent = streams.length === tables.length;
  return streams.map(({table}) => ({table, target: {schema: null, name: table.name}, mayBeAbsent}));
}

/** What the reader was told last. Anything else that a state holds, as other programs write it, counts as nothing told. */
export function toBookmarks(told: Readonly<Record<string, unknown>>): Bookmarks {
  return Object.fromEntries(
    Object.entries(told).flatMap(([name, value]) => (isBookmark(value) ? [[name, value] as const] : [])),
  );
}

function isBookmark(value: unknown): value is Bookmark {
  if (!isObject(value)) return false;
  const {load_id: loadId, version, rows, read_to: readTo, read_at: readAt, digest} = value;
  return (
    typeof loadId === 'string' &&
    Number.isSafeInteger(version) &&
    Number.isSafeInteger(rows) &&
    (readTo === null || isMoment(readTo)) &&
    isMoment(readAt) &&
    typeof digest === 'string'
  );
}

function isMoment(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

/** The state of an earlier run; nothing if none was given, or an empty file, as orchestrators give before the first run. */
export async function readState(path: string | undefined): Promise<unknown> {
  return path === undefined ? {} : readJsonFile('state', path);
}
