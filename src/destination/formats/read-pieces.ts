import {open} from 'node:fs/promises';
import {DestinationError} from '../../errors.js';
import {type Reading, readingOfRow} from '../older.js';

const pieceBytes = 4 * 1024 * 1024;

/** The rows of a file of text. */
export interface TextRows {
  readonly count: number;
  /** Whether none of them shows that some of its bytes are missing. */
  readonly areWhole: boolean;
}

/** Reads a file piece by piece, each of which is valid until the next; no pieces if there is no file. */
export async function* readPieces(file: string): AsyncGenerator<Buffer> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (handle === undefined) return;
  try {
    const piece = Buffer.allocUnsafe(pieceBytes);
    for (;;) {
      const {bytesRead} = await handle.read(piece, 0, pieceBytes);
      if (bytesRead === 0) return;
      yield piece.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** What is wrong with a file of text that should hold so many rows. */
export function nameFault({count, areWhole}: TextRows, rows: number): string | undefined {
  if (count === rows && areWhole) return undefined;
  return `holds ${count} rows${areWhole ? '' : ', some of them torn'}`;
}

/** Refuses to take up the rows of a file that shows that some of its bytes are missing. */
export function refuseTorn(name: string, {areWhole}: TextRows): void {
  if (!areWhole) throw new DestinationError(`${name} is damaged. Repair it or move it away`);
}

/** The reading that the values of a row tell. */
export function toReading(loadId: unknown, readAt: unknown): Reading | undefined {
  return typeof loadId === 'string' && typeof readAt === 'string'
    ? readingOfRow(loadId, Date.parse(readAt))
    : undefined;
}
