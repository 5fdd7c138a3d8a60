import {createReadStream} from 'node:fs';
import type {SentRecord} from '../table.js';
import {pageKey, type SpooledTable} from './format.js';
import {loadManifest} from './load-manifest.js';

const newline = 0x0a;
const pieceBytes = 1024 * 1024;

/**
 * Gives every record of a spooled table, parsed, with the values bound from its parent under the keys that hold none. Where rows moved,
 * one may come more than once.
 */
export async function* readRecords({recordsFile, manifestFile}: SpooledTable): AsyncGenerator<SentRecord> {
  const bound = new Map<number, Readonly<Record<string, string>>>();
  for (const line of (await loadManifest(manifestFile)).lines) {
    if (line.type === 'page') bound.set(line.page, line.bound);
  }
  for await (const text of readLines(recordsFile)) {
    const {[pageKey]: page, ...record}: Record<string, unknown> = JSON.parse(text);
    const lacking = Object.entries(bound.get(Number(page)) ?? {}).filter(([key]) => (record[key] ?? null) === null);
    yield lacking.length === 0 ? record : {...record, ...Object.fromEntries(lacking)};
  }
}

/** Node's own reader of lines takes U+2028 for an end of line from Node 24 on, and a JSON text may hold it. */
async function* readLines(file: string): AsyncGenerator<string> {
  let begun: Buffer[] = [];
  for await (const chunk of createReadStream(file, {highWaterMark: pieceBytes})) {
    const piece: Buffer = chunk;
    let from = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, from)) {
      yield Buffer.concat([...begun, piece.subarray(from, end)]).toString();
      begun = [];
      from = end + 1;
    }
    begun.push(piece.subarray(from));
  }
}
