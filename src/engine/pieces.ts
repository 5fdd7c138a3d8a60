import {createReadStream, createWriteStream} from 'node:fs';
import {open, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import type {DuckDBConnection} from '@duckdb/node-api';
import type {SpooledTable} from '../spool/format.js';
import {queryNumber} from './duckdb.js';
import {readManifest} from './read.js';
import {sql} from './sql.js';

const newline = 0x0a;
const pieceBytes = 16 * 1024 * 1024;
const mostBytesAtOnce = 64 * 1024 * 1024;

/** A part of a spool in a file of its own. */
export interface Piece {
  readonly file: string;
  /** Its offset in the spool. */
  readonly start: number;
}

/**
 * Whether the records are too large to be taken 2,048 at a time, which is how DuckDB takes rows: 2,000 texts of 150 KB did not fit in its
 * memory at the commit. Such records are staged in pieces.
 */
export async function isHeavy(connection: DuckDBConnection, spooled: SpooledTable): Promise<boolean> {
  // All of them together are no more than the file: nearly every table is spared the question.
  if ((await stat(spooled.recordsFile)).size <= mostBytesAtOnce) return false;
  const mostBytes = await queryNumber(
    connection,
    sql`SELECT max(bytes) FROM (
          SELECT sum(bytes) OVER (ORDER BY records RANGE BETWEEN 2048 PRECEDING AND CURRENT ROW) AS bytes
          FROM (
            SELECT end_offset - lag(end_offset, 1, 0) OVER (ORDER BY page) AS bytes,
              CAST(sum(records) OVER (ORDER BY page) AS BIGINT) AS records
            FROM ${readManifest(spooled)} WHERE type = 'page'
          )
        )`,
  );
  return mostBytes > mostBytesAtOnce;
}

/** Copies the records into one file after the other: each holds 16 MB of lines at most, or one line that is longer. */
export async function* cutIntoPieces({recordsFile}: SpooledTable, workDir: string): AsyncGenerator<Piece> {
  const file = join(workDir, 'piece.ndjson');
  try {
    for await (const {start, end} of findPieces(recordsFile)) {
      await pipeline(createReadStream(recordsFile, {start, end: end - 1}), createWriteStream(file, {mode: 0o600}));
      yield {file, start};
    }
  } finally {
    await rm(file, {force: true});
  }
}

async function* findPieces(file: string): AsyncGenerator<{readonly start: number; readonly end: number}> {
  const handle = await open(file);
  try {
    const bytes = Buffer.allocUnsafe(pieceBytes);
    let start = 0;
    let at = 0;
    for (;;) {
      const {bytesRead} = await handle.read(bytes, 0, pieceBytes, at);
      if (bytesRead === 0) return;
      const read = bytes.subarray(0, bytesRead);
      const last = at === start ? read.lastIndexOf(newline) : read.indexOf(newline);
      if (last >= 0) {
        const end = at + last + 1;
        yield {start, end};
        start = end;
      }
      at = last >= 0 ? start : at + bytesRead;
    }
  } finally {
    await handle.close();
  }
}
