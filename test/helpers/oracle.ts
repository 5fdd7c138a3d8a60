import {sentNames} from '../../src/declared-keys.js';
import type {Column, Kind, SentRecord, Table} from '../../src/table.js';

/**
 * What a row must hold, worked out from a record without the engine: the rules of the casting table once more, in another
 * language, so that a mistake in the SQL has to be made twice to pass. Values are texts or null, as `comparable` gives them.
 */
export function expectRow(table: Table, record: SentRecord): Record<string, string | null> {
  const declared = Object.entries(table.columns).map(([name, column]) => [name, expectValue(name, column, record)]);
  return Object.fromEntries(declared);
}

function expectValue(name: string, column: Column, record: SentRecord): string | null {
  const paths = [...sentNames(name, column), name];
  const sent = paths.map(path => step(record, path)).find(value => value !== undefined && value !== null);
  return sent === undefined ? null : held[column.kind](sent);
}

function step(record: SentRecord, path: string): unknown {
  let value: unknown = record;
  for (const key of path.split('.'))
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return value;
}

const held: Readonly<Record<Kind, (sent: unknown) => string | null>> = {
  integer: sent => (/^\s*-?\d+\s*$/.test(String(sent)) ? BigInt(String(sent).trim()).toString() : null),
  double: sent => (String(sent).trim() === '' || Number.isNaN(Number(sent)) ? null : String(Number(sent))),
  boolean: sent =>
    ['1', 'true'].includes(String(sent)) ? 'true' : ['0', 'false'].includes(String(sent)) ? 'false' : null,
  text: sent => (typeof sent === 'object' ? JSON.stringify(sent) : String(sent)),
  timestamp: sent => holdMoment(sent),
  date: sent => holdMoment(sent)?.slice(0, 10) ?? null,
  json: sent => JSON.stringify(sent),
};

function holdMoment(sent: unknown): string | null {
  const text = String(sent).trim();
  if (text === '' || text === '0' || text.toLowerCase() === 'null') return null;
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d))?$/.exec(text);
  const parts = (match ?? []).slice(1).map(part => Number(part ?? 0));
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const moment = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const exists = match !== null && year > 0 && moment.getUTCMonth() === month - 1 && moment.getUTCDate() === day;
  return exists ? moment.toISOString() : '1970-01-01T00:00:00.000Z';
}

/** SQL that turns a column into the text that the oracle gives. */
export function comparable(name: string, kind: Kind): string {
  const column = `"${name}"`;
  if (kind === 'timestamp') return `strftime(${column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ') AS ${column}`;
  return `${column}::VARCHAR AS ${column}`;
}

/** JSON is compared as a value, doubles as numbers: the text may be written in more than one way. */
export function normalise(table: Table, row: Record<string, string | null>): Record<string, unknown> {
  const entries = Object.entries(table.columns).map(([name, {kind}]) => {
    const value = row[name] ?? null;
    if (value === null) return [name, null];
    if (kind === 'json') return [name, JSON.parse(value)];
    return [name, kind === 'double' ? Number(value) : value];
  });
  return Object.fromEntries(entries);
}
