import {DestinationError} from '../../errors.js';
import {widthOf, wrap} from './format.js';
import {toJson, toLine, toLines} from './printable.js';

let hasBegun = false;

/** Writes a result to stdout. Throws DestinationError if it cannot be written; a reader that closes a pipe early is in its right. */
export async function print(text: string): Promise<void> {
  await write(toLines(text));
}

/** Writes a result for a program in one line, likewise. */
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

/** Whether stdout holds a result, beside which an error would be a second one. */
export function hasPrinted(): boolean {
  return hasBegun;
}

/** How progress is shown on stderr. */
export type Mode = 'interactive' | 'log' | 'json';

export interface Warning {
  /** Null where it is about the run as a whole. */
  readonly table: string | null;
  readonly message: string;
}

/** Something to look at, on stderr: a line, which a terminal has broken between words, or an object for a program that was promised nothing else. */
export function tellWarning(mode: Mode | undefined, warning: Warning): void {
  if (mode === 'json') tellEvent('warning', warning);
  else
    tellLines(
      process.stderr.isTTY ? wrap(toLine(warning.message), widthOf(process.stderr), '  ') : toLine(warning.message),
    );
}

/** One line on stderr. */
export function tellLine(text: string): void {
  process.stderr.write(`${toLine(text)}\n`);
}

/** Several of them, each made by us: a stack. */
export function tellLines(text: string): void {
  process.stderr.write(`${toLines(text)}\n`);
}

/** The last that `--progress json` tells. */
export function tellEnd(ended: {readonly exitCode: number; readonly error?: unknown}): void {
  tellEvent('ended', ended);
}

function tellEvent(type: string, facts: object): void {
  process.stderr.write(`${toJson({time: new Date().toISOString(), type, ...facts})}\n`);
}
