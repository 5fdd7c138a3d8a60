import {DestinationError} from '../../errors.js';
import type {Place} from '../difference/plan.js';
import {isAboutTable} from './failures.js';

/** What to do if a table cannot be written, by the class of its SQLSTATE. */
const hints: Readonly<Record<string, string>> = {
  '0A': 'Drop the view that uses the column, run again, and create it anew; or choose another name for the table.',
  '22': 'A value is larger or stranger than Postgres can hold. Leave the column out in a view of another destination, or report it.',
  '23': 'A constraint that somebody added refuses a row. Change it, or make it DEFERRABLE if rows only have to fit in the end.',
  '2B': 'Remove what depends on it, or choose another name for the table.',
  '42': 'The user has to own the table, or have the right to create it.',
  '54': 'Undeclared keys make columns: the schema contract "discard_value" leaves those out.',
};

/** Names the table in an error that concerns it alone: the others go on. Any other error stays as it is. */
export function failTable(place: Place, error: unknown): unknown {
  if (!isAboutTable(error)) return error;
  const hint = hints[error.code.slice(0, 2)];
  return new DestinationError(`${place.join('.')} could not be written: ${error.message}`, {
    hint: ['The earlier table was kept.', hint].filter(text => text !== undefined).join(' '),
    cause: error,
  });
}
