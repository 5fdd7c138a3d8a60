import {constants} from 'node:fs';
import {access, open, stat} from 'node:fs/promises';
import {isOpenHere} from '../engine/turns.js';
import {DestinationError} from '../errors.js';

/** Throws DestinationError if a file is there that is none of DuckDB's. Reads the header only: opening the file would take its lock. */
export async function checkFile(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return;
  if (found.isDirectory()) throw new DestinationError(`${file} is a folder, not a DuckDB file`);
  try {
    await access(file, constants.R_OK | constants.W_OK);
  } catch (cause) {
    throw new DestinationError(`${file} may not be written by this user`, {cause});
  }
  if (await isOpenHere(file)) return;
  const handle = await open(file, 'r');
  try {
    const {buffer} = await handle.read(Buffer.alloc(4), 0, 4, 8);
    if (buffer.toString('latin1') === 'DUCK') return;
  } finally {
    await handle.close();
  }
  throw new DestinationError(`${file} exists, but it is not a DuckDB file`, {
    hint: 'Name another file, or move this one away.',
  });
}
