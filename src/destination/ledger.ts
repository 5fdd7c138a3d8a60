import {toLine} from '../printable.js';
import type {Column} from '../table.js';
import {integer, json, text, timestamp} from '../table.js';

/** The table of loads beside the tables, or the file beside the files. */
export const ledgerName = '_docebo_loads';

export const ledgerDescription =
  'The loads of docebo-ingest: a row for each load and table that it was to bring into this place.';

/** All that is known of the ledger's columns: its statements, its files and the README are made from it. */
export const ledgerColumns = {
  load_id: text('The load, as in `_docebo_load_id` of the rows that came with it.'),
  table_name: text('Name of the table in this place; of files the name without its ending.'),
  started_at: timestamp('When the command began that published the load or failed to.'),
  ended_at: timestamp('When the row was written, right before the commit that published the table.'),
  complete_as_of: timestamp(
    'When the first of the rows was read from Docebo. NULL if the table was not read to its end.',
  ),
  strategy: text(
    '`merge`: only what had changed was read; `replace`: all of it was, or it was made of another table. NULL if it was not read to its end.',
  ),
  route: text('Path of the request that gave the rows. NULL if none did.'),
  rows: integer('Rows of the table since this load. NULL if it was not published.'),
  changed: integer('Rows that were new or different, as a merge saw them. NULL without a merge.'),
  removed: integer('Rows that Docebo no longer had, as a merge saw them. NULL without a merge.'),
  calls: integer('Calls to Docebo for this table. 0 if a landed load was published again.'),
  invalid_dates: integer('Invalid dates that were replaced. NULL if the table was not published.'),
  cast_failures: integer('Values that did not fit their column and became NULL. NULL if the table was not published.'),
  warnings: json('Warnings about the table, a list of at most 20 texts.'),
  status: text(
    '`published`; or `kept`: the earlier table stayed; `not_loaded`: there was none; `absent`: Docebo has no such data.',
  ),
  error: text('Why the table was not published, at most 1,000 characters. NULL if it was.'),
} satisfies Readonly<Record<string, Column>>;

export type LedgerColumn = keyof typeof ledgerColumns;

export const ledgerColumnNames = Object.keys(ledgerColumns) as readonly LedgerColumn[];

const [mostWarnings, mostCharacters] = [20, 1000];

/**
 * Bounds a text. It may come from Docebo and stays for good, so secrets are hidden, which warnings are not before, and characters that a
 * terminal obeys or a database refuses are spelt out. Both come first: what is cut could not be recognised.
 */
export function boundText(given: string): string {
  const whole = toLine(given);
  return whole.length <= mostCharacters ? whole : `${whole.slice(0, mostCharacters - 1).toWellFormed()}…`;
}

export function boundWarnings(warnings: readonly string[]): string {
  const more = warnings.length - mostWarnings;
  const first = more > 0 ? [...warnings.slice(0, mostWarnings - 1), `and ${more + 1} more`] : warnings;
  return JSON.stringify(first.map(boundText));
}

/** Says that a load is not in the ledger, which is no reason to hold it back. */
export function warnOfLedger(place: string, said: string): string {
  return `The load was not noted in ${place}: ${said}`;
}
