import {once} from 'node:events';
import {createWriteStream} from 'node:fs';
import {sentNames} from '../../src/declared-keys.js';
import type {Kind, SentRecord, Table} from '../../src/table.js';

/**
 * Writes records as NDJSON that DuckDB can read with the real type of every column: zero dates and empty numbers are null, flags
 * true or false, and a value stands under its column's name. So the baseline casts nothing that we have to.
 */
export async function writeTyped(table: Table, records: Iterable<SentRecord>, file: string): Promise<number> {
  const out = createWriteStream(file);
  const columns = Object.entries(table.columns).map(([name, column]) => ({
    name,
    kind: column.kind,
    from: sentNames(name, column),
  }));
  let count = 0;
  let lines: string[] = [];
  const flush = async (): Promise<void> => {
    if (!out.write(lines.join(''))) await once(out, 'drain');
    lines = [];
  };
  for (const record of records) {
    const row: Record<string, unknown> = {...record};
    for (const {name, kind, from} of columns) {
      const sent = from.map(key => record[key]).find(value => value !== undefined && value !== null);
      for (const key of from) delete row[key];
      if (sent !== undefined) row[name] = typed[kind](sent);
    }
    lines.push(`${JSON.stringify(row)}\n`);
    count += 1;
    if (lines.length === 1000) await flush();
  }
  await flush();
  out.end();
  await once(out, 'close');
  return count;
}

const same = (sent: unknown): unknown => sent;
const numeric = (sent: unknown): unknown => (String(sent).trim() === '' ? null : sent);

const typed: Readonly<Record<Kind, (sent: unknown) => unknown>> = {
  integer: numeric,
  double: numeric,
  boolean: sent => ['1', 'true'].includes(String(sent)),
  text: same,
  json: same,
  timestamp: sent => (isDate(String(sent)) ? sent : null),
  date: sent => (isDate(String(sent)) ? sent : null),
};

function isDate(text: string): boolean {
  const moment = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text.slice(0, 10));
}
