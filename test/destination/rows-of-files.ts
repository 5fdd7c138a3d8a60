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
      // JavaScript's numbers would round what is longer.
      const row: Record<string, unknown> = JSON.parse(line.replace(/(?<=":)-?\d{16,}(?=[,}])/g, '"$&"'));
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
  const bare = /[^",\r\n]*/y;
  const records: (string | null)[][] = [];
  let record: (string | null)[] = [];
  for (let at = 0; at < text.length; ) {
    let value: string | null;
    if (text[at] === '"') {
      let end = text.indexOf('"', at + 1);
      while (text[end + 1] === '"') end = text.indexOf('"', end + 2);
      if (end < 0) throw new Error('A quote is not closed.');
      value = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
    } else {
      bare.lastIndex = at;
      value = bare.exec(text)?.[0] || null;
      at = bare.lastIndex;
    }
    record.push(value);
    if (text[at] === ',') at += 1;
    else if (text.startsWith('\r\n', at)) {
      at += 2;
      records.push(record);
      record = [];
    } else throw new Error(`This is not CSV: ${text.slice(at, at + 40)}`);
  }
  if (record.length > 0 || records.some(({length}) => length !== records[0]?.length)) throw new Error('A row is torn.');
  return records;
}
