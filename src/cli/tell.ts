import {toJson, toLine, toLines} from './printable.js';
import type {ProgressOptions} from './progress.js';

type Mode = ProgressOptions['progress'];

export interface Warning {
  /** Null where it is about the run as a whole. */
  readonly table: string | null;
  readonly message: string;
}

/** Something to look at, on stderr: a line, or an object for a program that was promised nothing else. */
export function tellWarning(mode: Mode, warning: Warning): void {
  if (mode === 'json') tellEvent('warning', warning);
  else tellLine(warning.message);
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
