import type {Stream} from '../../destination/messages/dialect.js';
import {UsageError} from '../../errors.js';
import {isObject, type JsonObject} from '../../json/members.js';
import {findStream, type Listed} from './streams.js';

/** The catalog that --discover prints. */
export function writeCatalog(listed: readonly Listed[]) {
  return {
    streams: listed.map(({table, schema, isMerged}) => {
      const method = isMerged ? 'INCREMENTAL' : 'FULL_TABLE';
      return {
        tap_stream_id: table.name,
        stream: table.name,
        key_properties: table.primaryKey,
        replication_method: method,
        schema,
        metadata: [
          {
            breadcrumb: [],
            metadata: {
              inclusion: 'available',
              'selected-by-default': true,
              'table-key-properties': table.primaryKey,
              'forced-replication-method': method,
            },
          },
          ...Object.keys(schema.properties).map(column => ({
            breadcrumb: ['properties', column],
            metadata: {
              inclusion: table.primaryKey.includes(column) ? 'automatic' : 'available',
              'selected-by-default': true,
            },
          })),
        ],
      };
    }),
  };
}

/** The streams that a catalog selects. Throws UsageError if it selects none, or holds one that there is not. */
export function readSelection(catalog: unknown): readonly Stream[] {
  const entries = isObject(catalog) ? catalog['streams'] : undefined;
  if (!Array.isArray(entries)) throw new UsageError('The catalog holds no list of streams.', {hint});
  const streams = entries.filter(isObject).flatMap((entry: JsonObject) => {
    const table = findStream(entry['tap_stream_id'] ?? entry['stream']);
    if (!isStreamSelected(entry)) return [];
    const isChosen = (column: string) => table.primaryKey.includes(column) || isColumnSelected(entry, column);
    return [{table, isChosen}];
  });
  if (streams.length === 0) throw new UsageError('The catalog selects no stream.', {hint});
  const twice = streams.find(({table}, i) => streams.findIndex(each => each.table === table) < i);
  if (twice !== undefined) throw new UsageError(`The catalog holds the stream ${twice.table.name} twice.`);
  return streams;
}

const hint = 'docebo-ingest singer --discover prints a catalog; "selected": true in the metadata selects a stream.';

/** By metadata or, as older catalogs have it, at the stream or in its schema. */
function isStreamSelected(entry: JsonObject): boolean {
  const {schema} = entry;
  const older = entry['selected'] ?? (isObject(schema) ? schema['selected'] : undefined);
  return decide(findMetadata(entry, []), older) ?? false;
}

/** A column that the catalog says nothing of is sent, as one that has come since. */
function isColumnSelected(entry: JsonObject, column: string): boolean {
  const {schema} = entry;
  const properties = isObject(schema) && isObject(schema['properties']) ? schema['properties'] : {};
  const property = Object.hasOwn(properties, column) ? properties[column] : undefined;
  const older = isObject(property) ? property['selected'] : undefined;
  return decide(findMetadata(entry, ['properties', column]), older) ?? true;
}

function decide(metadata: JsonObject, older: unknown): boolean | undefined {
  const {inclusion, selected} = metadata;
  if (inclusion === 'unsupported') return false;
  if (inclusion === 'automatic') return true;
  const said = [selected, older, metadata['selected-by-default']].find(each => typeof each === 'boolean');
  return said as boolean | undefined;
}

function findMetadata(entry: JsonObject, breadcrumb: readonly string[]): JsonObject {
  const all: readonly unknown[] = Array.isArray(entry['metadata']) ? entry['metadata'] : [];
  const found = all.filter(isObject).find(each => JSON.stringify(each['breadcrumb']) === JSON.stringify(breadcrumb));
  return isObject(found?.['metadata']) ? found['metadata'] : {};
}
