import {open} from 'node:fs/promises';
import {dirname} from 'node:path';
import {ResponseError} from '../errors.js';
import {run, withDuckdb} from './duckdb.js';
import {firstLine, isDuckdbFailure} from './failures.js';
import {foldCase} from './fold-case.js';
import {inMemory} from './open.js';
import {quoteIdentifier, quotePath, quoteText} from './quote.js';
import {joinSql, sql} from './sql.js';

/** Room for the headings of five hundred columns, many times over. */
const mostHeadingBytes = 256 * 1024;

/**
 * Turns a CSV file into JSON lines, and returns its headings. Every value is text; an empty one is null, because CSV does not tell an empty
 * text from none. Throws ResponseError for a file that is not CSV.
 */
export async function convertCsv(csvFile: string, jsonFile: string): Promise<readonly string[]> {
  const {headings, delimiter, skipsLine} = readHeadings(await readStart(csvFile));
  const columns = headings.map(heading => sql`${quoteText(heading)}: 'VARCHAR'`);
  const names = headings.map(quoteIdentifier);
  const read = sql`read_csv(${quotePath(csvFile)}, auto_detect = false, header = true, skip = ${skipsLine ? 1 : 0}, delim = ${quoteText(delimiter)},
      quote = '"', escape = '"', nullstr = '', columns = {${joinSql(columns)}})`;
  const convert = sql`COPY (SELECT ${joinSql(names)} FROM ${read}) TO ${quotePath(jsonFile)} (FORMAT json)`;
  await withDuckdb(inMemory, {workDir: dirname(csvFile), lockTimeoutMs: 0}, async connection =>
    run(connection, convert).catch(error => {
      throw isDuckdbFailure(error) && /^(Invalid Input|Conversion) Error/.test(error.message) ? notCsv(error) : error;
    }),
  );
  return headings;
}

/** All lines but the first may hold personal data. */
function notCsv(error: Error): ResponseError {
  return new ResponseError(`The file of the report could not be read as CSV: ${firstLine(error)}`);
}

async function readStart(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const {buffer, bytesRead} = await handle.read(Buffer.alloc(mostHeadingBytes), 0, mostHeadingBytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

const delimiters = [',', ';', '\t', '|'];

/**
 * The first record of a CSV file, and what separates its values: that which makes most values of it. A heading that is missing, or that
 * another column has already in any case, is made up: to DuckDB names that differ in case only are one.
 */
export function readHeadings(text: string): {
  readonly headings: readonly string[];
  readonly delimiter: string;
  /** Whether a line before the headings says what separates values, as Excel writes it: `sep=;`. */
  readonly skipsLine: boolean;
} {
  const [line, told] = /^sep=([,;\t|])\r?\n/i.exec(text) ?? [];
  const start = text.slice(line?.length ?? 0);
  const wanted = told === undefined ? delimiters : [told];
  const [first, ...others] = wanted.map(delimiter => ({delimiter, values: readRecord(start, delimiter)}));
  if (first === undefined || first.values.join('').trim() === '')
    throw new ResponseError('The file of the report is empty: it does not even have headings.');
  const {values, delimiter} = others.reduce(
    (best, each) => (each.values.length > best.values.length ? each : best),
    first,
  );
  // No name in DuckDB can hold it, and text in UTF-16 without a mark is full of it.
  if (values.some(heading => heading.includes('\0')))
    throw new ResponseError('The headings of the report hold NUL characters: its file is no CSV in UTF-8.');
  const taken = new Set<string>();
  const headings = values.map((text, index) => {
    const heading = text.trim() || `Column ${index + 1}`;
    let free = heading;
    for (let copy = 2; taken.has(foldCase(free)); copy++) free = `${heading} ${copy}`;
    taken.add(foldCase(free));
    return free;
  });
  return {headings, delimiter, skipsLine: line !== undefined};
}

/** A quote opens a quoted value only at its beginning. */
function readRecord(text: string, delimiter: string): readonly string[] {
  const value = new RegExp(`(?:"((?:[^"]|"")*)")?([^\\${delimiter}\r\n]*)(\\${delimiter})?`, 'y');
  const values: string[] = [];
  for (let found = value.exec(text); found !== null; found = value.exec(text)) {
    const [, quoted = '', rest = '', end] = found;
    // DuckDB would take the whole file for the heading.
    if (found[1] === undefined && rest.startsWith('"'))
      throw new ResponseError('The headings of the report hold a quote that is not closed.');
    values.push(quoted.replaceAll('""', '"') + rest);
    if (end === undefined) break;
  }
  return values;
}
