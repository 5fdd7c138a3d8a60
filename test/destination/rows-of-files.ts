import {readFile} from 'node:fs/promises';
import type {FileScheme} from '../../src/destination-uri.js';
import {query} from '../engine/query.js';

/** A row as any format holds it: each value as text, and NULL apart from the empty text. */
export type TextRow = Readonly<Record<string, string | null>>;

export const fileUris = [
  {scheme: 'jsonl', uri: 'jsonl://out'},
  {scheme: 'csv', uri: 'csv://out'},
  {scheme: 'parquet', uri: 'parquet://out'},
] as const;

const readers: Readonly<Record<FileScheme, (file: string) => Promise<readonly TextRow[]>>> = {
  async jsonl(file) {
    const text = await readFile(file, 'utf8');
    if (text !== '' && !text.endsWith('\n')) throw new Error(`${file} is torn.`);
    const lines = text.split('\n').slice(0, -1);
    return lines.map(line => {
      const row: Record<string, unknown> = JSON.parse(line);
      return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toText(value)]));
    });
  },
  async csv(file) {
    const [names = [], ...rows] = parseCsv(await readFile(file, 'utf8'));
    return rows.map(row => Object.fromEntries(names.map((name, i) => [name ?? '', row[i] ?? null])));
  },
  async parquet(file) {
    const source = `read_parquet('${file.replaceAll("'", "''").replace(/[*?[]/g, '[$&]')}', hive_partitioning = false)`;
    const columns = await query(':memory:', `DESCRIBE SELECT * FROM ${source}`);
    const texts = columns.map(([name, type]) => {
      const column = `"${String(name).replaceAll('"', '""')}"`;
      const moment = `regexp_replace(strftime(${column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ'), '\\.000000', '')`;
      return type === 'TIMESTAMP WITH TIME ZONE' ? moment : `${column}::VARCHAR`;
    });
    const rows = await query(':memory:', `SELECT ${texts.join()} FROM ${source}`);
    return rows.map(row =>
      Object.fromEntries(columns.map(([name], i) => [String(name), row[i] === null ? null : String(row[i])])),
    );
  },
};

/** The rows of a file in the order in which they stand there. Throws if it is torn. */
export async function readRowsOf(scheme: FileScheme, file: string): Promise<readonly TextRow[]> {
  return readers[scheme](file);
}

function toText(value: unknown): string | null {
  if (value === null) return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Reads CSV as RFC 4180 has it, and throws at anything else. A value without quotes and characters is null. */
export function parseCsv(text: string): readonly (readonly (string | null)[])[] {
  const value = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  const records: (string | null)[][] = [];
  let record: (string | null)[] = [];
  while (value.lastIndex < text.length) {
    const at = value.lastIndex;
    const found = value.exec(text);
    if (found === null) throw new Error(`This is not CSV: ${text.slice(at, at + 40)}`);
    const [, quoted, bare = '', end] = found;
    record.push(quoted?.replaceAll('""', '"') ?? (bare === '' ? null : bare));
    if (end === ',') continue;
    records.push(record);
    record = [];
  }
  if (record.length > 0 || records.some(({length}) => length !== records[0]?.length)) throw new Error('A row is torn.');
  return records;
}
