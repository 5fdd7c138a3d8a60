import {DestinationError} from '../../errors.js';
import {toJson, toLine, toLines} from './printable.js';

let hasBegun = false;

/** Writes a result to stdout. Throws DestinationError if it cannot be written, but not if a reader closes a pipe early. */
export async function print(text: string): Promise<void> {
  await write(toLines(text));
}

/** Writes a result as one line of JSON, likewise. */
export async function printJson(value: unknown): Promise<void> {
  await write(`${toJson(value)}\n`);
}

async function write(text: string): Promise<void> {
  hasBegun = true;
  const error = await new Promise<NodeJS.ErrnoException | null | undefined>(resolve => {
    process.stdout.write(text, resolve);
  });
  if (!error || error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return;
  throw new DestinationError(`The output could not be written: ${error.message}.`, {cause: error});
}

/** Whether a result was written to stdout, where an error would be a second one. */
export function hasPrinted(): boolean {
  return hasBegun;
}

/** How progress is shown on stderr. */
export type Mode = 'interactive' | 'log' | 'json';

/** One line on stderr. */
export function tellLine(text: string): void {
  process.stderr.write(`${toLine(text)}\n`);
}

/** Several lines, whose breaks are ours: a stack. */
export function tellLines(text: string): void {
  process.stderr.write(`${toLines(text)}\n`);
}

/** The last event of `--progress json`. */
export function tellEnd(ended: {readonly exitCode: number; readonly error?: unknown}): void {
  tellEvent('ended', ended);
}

export function tellEvent(type: string, facts: object): void {
  process.stderr.write(`${toJson({time: new Date().toISOString(), type, ...facts})}\n`);
}
