import type {Stream} from '../../destination/messages/dialect.js';
import {UsageError} from '../../errors.js';
import {isObject, type JsonObject} from '../../json/members.js';
import {findStream, type Listed} from './streams.js';

/** By when a row was received: those that a merge carries over keep their time. */
const cursor = '_docebo_extracted_at';

/** The catalog that discover prints. `hasCursor`: whether rows hold what tells which of them were read since. */
export function writeAirbyteCatalog(listed: readonly Listed[], hasCursor: boolean) {
  return {
    streams: listed.map(({table, schema, isMerged}) => ({
      name: table.name,
      json_schema: {$schema: 'http://json-schema.org/draft-07/schema#', ...schema, additionalProperties: true},
      supported_sync_modes: isMerged && hasCursor ? ['full_refresh', 'incremental'] : ['full_refresh'],
      ...(isMerged && hasCursor && {source_defined_cursor: true, default_cursor_field: [cursor]}),
      source_defined_primary_key: table.primaryKey.map(column => [column]),
      is_resumable: false,
    })),
  };
}

/** The streams of a configured catalog. Throws UsageError for one that there is not. */
export function readConfigured(catalog: unknown, listed: readonly Listed[], hasCursor: boolean): readonly Stream[] {
  const entries = isObject(catalog) ? catalog['streams'] : undefined;
  if (!Array.isArray(entries) || entries.length === 0) throw new UsageError('The catalog holds no streams.');
  return entries.filter(isObject).map(({stream, sync_mode: mode}: JsonObject) => {
    const told: JsonObject = isObject(stream) ? stream : {};
    const table = findStream(told['name']);
    const {isMerged = false, schema} = listed.find(each => each.table === table) ?? {};
    // PyAirbyte asks for every stream so, whatever the catalog offers. One that cannot is sent whole.
    const isIncremental = mode === 'incremental' && isMerged && hasCursor;
    const {json_schema: chosen} = told;
    const properties = isObject(chosen) && isObject(chosen['properties']) ? chosen['properties'] : schema?.properties;
    // What is sent of undeclared keys was not there to be chosen.
    const isChosen = (column: string) =>
      properties === undefined ||
      Object.hasOwn(properties, column) ||
      !Object.hasOwn(schema?.properties ?? {}, column) ||
      table.primaryKey.includes(column);
    return {table, isChosen, isIncremental};
  });
}

/** The states of an earlier run, by stream. */
export function readStates(state: unknown): JsonObject {
  const states = Array.isArray(state) ? state.filter(isObject) : [];
  return Object.fromEntries(
    states.flatMap(({stream}) => {
      if (!isObject(stream) || !isObject(stream['stream_descriptor'])) return [];
      const {name} = stream['stream_descriptor'];
      return typeof name === 'string' ? [[name, stream['stream_state']] as const] : [];
    }),
  );
}
