import type {Options} from 'yargs';
import {UsageError} from '../errors.js';
import {duration} from './parse-duration.js';

/** Where the records come from. Shared by every command that asks Docebo. */
export const sourceOptions = {
  'source-uri': {
    type: 'string',
    requiresArg: true,
    description:
      'docebo://?base_url=…&client_id=…&client_secret=…[&username=…&password=…]. Parts left out are read from DOCEBO_BASE_URL, DOCEBO_CLIENT_ID, DOCEBO_CLIENT_SECRET, DOCEBO_USERNAME, DOCEBO_PASSWORD, or from the file that the same name + _FILE points to.',
  },
  'page-size': {
    type: 'number',
    requiresArg: true,
    default: 200,
    coerce: wholeNumber('page-size', 1, 200),
    description: 'Records asked for per request, 1 to 200.',
  },
  'extract-parallelism': {
    type: 'number',
    requiresArg: true,
    default: 8,
    coerce: wholeNumber('extract-parallelism', 1, 64),
    description: 'Requests in flight at once, over all tables.',
  },
  'allow-http': {type: 'boolean', default: false, description: 'Accept a base_url without TLS.'},
} as const satisfies Record<string, Options>;

/** How Docebo may be called. */
export const callOptions = {
  'max-requests-per-hour': {
    type: 'number',
    requiresArg: true,
    coerce: wholeNumber('max-requests-per-hour', 1, 1_000_000),
    description: 'Calls an hour at the most, over all runs on this tenant; a longer run waits.',
  },
  'max-page-bytes': {
    type: 'number',
    requiresArg: true,
    default: 67_108_864,
    coerce: wholeNumber('max-page-bytes', 1024, 2_000_000_000),
    description: 'Bytes of a reply at the most, before and after it is unzipped.',
  },
  'connect-timeout': seconds('connect-timeout', 10, 'Seconds for a connection to be made.'),
  'request-timeout': seconds('request-timeout', 60, 'Seconds to the first byte of a reply.'),
  'idle-timeout': seconds('idle-timeout', 30, 'Seconds between two bytes of a reply.'),
  'state-dir': {
    type: 'string',
    requiresArg: true,
    description:
      'Folder for runs under way and the calls of the last hour. Default: $XDG_STATE_HOME/docebo-ingest or ~/.local/state/docebo-ingest.',
  },
} as const satisfies Record<string, Options>;

/** What a run may take. */
export const deadlineOptions = {
  deadline: {
    type: 'string',
    requiresArg: true,
    coerce: duration('deadline'),
    description: 'Give up early if the run cannot be complete within this time: 90m, 2h, 2h30m, or seconds.',
  },
} as const satisfies Record<string, Options>;

/** How the run is shown on stderr. */
export const progressOptions = {
  progress: {
    choices: ['interactive', 'log', 'json'],
    requiresArg: true,
    description: 'How progress is shown on stderr. Default: interactive on a terminal, log elsewhere.',
  },
  quiet: {type: 'boolean', default: false, description: 'Show no progress; errors still appear.'},
} as const satisfies Record<string, Options>;

/** How records become published tables. */
export const publishOptions = {
  'schema-contract': {
    choices: ['evolve', 'discard_value', 'discard_row', 'freeze'],
    requiresArg: true,
    default: 'evolve',
    description: 'What happens to keys that no column declares: add a column, drop the value, drop the row, refuse.',
  },
  'invalid-dates': {
    choices: ['epoch', 'null'],
    requiresArg: true,
    default: 'epoch',
    description: 'What an invalid date such as 0000-00-00 becomes: 1970-01-01 00:00:00 UTC or NULL.',
  },
  'on-cast-error': {
    choices: ['null', 'fail'],
    requiresArg: true,
    default: 'null',
    description: 'What a value becomes that does not fit its column: NULL and counted, or the table fails.',
  },
  'load-metadata': {
    type: 'boolean',
    default: true,
    description: 'Whether _docebo_load_id and _docebo_extracted_at are written; --no-load-metadata leaves them out.',
  },
  publish: {
    choices: ['per-table', 'all-or-nothing'],
    requiresArg: true,
    default: 'per-table',
    description: 'Whether one incomplete table holds the others back.',
  },
  'lock-timeout': {
    type: 'number',
    requiresArg: true,
    default: 60,
    coerce: wholeNumber('lock-timeout', 0, 86_400),
    description: 'Seconds to wait for a destination that another process has open.',
  },
  'max-shrink': {
    type: 'number',
    requiresArg: true,
    default: 50,
    coerce: wholeNumber('max-shrink', 0, 100),
    description: 'Percent of its rows that a table may lose; one that loses more keeps its earlier version.',
  },
  'allow-empty': {
    type: 'boolean',
    default: false,
    description: 'Whether a table that had rows may become empty.',
  },
} as const satisfies Record<string, Options>;

export const ingestOptions = {
  ...sourceOptions,
  ...callOptions,
  ...deadlineOptions,
  'source-table': {
    type: 'array',
    string: true,
    requiresArg: true,
    demandOption: true,
    description: 'Table to ingest. Repeatable; takes commas, globs (learning_plan*) and all.',
  },
  'dest-uri': {
    type: 'string',
    requiresArg: true,
    demandOption: true,
    description: 'Where the rows go: duckdb:///file.duckdb, or jsonl:// and a folder.',
  },
  'dest-table': {
    type: 'string',
    requiresArg: true,
    description:
      'schema.table, or a table. With several source tables a schema: dest or dest.*. Default: the source table.',
  },
  ...publishOptions,
  'drift-retries': {
    type: 'number',
    requiresArg: true,
    default: 3,
    coerce: wholeNumber('drift-retries', 0, 20),
    description: 'How often pages between which rows moved are read again.',
  },
  resume: {
    type: 'string',
    description: 'Take up the run of this load id, or the last one, and ask only for what is missing.',
  },
  'keep-runs': {
    type: 'number',
    requiresArg: true,
    default: 3,
    coerce: wholeNumber('keep-runs', 0, 1000),
    description: 'Ended runs whose records are kept for --resume and load, this one included.',
  },
  'dry-run': {
    type: 'boolean',
    default: false,
    description: 'Print what the run would take, as plan does, check the destination, and load nothing.',
  },
  json: {type: 'boolean', default: false, description: 'Print the report as JSON on stdout.'},
  ...progressOptions,
} as const satisfies Record<string, Options>;

export function wholeNumber(flag: string, least: number, most: number) {
  return (value: unknown): number => {
    if (Array.isArray(value)) throw new UsageError(`--${flag} was given more than once.`);
    const number = Number(value);
    if (Number.isInteger(number) && number >= least && number <= most) return number;
    throw new UsageError(`--${flag} takes a whole number from ${least} to ${most}.`);
  };
}

function seconds<D extends string>(flag: string, usual: number, description: D) {
  return {type: 'number', requiresArg: true, default: usual, coerce: wholeNumber(flag, 1, 3600), description} as const;
}
