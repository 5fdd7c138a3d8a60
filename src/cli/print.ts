import {DestinationError} from '../errors.js';
import {toJson, toLines} from './printable.js';

let hasBegun = false;

/** Writes a result to stdout. Throws DestinationError if it cannot be written; a reader that closes a pipe early is in its right. */
export async function print(text: string): Promise<void> {
  await write(toLines(text));
}

/** Writes a result for a program, likewise. */
export async function printJson(value: unknown, indent?: number): Promise<void> {
  await write(`${toJson(value, indent)}\n`);
}

async function write(text: string): Promise<void> {
  hasBegun = true;
  const error = await new Promise<NodeJS.ErrnoException | null | undefined>(resolve => {
    process.stdout.write(text, resolve);
  });
  if (!error || error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return;
  throw new DestinationError(`The output could not be written: ${error.message}.`, {cause: error});
}

/** Whether stdout holds a result, beside which an error would be a second one. */
export function hasPrinted(): boolean {
  return hasBegun;
}
