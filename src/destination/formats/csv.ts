import {open} from 'node:fs/promises';
import {basename} from 'node:path';
import {quoteIdentifier, quotePath} from '../../engine/quote.js';
import {sql} from '../../engine/sql.js';
import type {Reading} from '../older.js';
import type {FileFormat} from './format.js';
import {createTyped, describeColumns, type LineColumn, type LineFormat} from './line-format.js';
import {nameFault, readPieces, refuseTorn, type TextRows, toReading} from './read-pieces.js';
import {writeLines} from './write-lines.js';

const [nul, newline, carriageReturn, quoteMark, comma] = [0x00, 0x0a, 0x0d, 0x22, 0x2c];

/**
 * CSV as RFC 4180 has it. Every text is in quotes, and nothing else is: thus an empty text is told from NULL, and a file that lost some of
 * its bytes from a whole one.
 */
export const csvLines: LineFormat = {
  header: formatHeader,
  lead: (_, i) => (i === 0 ? '' : ','),
  tail: '',
  lineEnd: '\r\n',
  nothing: '',
  around: sql``,
  format({name, type}) {
    const text = sql`CAST(${quoteIdentifier(name)} AS VARCHAR)`;
    return type === 'VARCHAR' || type === 'JSON' ? sql`'"' || replace(${text}, '"', '""') || '"'` : text;
  },
  quote,
};

function formatHeader(columns: readonly LineColumn[]): string {
  return columns.map(({name}) => (/[",\r\n]/.test(name) ? quote(name) : name)).join();
}

function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

export const csv: FileFormat = {
  scheme: 'csv',
  check: async () => undefined,
  write: async (connection, staged, file) => writeLines(connection, staged, file, csvLines),
  async findFault(connection, staged, file, rows) {
    const {ends, ...found} = await readRows(file);
    const header = `${formatHeader(await describeColumns(connection, staged))}${csvLines.lineEnd}`;
    const isWhole = found.areWhole && (await readText(file, 0, ends[0] ?? 0)) === header;
    return nameFault({...found, areWhole: isWhole}, rows);
  },
  async readInto(connection, created, file, types) {
    refuseTorn(basename(file), await readRows(file));
    const source = sql`read_csv(${quotePath(file)}, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"', nullstr = '',
      allow_quoted_nulls = false, new_line = '\\r\\n')`;
    await createTyped(connection, created, source, types);
  },
  countRows: async (_, file) => (await readRows(file)).count,
  readReading: async (_, file) => readFirstRow(file).catch(() => undefined),
};

interface CsvRows extends TextRows {
  /** Where the header ends, and where the first row does. */
  readonly ends: readonly number[];
}

/**
 * Counts the rows of a file, or finds where the first one ends. That bytes are missing shows in the number of a row's values, or in zeros
 * that no quotes surround.
 */
async function readRows(file: string, {isFirstEnough = false} = {}): Promise<CsvRows> {
  const ends: number[] = [];
  let [records, values, width, offset] = [0, 1, 0, 0];
  let areWhole = true;
  let isQuoted = false;
  let last = newline;
  for await (const piece of readPieces(file)) {
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at] ?? nul;
      if (byte === quoteMark) isQuoted = !isQuoted;
      else if (isQuoted) {
        const end = piece.indexOf(quoteMark, at);
        at = (end < 0 ? piece.length : end) - 1;
      } else if (byte === comma) values += 1;
      else if (byte === nul) areWhole = false;
      else if (byte === newline) {
        records += 1;
        if (records === 1) width = values;
        areWhole &&= last === carriageReturn && values === width;
        values = 1;
        if (records <= 2) ends.push(offset + at + 1);
      }
      last = byte;
    }
    offset += piece.length;
    if (isFirstEnough && ends.length === 2) break;
  }
  if (last !== newline || isQuoted) return {count: records, areWhole: false, ends: [...ends, offset]};
  return {count: Math.max(0, records - 1), areWhole, ends};
}

/** The first row comes from the first page, which was read before the others. */
async function readFirstRow(file: string): Promise<Reading | undefined> {
  const {ends} = await readRows(file, {isFirstEnough: true});
  const [header = 0, row = 0] = ends;
  const names = splitRecord((await readText(file, 0, header)).trimEnd());
  const values = splitRecord((await readText(file, header, row)).trimEnd());
  const find = (name: string) => values[names.indexOf(name)]?.replaceAll('"', '');
  return toReading(find('_docebo_load_id'), find('_docebo_extracted_at'));
}

/** The values of a record as they are written. Without an expression, whose stack a large text would overflow. */
function splitRecord(record: string): readonly string[] {
  const values: string[] = [];
  let start = 0;
  for (let at = 0; at <= record.length; at++) {
    if (record[at] === '"') at = closeQuote(record, at);
    else if (at === record.length || record[at] === ',') {
      values.push(record.slice(start, at));
      start = at + 1;
    }
  }
  return values;
}

function closeQuote(record: string, at: number): number {
  const end = record.indexOf('"', at + 1);
  return end < 0 ? record.length : end;
}

async function readText(file: string, start: number, end: number): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const {buffer, bytesRead} = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
