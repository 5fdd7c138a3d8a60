import {toLine} from '../../printable.js';
import {widthOf, wrap} from './format.js';
import {type Mode, tellEvent, tellLines} from './print.js';

export interface Warning {
  /** Null if it is about the run as a whole. */
  readonly table: string | null;
  readonly message: string;
}

/** Writes a warning to stderr: a line, wrapped for a terminal, or an object for a program that expects nothing else. */
export function tellWarning(mode: Mode | undefined, warning: Warning): void {
  if (mode === 'json') tellEvent('warning', warning);
  else
    tellLines(
      process.stderr.isTTY ? wrap(toLine(warning.message), widthOf(process.stderr), '  ') : toLine(warning.message),
    );
}
