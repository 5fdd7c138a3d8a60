import {DestinationError} from '../errors.js';

/** DuckDB throws plain errors, which only the start of their message tells apart. */
export function isDuckdbFailure(error: unknown): error is Error {
  return error instanceof Error && error.name === 'Error' && /^[A-Z][\w -]* Error: |^Error: /.test(error.message);
}

export function isOutOfMemory(error: unknown): error is Error {
  return isDuckdbFailure(error) && error.message.startsWith('Out of Memory Error');
}

/** The file cannot be written (a commit fails as a TransactionContext), or DuckDB has given it up: every later statement fails too. */
export function isFileFailure(error: unknown): boolean {
  return !isDuckdbFailure(error) || /^(IO|TransactionContext|FATAL|INTERNAL) Error/.test(error.message);
}

/** An error of DuckDB's that gets this far means that the destination failed, not a table. */
export function nameDuckdbFailure(label: string, error: unknown): unknown {
  if (!isDuckdbFailure(error) || isOurFault(error)) return error;
  return new DestinationError(`${label} could not be written: ${firstLine(error)}`, {
    hint: 'The earlier tables are as they were. Check the free space and the permissions of the folder.',
    cause: error,
  });
}

/** Leaves out DuckDB's advice about its own settings, which stands on further lines. */
export function firstLine({message}: Error): string {
  return message.split('\n')[0] ?? message;
}

/** If DuckDB does not understand our SQL, that is a bug, whatever the destination. */
function isOurFault({message}: Error): boolean {
  return /^(Parser|Binder|Not implemented) Error/.test(message);
}

/** What DuckDB says if another process has the file: on Linux and macOS it names the lock, on Windows it repeats the system's words. */
export function isHeldElsewhere(message: string): boolean {
  return /Could not set lock on file|being used by another process/.test(message);
}
