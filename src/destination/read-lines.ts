import {open} from 'node:fs/promises';

const newline = 0x0a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const pieceBytes = 4 * 1024 * 1024;

export interface Lines {
  readonly count: number;
  /** Whether each line is ended and in braces. Parsing them would take longer than writing them. */
  readonly areObjects: boolean;
}

/** Reads the lines of a file, the last of which may lack its end; no lines if there is no file. */
export async function readLines(file: string): Promise<Lines> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (handle === undefined) return {count: 0, areObjects: true};
  try {
    const piece = Buffer.allocUnsafe(pieceBytes);
    let count = 0;
    let areObjects = true;
    let last = newline;
    for (;;) {
      const {bytesRead} = await handle.read(piece, 0, pieceBytes);
      if (bytesRead === 0) break;
      const bytes = piece.subarray(0, bytesRead);
      if (last === newline) areObjects &&= bytes[0] === openBrace;
      for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) {
        count += 1;
        areObjects &&= (at > 0 ? bytes[at - 1] : last) === closeBrace;
        areObjects &&= at + 1 === bytesRead || bytes[at + 1] === openBrace;
      }
      last = bytes[bytesRead - 1] ?? last;
    }
    return last === newline ? {count, areObjects} : {count: count + 1, areObjects: false};
  } finally {
    await handle.close();
  }
}
