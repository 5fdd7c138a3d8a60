import {type Column, type SentRecord, sentNames, type Table} from '../table.js';

/** What a column of a record holds, as text; null if none of its keys holds a value. Only for binding and filtering. */
export function readValue(record: SentRecord, table: Table, name: string): string | null {
  const column: Column | undefined = table.columns[name];
  for (const path of column === undefined ? [name] : sentNames(name, column)) {
    const value = step(record, path.split('.'));
    if (value !== undefined && value !== null && typeof value !== 'object') return String(value);
  }
  return null;
}

/** Whether each column holds one of the values wanted of it. */
export function matchesWhere(
  record: SentRecord,
  table: Table,
  where: Readonly<Record<string, readonly string[]>>,
): boolean {
  return Object.entries(where).every(([name, wanted]) => wanted.includes(readValue(record, table, name) ?? ''));
}

function step(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Reflect.get(current, key);
  }
  return current;
}
