import {sentNames} from '../declared-keys.js';
import type {RawRecord} from '../json/raw-record.js';
import type {Column, Table} from '../table.js';

/**
 * What a column of a record holds, as text; null if it holds nothing. The engine reads the same value (engine/casts.ts): otherwise rows would be
 * asked for, or told apart, by values that differ from those in the table.
 */
export function readValue(record: RawRecord, table: Table, name: string): string | null {
  const column: Column | undefined = table.columns[name];
  const bound = record.readBound(name);
  return bound === null ? readOwn(record, name, column) : toColumn(bound, column);
}

function toColumn(value: string, column: Column | undefined): string | null {
  return column?.kind === 'integer' ? toWhole(value) : value;
}

/** What the record itself holds, whatever its list was asked for by. */
export function readOwn(record: RawRecord, name: string, column: Column | undefined): string | null {
  const sent = readSent(record, name, column);
  return sent === null ? null : toColumn(sent, column);
}

function readSent(record: RawRecord, name: string, column: Column | undefined): string | null {
  for (const path of column === undefined ? [name] : sentNames(name, column)) {
    const value = record.read(path.split('.'), column?.kind === 'integer' ? 'in digits' : 'as sent');
    if (value !== null) return value;
  }
  return null;
}

/** 7 of "007" and 7.0; null for anything but a whole number of 64 bits. */
function toWhole(text: string): string | null {
  const [, digits] = /^\s*([+-]?\d+)(?:\.0*)?\s*$/.exec(text) ?? [];
  const whole = digits === undefined ? undefined : BigInt(digits.replace('+', ''));
  return whole === undefined || BigInt.asIntN(64, whole) !== whole ? null : String(whole);
}

/** The primary key of a record, as text; null if a part of it is. */
export function readKey(record: RawRecord, table: Table): string | null {
  const values = table.primaryKey.map(name => readValue(record, table, name));
  return values.length === 0 || values.includes(null) ? null : JSON.stringify(values);
}

/** Whether each column holds one of the values wanted there, in any case. */
export function matchesWhere(
  record: RawRecord,
  table: Table,
  where: Readonly<Record<string, readonly string[]>>,
): boolean {
  return Object.entries(where).every(([name, wanted]) => matches(readValue(record, table, name) ?? '', wanted));
}

export function matches(value: string, wanted: readonly string[]): boolean {
  return wanted.includes(value.trim().toLowerCase());
}
