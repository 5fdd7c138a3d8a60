import {DestinationError} from '../../errors.js';
import {toJson, toLine, toLines} from '../../printable.js';

let hasBegun = false;

/** Writes a result to stdout. Throws DestinationError if it cannot be written, but not if a reader closes a pipe early. */
export async function print(text: string): Promise<void> {
  await write(toLines(text));
}

/** Writes a result as one line of JSON, likewise. */
export async function printJson(value: unknown): Promise<void> {
  await write(`${toJson(value)}\n`);
}

/**
 * Writes messages of a protocol to stdout as they are, once the reader can take them: rows may hold anything, and are nobody's secret. Throws DestinationError
 * if the reader is gone.
 */
export async function printMessages(lines: string | Uint8Array): Promise<void> {
  const error = await send(lines);
  if (!error) return;
  const isGone = error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED';
  const said = isGone ? 'the program that reads them has ended or closed the pipe' : error.message;
  throw new DestinationError(`The messages could not all be written: ${said}.`, {
    ...(isGone && {hint: 'Its own messages say why.'}),
    cause: error,
  });
}

async function write(text: string): Promise<void> {
  const error = await send(text);
  if (!error || error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return;
  throw new DestinationError(`The output could not be written: ${error.message}.`, {cause: error});
}

async function send(text: string | Uint8Array): Promise<NodeJS.ErrnoException | null | undefined> {
  hasBegun = true;
  return new Promise(resolve => {
    process.stdout.write(text, resolve);
  });
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
