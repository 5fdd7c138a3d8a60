import type {SpooledTable} from '../spool/format.js';
import {foldCase} from './fold-case.js';
import {quoteIdentifier, quoteJsonPath, quotePath, quoteText} from './quote.js';
import {joinSql, type Sql, sql} from './sql.js';

export type ReadType = 'VARCHAR' | 'JSON';

/** The root keys to read from the records, and the type to read each as. */
export type RootTypes = ReadonlyMap<string, ReadType>;

/**
 * `typed` is the fast way. It cannot read keys that differ in case only, nor the empty key, and fails on a record that holds a key twice.
 * `whole` can: it reads each record as one JSON value, in which the first of two equal keys counts.
 */
export type Reading = 'typed' | 'whole';

/** DuckDB's buffers are twice as large, and it has several at a time. */
const leastObjectBytes = 4 * 1024 * 1024;

/**
 * A relation of `page` and one column for each key, named by `keyColumns`. Every scalar is text. If any record has notes (RecordNotes),
 * the column `notes` holds them as JSON.
 */
export function readRecords(
  {recordsFile, exact, mended, longestLine}: SpooledTable,
  types: RootTypes,
  reading: Reading,
): Sql {
  const keys = [...types.keys()];
  const hasNotes = exact.size + mended.size > 0;
  const settings = sql`format = 'newline_delimited', compression = 'uncompressed',
          maximum_object_size = ${Math.max(leastObjectBytes, longestLine)}`;
  // A STRUCT has at least one member.
  if (reading === 'whole' || keys.length === 0 || clashInCase(keys) || keys.some(isNoIdentifier)) {
    const columns = [...types].map(([key, type], i) => sql`${stepInto(key, type)} AS k${i}`);
    const page = sql`CAST(json_extract_string(json, ${quoteJsonPath(['page'])}) AS BIGINT) AS page`;
    const beside = hasNotes ? [sql`json_extract(json, ${quoteJsonPath(['notes'])}) AS notes`] : [];
    return sql`(SELECT ${joinSql([page, ...beside, ...columns])} FROM read_json_objects(${quotePath(recordsFile)}, ${settings}))`;
  }
  const members = [...types].map(([key, type]) => sql`${quoteIdentifier(key)} ${readTypes[type]}`);
  const columns = keys.map((key, i) => sql`record.${quoteIdentifier(key)} AS k${i}`);
  const beside = hasNotes ? [sql`notes`] : [];
  const read = [sql`page: 'BIGINT'`, sql`record: ${quoteText(sql`STRUCT(${joinSql(members)})`)}`];
  return sql`(SELECT ${joinSql([sql`page`, ...beside, ...columns])}
          FROM read_json(${quotePath(recordsFile)}, ${settings},
            columns = {${joinSql([...read, ...beside.map(name => sql`${name}: 'JSON'`)])}}))`;
}

/** The columns in which `readRecords` holds the keys. */
export function keyColumns(types: RootTypes): (key: string) => Sql {
  const places = new Map([...types.keys()].map((key, i) => [key, i]));
  return key => sql`k${places.get(key) ?? -1}`;
}

const readTypes: Readonly<Record<ReadType, Sql>> = {VARCHAR: sql`VARCHAR`, JSON: sql`JSON`};

function stepInto(key: string, type: ReadType): Sql {
  const path = quoteJsonPath(['record', key]);
  return type === 'JSON'
    ? sql`nullif(json_extract(json, ${path}), 'null'::JSON)`
    : sql`json_extract_string(json, ${path})`;
}

function clashInCase(keys: readonly string[]): boolean {
  return new Set(keys.map(foldCase)).size < keys.length;
}

export function readManifest({manifestFile}: SpooledTable): Sql {
  return sql`read_json(${quotePath(manifestFile)}, format = 'newline_delimited', compression = 'uncompressed', columns =
    {'type': 'VARCHAR', 'page': 'BIGINT', 'bound': 'JSON', 'records': 'BIGINT', 'end_offset': 'BIGINT', 'extracted_at': 'TIMESTAMPTZ',
     'facts': 'JSON', 'pass': 'BIGINT', 'list': 'VARCHAR', 'state': 'BIGINT'})`;
}

/** A DuckDB name cannot be empty or hold a NUL. */
function isNoIdentifier(key: string): boolean {
  return key === '' || key.includes('\0');
}

/** The column in which `readPages` holds what a page binds. */
export function boundColumn(name: string): Sql {
  return quoteIdentifier(`bound ${name}`);
}

/** The pages that landed, each with the values that it binds and when it was read. */
export function readPages(spooled: SpooledTable, boundNames: readonly string[]): Sql {
  const bound = boundNames.map(
    name => sql`json_extract_string(bound, ${quoteJsonPath([name])}) AS ${boundColumn(name)}`,
  );
  const number = sql`CAST(json_extract(facts, '$.number') AS BIGINT) AS number`;
  return sql`SELECT ${joinSql([sql`page, extracted_at`, number, sql`pass, list, state`, ...bound])}
    FROM ${readManifest(spooled)} WHERE type = 'page'`;
}
