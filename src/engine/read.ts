import {pageKey, type SpooledTable} from '../spool/format.js';
import {foldCase} from './fold-case.js';
import {quoteIdentifier, quoteJsonPath, quotePath, quoteText} from './quote.js';
import {joinSql, type Sql, sql} from './sql.js';

export type ReadType = 'VARCHAR' | 'JSON';

/** Root keys of the records that are wanted, and how each is to be read. */
export type RootTypes = ReadonlyMap<string, ReadType>;

/**
 * `typed` is the fast way. It knows no two keys that differ in case only, nor the empty one, and fails on a record that holds
 * one key twice; `whole` takes all of them: each record is read as one JSON value, of which the first of two equal keys counts.
 */
export type Reading = 'typed' | 'whole';

const defaultObjectBytes = 16 * 1024 * 1024;

/** A relation of `page` and of one column for each key, named by `keyColumn`. Every scalar is text: see `Reading`. */
export function readRecords(
  {recordsFile}: SpooledTable,
  types: RootTypes,
  largestPageBytes: number,
  reading: Reading,
): Sql {
  const keys = [...types.keys()];
  const settings = sql`format = 'newline_delimited', compression = 'uncompressed',
          maximum_object_size = ${Math.max(defaultObjectBytes, largestPageBytes)}`;
  if (reading === 'whole' || clashInCase(keys) || keys.some(isNoIdentifier)) {
    const columns = [...types].map(([key, type], i) => sql`${stepInto(key, type)} AS k${i}`);
    const page = sql`CAST(json_extract_string(json, ${quoteJsonPath([pageKey])}) AS BIGINT) AS page`;
    return sql`(SELECT ${joinSql([page, ...columns])} FROM read_json_objects(${quotePath(recordsFile)}, ${settings}))`;
  }
  const read = [[pageKey, 'BIGINT'] as const, ...types].map(
    ([key, type]) => sql`${quoteText(key)}: ${quoteText(type)}`,
  );
  const columns = keys.map((key, i) => sql`${quoteIdentifier(key)} AS k${i}`);
  return sql`(SELECT ${joinSql([sql`${quoteIdentifier(pageKey)} AS page`, ...columns])}
          FROM read_json(${quotePath(recordsFile)}, ${settings}, columns = {${joinSql(read)}}))`;
}

/** The columns in which `readRecords` holds the keys. */
export function keyColumns(types: RootTypes): (key: string) => Sql {
  const places = new Map([...types.keys()].map((key, i) => [key, i]));
  return key => sql`k${places.get(key) ?? -1}`;
}

function stepInto(key: string, type: ReadType): Sql {
  const path = quoteJsonPath([key]);
  return type === 'JSON'
    ? sql`nullif(json_extract(json, ${path}), 'null'::JSON)`
    : sql`json_extract_string(json, ${path})`;
}

function clashInCase(keys: readonly string[]): boolean {
  return new Set([pageKey, ...keys].map(foldCase)).size <= keys.length;
}

export function readManifest({manifestFile}: SpooledTable): Sql {
  return sql`read_json(${quotePath(manifestFile)}, format = 'newline_delimited', compression = 'uncompressed', columns =
    {'type': 'VARCHAR', 'page': 'BIGINT', 'bound': 'JSON', 'end_offset': 'BIGINT', 'extracted_at': 'TIMESTAMPTZ',
     'facts': 'JSON', 'pass': 'BIGINT', 'state': 'BIGINT'})`;
}

/** DuckDB has no names that are empty or hold a NUL. */
function isNoIdentifier(key: string): boolean {
  return key === '' || key.includes('\0');
}

/** The column in which `readPages` holds what a page binds. */
export function boundColumn(name: string): Sql {
  return quoteIdentifier(`bound ${name}`);
}

/** The pages that landed, with what each binds and when it was read. */
export function readPages(spooled: SpooledTable, boundNames: readonly string[]): Sql {
  const bound = boundNames.map(
    name => sql`json_extract_string(bound, ${quoteJsonPath([name])}) AS ${boundColumn(name)}`,
  );
  const number = sql`CAST(json_extract(facts, '$.number') AS BIGINT) AS number`;
  return sql`SELECT ${joinSql([sql`page, extracted_at`, number, sql`pass, state`, ...bound])}
    FROM ${readManifest(spooled)} WHERE type = 'page'`;
}
