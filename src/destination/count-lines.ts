import {open} from 'node:fs/promises';

const newline = 0x0a;
const pieceBytes = 4 * 1024 * 1024;

/** Lines of a file, the last of which may lack its end; 0 where there is no file. */
export async function countLines(file: string): Promise<number> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (handle === undefined) return 0;
  try {
    const piece = Buffer.allocUnsafe(pieceBytes);
    let lines = 0;
    let last = newline;
    for (;;) {
      const {bytesRead} = await handle.read(piece, 0, pieceBytes);
      if (bytesRead === 0) return last === newline ? lines : lines + 1;
      const bytes = piece.subarray(0, bytesRead);
      for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) lines += 1;
      last = bytes.at(-1) ?? last;
    }
  } finally {
    await handle.close();
  }
}
