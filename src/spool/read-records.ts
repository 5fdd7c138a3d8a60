import {createReadStream} from 'node:fs';
import {findMembers, RawRecord} from '../json/raw-record.js';
import type {SpooledTable} from './format.js';
import {loadManifest} from './load-manifest.js';

const newline = 0x0a;
const pieceBytes = 1024 * 1024;

/**
 * Gives every record of a spooled table, with the values by which its list was asked. Where rows moved, a record may
 * come more than once.
 */
export async function* readRecords({recordsFile, manifestFile}: SpooledTable): AsyncGenerator<RawRecord> {
  const bound = new Map<number, Readonly<Record<string, string>>>();
  for (const line of (await loadManifest(manifestFile)).lines) {
    if (line.type === 'page') bound.set(line.page, line.bound);
  }
  for await (const line of readLines(recordsFile)) yield readLine(line, page => bound.get(page));
}

/** Reads the record on a line of the spool. */
export function readLine(
  line: Buffer,
  boundBy: (page: number) => Readonly<Record<string, string>> | undefined = () => undefined,
): RawRecord {
  const members = findMembers(line, 0);
  const [page, record] = [members.get('page'), members.get('record')];
  if (page === undefined || record === undefined) throw new TypeError('A line of the spool holds no record.');
  const bound = boundBy(Number(line.toString('latin1', page.start, page.end)));
  const notes = members.get('notes');
  const mended = notes && findMembers(line, notes.start).get('mended');
  return new RawRecord(line, record, bound, new Set(mended && findMembers(line, mended.start).keys()));
}

/** Splits a page into its lines. */
export function splitLines(bytes: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0, end = bytes.indexOf(newline); end >= 0; from = end + 1, end = bytes.indexOf(newline, from))
    lines.push(bytes.subarray(from, end));
  return lines;
}

/** Reads lines as bytes: from Node 24 on, Node's own line reader ends a line at U+2028, which JSON may hold. */
export async function* readLines(file: string): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  for await (const chunk of createReadStream(file, {highWaterMark: pieceBytes})) {
    const piece: Buffer = chunk;
    let from = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, from)) {
      const line = piece.subarray(from, end);
      yield begun.length === 0 ? line : Buffer.concat([...begun, line]);
      begun = [];
      from = end + 1;
    }
    begun.push(piece.subarray(from));
  }
}
