import type {DuckDBConnection} from '@duckdb/node-api';
import {queryRows} from '../engine/duckdb.js';
import {type Sql, sql} from '../engine/sql.js';
import {IncompleteError} from '../errors.js';
import type {Load, PublishOptions} from './destination.js';

/** When rows were read: a table is as old as the oldest of its rows. */
export interface Reading {
  readonly loadId: string;
  readonly readAtMs: number;
}

/** The reading to be published. If no page landed, it is as old as its run, whose load id begins with its time. */
export function readingOf({spooled}: Load, loadId: string): Reading {
  // A load id has whole seconds only: the end of that second is taken.
  return {loadId, readAtMs: spooled.readAt === null ? startOf(loadId) + 999 : Date.parse(spooled.readAt)};
}

/** When the run of a load began; NaN if its id does not tell. */
function startOf(loadId: string): number {
  const [, date, time] = /^(\d{8})T(\d{6})Z/.exec(loadId) ?? [];
  return Date.parse(`${date?.replace(/(....)(..)/, '$1-$2-')}T${time?.replace(/(..)(..)/, '$1:$2:')}Z`);
}

/** The reading of a table whose oldest row tells this. Rows that a merge has carried over are older than what it says of them. */
export function readingOfRow(loadId: string, readAtMs: number): Reading {
  return {loadId, readAtMs: Math.max(readAtMs, startOf(loadId) || readAtMs)};
}

/** The reading of a table, of which its rows tell one and a note perhaps another: of a merge only the note tells when it was read. */
export function chooseReading(told: Reading | undefined, noted: Reading | undefined): Reading | undefined {
  return told === undefined || noted?.loadId === told.loadId ? noted : told;
}

/**
 * A run may end after one that began later, be resumed days later, or be loaded again. Throws IncompleteError if the table there was read
 * after the records that are to replace it. If that cannot be told, they replace it; returns a warning if a clock is the cause.
 */
export function refuseOlder(
  {table: {name}}: Load,
  standing: Reading | undefined,
  reading: Reading,
  {allowOlder}: Pick<PublishOptions, 'allowOlder'>,
): readonly string[] {
  if (standing === undefined || allowOlder || standing.loadId === reading.loadId) return [];
  const {readAtMs} = standing;
  // Otherwise a table that was dated by a clock ahead of time could not be replaced until that day.
  if (readAtMs > Date.now()) {
    return [`The earlier table is dated ${describe(readAtMs)}, which is in the future: it was taken for the older one`];
  }
  if (Number.isNaN(readAtMs) || !(reading.readAtMs < readAtMs)) return [];
  throw new IncompleteError(
    `${name}: the earlier table was read at ${describe(readAtMs)} (load ${standing.loadId}), later than these records, which were ` +
      `read at ${describe(reading.readAtMs)}`,
    {
      hint: 'The earlier table was kept, because it is newer. If you want the older records, allow them with --allow-older.',
      allowedBy: {'allow-older': true},
    },
  );
}

function describe(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/, '');
}

/** When rows were read; undefined if there are none, or they do not tell. */
export async function readFromRows(
  connection: DuckDBConnection,
  source: Sql,
  columns: readonly {readonly name: string; readonly type: string}[],
): Promise<Reading | undefined> {
  const types = new Map(columns.map(({name, type}) => [name, type]));
  if (types.get('_docebo_load_id') !== 'VARCHAR') return undefined;
  if (types.get('_docebo_extracted_at') !== 'TIMESTAMP WITH TIME ZONE') return undefined;
  const [row] = await queryRows(
    connection,
    sql`SELECT arg_min(_docebo_load_id, _docebo_extracted_at), epoch_ms(min(_docebo_extracted_at)) FROM ${source}`,
  );
  const [loadId, readAtMs] = row ?? [];
  return typeof loadId === 'string' ? readingOfRow(loadId, Number(readAtMs)) : undefined;
}
