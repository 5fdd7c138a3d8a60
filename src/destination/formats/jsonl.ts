import {basename} from 'node:path';
import {queryRows, run} from '../../engine/duckdb.js';
import {foldCase} from '../../engine/fold-case.js';
import {quoteIdentifier, quotePath, quoteText} from '../../engine/quote.js';
import {joinSql, sql} from '../../engine/sql.js';
import type {Reading} from '../older.js';
import type {FileFormat} from './format.js';
import type {LineFormat} from './line-format.js';
import {nameFault, readPieces, refuseTorn, type TextRows, toReading} from './read-pieces.js';
import {writeLines} from './write-lines.js';

const newline = 0x0a;
const openBrace = 0x7b;
const closeBrace = 0x7d;

export const jsonLines: LineFormat = {
  header: null,
  lead: ({name}, i) => `${i === 0 ? '{' : ','}${JSON.stringify(name)}:`,
  tail: '}',
  lineEnd: '\n',
  nothing: 'null',
  around: sql`"`,
  format({name, type}) {
    // Gives what to_json would, in less time.
    if (['BIGINT', 'BOOLEAN', 'JSON'].includes(type)) return sql`CAST(${quoteIdentifier(name)} AS VARCHAR)`;
    return sql`CAST(to_json(${quoteIdentifier(name)}) AS VARCHAR)`;
  },
  quote: (text, {type}) => (type === 'JSON' ? text : JSON.stringify(text)),
};

export const jsonl: FileFormat = {
  scheme: 'jsonl',
  check: async () => undefined,
  write: async (connection, staged, file) => writeLines(connection, staged, file, jsonLines),
  findFault: async (_, _staged, file, rows) => nameFault(await readLines(file), rows),
  async readInto(connection, created, file, types) {
    refuseTorn(basename(file), await readLines(file));
    const found = await queryRows(
      connection,
      sql`SELECT key FROM (SELECT unnest(json_keys(json)) AS key, generate_subscripts(json_keys(json), 1) AS place
            FROM read_ndjson_objects(${quotePath(file)})) GROUP BY key ORDER BY max(place), key`,
    );
    // What others have added stays JSON. DuckDB would guess a type, which drops the offset of a time and the digits of a long number.
    const columns = found.map(([key]) => {
      const name = String(key);
      return sql`${quoteText(name)}: ${quoteText(types.get(foldCase(name)) ?? 'JSON')}`;
    });
    await run(
      connection,
      sql`CREATE TABLE ${created} AS
          SELECT * FROM read_json(${quotePath(file)}, format = 'newline_delimited', columns = {${joinSql(columns)}})`,
    );
  },
  countRows: async (_, file) => (await readLines(file)).count,
  readReading: async (_, file) => readFirstLine(file),
};

/** Counts the lines of a file, the last of which may lack its end. Parsing them would take longer than writing them. */
async function readLines(file: string): Promise<TextRows> {
  let count = 0;
  let areObjects = true;
  let last = newline;
  for await (const piece of readPieces(file)) {
    if (last === newline) areObjects &&= piece[0] === openBrace;
    for (let at = piece.indexOf(newline); at >= 0; at = piece.indexOf(newline, at + 1)) {
      count += 1;
      areObjects &&= (at > 0 ? piece[at - 1] : last) === closeBrace;
      areObjects &&= at + 1 === piece.length || piece[at + 1] === openBrace;
    }
    last = piece.at(-1) ?? last;
  }
  return last === newline ? {count, areWhole: areObjects} : {count: count + 1, areWhole: false};
}

/** The first line comes from the first page, which was read before the others. */
async function readFirstLine(file: string): Promise<Reading | undefined> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of readPieces(file)) {
      const end = piece.indexOf(newline);
      pieces.push(Buffer.from(end < 0 ? piece : piece.subarray(0, end)));
      if (end >= 0) break;
    }
    const row: Record<string, unknown> = JSON.parse(Buffer.concat(pieces).toString());
    return toReading(row['_docebo_load_id'], row['_docebo_extracted_at']);
  } catch {
    return undefined;
  }
}
