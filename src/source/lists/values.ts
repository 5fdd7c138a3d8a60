import type {RawRecord} from '../../json/raw-record.js';
import {type Column, sentNames, type Table} from '../../table.js';

/** What a column of a record holds, as text; null if none of its keys holds a value. Only for binding and filtering. */
export function readValue(record: RawRecord, table: Table, name: string): string | null {
  const column: Column | undefined = table.columns[name];
  for (const path of column === undefined ? [name] : sentNames(name, column)) {
    const value = record.read(path.split('.'));
    if (value !== null) return column?.kind === 'integer' ? toWhole(value) : value;
  }
  return null;
}

/** As the engine makes it: 7 of "007" and 7.0. What is no whole number stays as it is. */
function toWhole(text: string): string {
  const [, whole] = /^\s*([+-]?\d+)(?:\.0*)?\s*$/.exec(text) ?? [];
  return whole === undefined ? text : String(BigInt(whole.replace('+', '')));
}

/** Whether each column holds one of the values wanted of it. */
export function matchesWhere(
  record: RawRecord,
  table: Table,
  where: Readonly<Record<string, readonly string[]>>,
): boolean {
  return Object.entries(where).every(([name, wanted]) => wanted.includes(readValue(record, table, name) ?? ''));
}
