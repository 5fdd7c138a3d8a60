import {createReadStream} from 'node:fs';

const newline = 0x0a;

/** Lines of a file, the last of which may lack its end; 0 where there is no file. */
export async function countLines(file: string): Promise<number> {
  let lines = 0;
  let last = newline;
  try {
    for await (const chunk of createReadStream(file, {highWaterMark: 1024 * 1024})) {
      const bytes: Buffer = chunk;
      for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) lines += 1;
      last = bytes.at(-1) ?? last;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
  return last === newline ? lines : lines + 1;
}
