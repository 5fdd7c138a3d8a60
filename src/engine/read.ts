import type {SpooledTable} from '../spool/format.js';
import {foldCase} from './fold-case.js';
import {quoteIdentifier, quoteJsonPath, quotePath, quoteText} from './quote.js';

export type ReadType = 'VARCHAR' | 'JSON';

/** Root keys of the records that are wanted, and how each is to be read. */
export type RootTypes = ReadonlyMap<string, ReadType>;

/**
 * `typed` is the fast way. It knows no two keys that differ in case only, nor the empty one, and fails on a record that holds
 * one key twice; `whole` takes all of them: each record is read as one JSON value, of which the first of two equal keys counts.
 */
export type Reading = 'typed' | 'whole';

const defaultObjectBytes = 16 * 1024 * 1024;

/**
 * A relation of `page` and of one column for each key, named by `keyColumn`. Every scalar is text: see `Reading`. Where some number would
 * not survive that, `exact` holds the texts of a record's own by JSON pointer.
 */
export function readRecords(
  {recordsFile, exact}: SpooledTable,
  types: RootTypes,
  largestPageBytes: number,
  reading: Reading,
): string {
  const keys = [...types.keys()];
  const settings = `format = 'newline_delimited', compression = 'uncompressed',
          maximum_object_size = ${Math.max(defaultObjectBytes, largestPageBytes)}`;
  if (reading === 'whole' || clashInCase(keys) || keys.some(isNoIdentifier)) {
    const columns = [...types].map(([key, type], i) => `${stepInto(key, type)} AS k${i}`);
    const page = `CAST(json_extract_string(json, ${quoteJsonPath(['page'])}) AS BIGINT) AS page`;
    const beside = exact.size === 0 ? [] : [`json_extract(json, ${quoteJsonPath(['exact'])}) AS exact`];
    return `(SELECT ${[page, ...beside, ...columns].join(', ')} FROM read_json_objects(${quotePath(recordsFile)}, ${settings}))`;
  }
  const members = [...types].map(([key, type]) => `${quoteIdentifier(key)} ${type}`);
  const columns = keys.map((key, i) => `record.${quoteIdentifier(key)} AS k${i}`);
  const beside = exact.size === 0 ? [] : ['exact'];
  const read = ["page: 'BIGINT'", `record: ${quoteText(`STRUCT(${members.join(', ')})`)}`];
  return `(SELECT ${['page', ...beside, ...columns].join(', ')}
          FROM read_json(${quotePath(recordsFile)}, ${settings},
            columns = {${[...read, ...beside.map(name => `${name}: 'JSON'`)].join(', ')}}))`;
}

/** The columns in which `readRecords` holds the keys. */
export function keyColumns(types: RootTypes): (key: string) => string {
  const places = new Map([...types.keys()].map((key, i) => [key, i]));
  return key => `k${places.get(key)}`;
}

function stepInto(key: string, type: ReadType): string {
  const path = quoteJsonPath(['record', key]);
  return type === 'JSON' ? `nullif(json_extract(json, ${path}), 'null'::JSON)` : `json_extract_string(json, ${path})`;
}

function clashInCase(keys: readonly string[]): boolean {
  return new Set(keys.map(foldCase)).size < keys.length;
}

export function readManifest({manifestFile}: SpooledTable): string {
  return `read_json(${quotePath(manifestFile)}, format = 'newline_delimited', compression = 'uncompressed', columns =
    {'type': 'VARCHAR', 'page': 'BIGINT', 'bound': 'JSON', 'end_offset': 'BIGINT', 'extracted_at': 'TIMESTAMPTZ',
     'facts': 'JSON', 'pass': 'BIGINT', 'list': 'VARCHAR', 'state': 'BIGINT'})`;
}

/** DuckDB has no names that are empty or hold a NUL. */
function isNoIdentifier(key: string): boolean {
  return key === '' || key.includes('\0');
}

/** The column in which `readPages` holds what a page binds. */
export function boundColumn(name: string): string {
  return quoteIdentifier(`bound ${name}`);
}

/** The pages that landed, with what each binds and when it was read. */
export function readPages(spooled: SpooledTable, boundNames: readonly string[]): string {
  const bound = boundNames.map(name => `json_extract_string(bound, ${quoteJsonPath([name])}) AS ${boundColumn(name)}`);
  const number = `CAST(json_extract(facts, '$.number') AS BIGINT) AS number`;
  return `SELECT ${['page', 'extracted_at', number, 'pass', 'list', 'state', ...bound].join(', ')} FROM ${readManifest(spooled)} WHERE type = 'page'`;
}
