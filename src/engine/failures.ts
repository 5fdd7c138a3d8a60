import {DestinationError} from '../errors.js';

/** DuckDB's errors are plain ones, told apart by how their message starts. */
export function isDuckdbFailure(error: unknown): error is Error {
  return error instanceof Error && error.name === 'Error' && /^[A-Z][\w -]* Error: |^Error: /.test(error.message);
}

export function isOutOfMemory(error: unknown): error is Error {
  return isDuckdbFailure(error) && error.message.startsWith('Out of Memory Error');
}

/** The file cannot be written (a commit fails as a TransactionContext), or DuckDB has given it up: what is tried next fails too. */
export function isFileFailure(error: unknown): boolean {
  return !isDuckdbFailure(error) || /^(IO|TransactionContext|FATAL|INTERNAL) Error/.test(error.message);
}

/** An error of DuckDB's own that reaches this far means that the destination failed, not a table. */
export function nameDuckdbFailure(label: string, error: unknown): unknown {
  if (!isDuckdbFailure(error) || isOurFault(error)) return error;
  return new DestinationError(`${label} could not be written: ${firstLine(error)}`, {
    hint: 'The earlier tables are as they were. Check the free space and the permissions of the folder.',
    cause: error,
  });
}

/** DuckDB adds advice that is about its own settings, a line each. */
export function firstLine({message}: Error): string {
  return message.split('\n')[0] ?? message;
}

/** SQL of ours that DuckDB does not understand is a bug, whatever the destination. */
function isOurFault({message}: Error): boolean {
  return /^(Parser|Binder|Not implemented) Error/.test(message);
}

/** As DuckDB says it where another process has the file: a lock on Linux and macOS, and in the words of Windows there. */
export function isHeldElsewhere(message: string): boolean {
  return /Could not set lock on file|being used by another process/.test(message);
}
