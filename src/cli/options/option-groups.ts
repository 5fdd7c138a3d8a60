import type {Options} from 'yargs';
import {expandHome} from '../../local-paths.js';
import {mostPageBytes} from '../../source/http/large-replies.js';
import {count, duration, readAccepted} from './values.js';

type Grouped<O> = {readonly [K in keyof O]: O[K] & {readonly group: string}};

/** Puts options under a heading, by which help and README.md list them. Options with the same heading form one list. */
export function grouped<const O extends Readonly<Record<string, Options>>>(group: string, options: O): Grouped<O> {
  return Object.fromEntries(Object.entries(options).map(([flag, option]) => [flag, {...option, group}])) as Grouped<O>;
}

/** Where the records come from. Shared by every command that asks Docebo. */
export const sourceOptions = grouped('Source:', {
  'source-uri': {
    type: 'string',
    requiresArg: true,
    description:
      'docebo://?base_url=…&client_id=…&client_secret=…[&username=…&password=…]. Parts left out are read from DOCEBO_BASE_URL, DOCEBO_CLIENT_ID, DOCEBO_CLIENT_SECRET, DOCEBO_USERNAME, DOCEBO_PASSWORD, or from the file that the same name + _FILE points to.',
  },
});

/** Where the rows go. */
export const destinationOptions = grouped('Destination:', {
  'dest-uri': {
    type: 'string',
    requiresArg: true,
    description:
      'Where the rows go: duckdb:///file.duckdb, parquet://, csv:// or jsonl:// and a folder, postgres://user@host/database, ducklake:file.ducklake or md:database. A password or the token of MotherDuck is read from DOCEBO_DEST_PASSWORD, or from the file that DOCEBO_DEST_PASSWORD_FILE names, or it is in the URI.',
  },
  'dest-table': {
    type: 'string',
    requiresArg: true,
    description:
      'schema.table, or a table. With several source tables a schema: dest or dest.*. Default: the source table.',
  },
});

/** How Docebo may be called. */
export const callOptions = grouped('Calls:', {
  'max-requests-per-hour': count(
    'max-requests-per-hour',
    1,
    1_000_000,
    'Calls per hour at most, over all runs on this tenant; a longer run waits',
  ),
  'extract-parallelism': {
    ...count('extract-parallelism', 1, 64, 'Requests in flight at once, over all tables'),
    default: 8,
  },
  'page-size': {...count('page-size', 1, 200, 'Records asked for per request'), default: 200},
  'max-page-bytes': {
    ...count('max-page-bytes', 1024, mostPageBytes, 'Bytes per reply at most, before and after it is unzipped'),
    default: 67_108_864,
  },
  'connect-timeout': {...count('connect-timeout', 1, 3600, 'Seconds until a connection is made'), default: 10},
  'request-timeout': {...count('request-timeout', 1, 3600, 'Seconds to the first byte of a reply'), default: 60},
  'idle-timeout': {...count('idle-timeout', 1, 3600, 'Seconds between two bytes of a reply'), default: 30},
  'allow-http': {type: 'boolean', default: false, description: 'Accept a base_url without TLS.'},
});

/** How values become those of their columns. Without defaults, as `publishOptions`. */
export const castOptions = grouped('Values:', {
  'schema-contract': {
    choices: ['evolve', 'discard_value', 'discard_row', 'freeze'],
    requiresArg: true,
    description:
      'What happens to keys that no column declares: add a column, drop the value, drop the row, refuse. Additional fields (field_1, …) are such keys, so freeze suits tenants without them.',
  },
  'custom-fields': {
    choices: ['id', 'title'],
    requiresArg: true,
    description:
      'What the columns of additional fields are named after: the number of the field (field_3), or its title (cost_centre), for which the list of fields is read too.',
  },
  'invalid-dates': {
    choices: ['epoch', 'null'],
    requiresArg: true,
    description: 'What an invalid date such as 0000-00-00 becomes: 1970-01-01 00:00:00 UTC or NULL.',
  },
  'on-cast-error': {
    choices: ['null', 'fail'],
    requiresArg: true,
    description:
      'What happens if a value does not fit its column: it becomes NULL, invalid characters in a text become U+FFFD, and it is counted; or the table fails.',
  },
  'report-types': {
    choices: ['infer', 'text'],
    requiresArg: true,
    description:
      'Whether a column of a report becomes a number, date or boolean if all of its values are one, or every column stays text.',
  },
  'load-metadata': {
    type: 'boolean',
    description:
      'Whether _docebo_load_id, _docebo_extracted_at and the table _docebo_loads are written; --no-load-metadata leaves them out.',
  },
});

/** How tables are published. Without defaults, since a run that is loaded again has choices of its own. */
export const publishOptions = grouped('Publishing:', {
  publish: {
    choices: ['per-table', 'all-or-nothing'],
    requiresArg: true,
    description: 'Whether one incomplete table holds the others back.',
  },
  'max-shrink': count(
    'max-shrink',
    0,
    100,
    'Percent of its rows that a table may lose; one that loses more, or all, keeps its earlier version',
  ),
  'allow-empty': {
    type: 'boolean',
    description: 'Whether a table that had rows may become empty.',
  },
  'allow-older': {
    type: 'boolean',
    default: false,
    description: 'Whether a table may be replaced by records that were read earlier.',
  },
  'allow-route-change': {
    type: 'boolean',
    description:
      'Whether a table may be read by another route of the API than before, which may give other columns, or with another filter, which gives other rows. Without it a table whose route is refused keeps its earlier version.',
  },
  accept: {
    type: 'array',
    string: true,
    requiresArg: true,
    coerce: readAccepted,
    description:
      'TABLE=duplicates, null-keys or count: publish the table although its list has this fault in every reading; repeatable. Of duplicates the last counts, records without a key are left out, and every run warns of it.',
  },
  'lock-timeout': {
    ...count('lock-timeout', 0, 86_400, 'Seconds to wait for a destination that another process has open'),
    default: 60,
  },
});

/** What is read again. Without defaults but for the strategy: the others say nothing unless tables are merged. */
export const mergeOptions = grouped('Merging:', {
  'incremental-strategy': {
    choices: ['replace', 'merge'],
    requiresArg: true,
    default: 'replace',
    description:
      'replace reads every table whole. merge reads only what has changed where Docebo tells that, carries over the rest from the last run, and proves the table all the same.',
  },
  lookback: {
    type: 'string',
    requiresArg: true,
    coerce: duration('lookback'),
    description:
      "How much further back than the last reading a merge asks for changes, since nobody knows the time zone of Docebo's clock: 25h, 2d, or seconds. Default: 25h.",
  },
  'max-age': {
    type: 'string',
    requiresArg: true,
    coerce: duration('max-age', {mayBeNone: true}),
    description:
      'How old a row may get in merges before it is read again, whether it has changed or not: 7d, 12h, or seconds. Default: 7d.',
  },
  audit: count(
    'audit',
    0,
    1000,
    'Pages of each list that a merge reads to see whether unchanged rows are as they were; one is read in any case. Default: 3',
  ),
  'full-refresh': {
    type: 'boolean',
    default: false,
    description:
      'Read every table whole, even where it could be merged, and let later merges use change filters again that were seen to fail.',
  },
});

/** How long a run may take. */
export const deadlineOptions = grouped('Running:', {
  deadline: {
    type: 'string',
    requiresArg: true,
    coerce: duration('deadline'),
    description: 'Give up early if the run cannot be complete within this time: 90m, 2h, 2h30m, or seconds.',
  },
});

/** Where runs are kept. */
export const stateOptions = grouped('Running:', {
  'state-dir': {
    type: 'string',
    requiresArg: true,
    coerce: expandHome,
    description:
      'Folder for runs under way and the calls of the last hour. Default: $XDG_STATE_HOME/docebo-ingest or ~/.local/state/docebo-ingest.',
  },
});

/** How the run is shown on stderr. */
export const progressOptions = grouped('Output:', {
  progress: {
    choices: ['interactive', 'log', 'json'],
    requiresArg: true,
    description: 'How progress is shown on stderr. Default: interactive on a terminal, log elsewhere.',
  },
});

/** Flags that every command understands. */
export const globalOptions = grouped('Everywhere:', {
  quiet: {
    type: 'boolean',
    default: false,
    description: 'Show no progress and no warnings; errors still appear.',
  },
  dotenv: {
    type: 'string',
    requiresArg: true,
    description: 'File of environment variables (.env); those already set win.',
  },
  debug: {type: 'boolean', default: false, description: 'Show debug messages, stacks and causes.'},
});

/** As yargs gives `globalOptions`: a command does not declare them itself. */
export interface GlobalArgs {
  readonly quiet?: boolean;
  readonly debug?: boolean;
}
