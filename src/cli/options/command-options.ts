import type {ArgumentsCamelCase, InferredOptionTypes, Options} from 'yargs';
import {defaultChoices} from '../../choices.js';
import {optionalAreas} from '../../emulator/areas.js';
import {expandHome} from '../../local-paths.js';
import {
  callOptions,
  castOptions,
  deadlineOptions,
  destinationOptions,
  type GlobalArgs,
  grouped,
  mergeOptions,
  progressOptions,
  publishOptions,
  sourceOptions,
  stateOptions,
} from './option-groups.js';
import {count, duration, readFilters, readOptionalAreas} from './values.js';

export const ingestOptions = {
  ...sourceOptions,
  ...grouped('Source:', {
    'source-table': {
      type: 'array',
      string: true,
      requiresArg: true,
      demandOption: true,
      description:
        'Table to ingest. Repeatable; takes commas, globs (learning_plan*), area:NAME, bulk (no call for each row of another table) and all; what follows ! is left out (all,!users). report:ID or report:NAME is a report of the tenant, as reports lists them.',
    },
  }),
  ...grouped('Source:', {
    filter: {
      type: 'array',
      string: true,
      requiresArg: true,
      coerce: readFilters,
      description:
        'NAME=VALUE: load only the rows that this filter of Docebo lets in; repeatable, for one table, whose --dest-table has to differ from the whole table. tables/README.md lists the filters.',
    },
  }),
  ...destinationOptions,
  'dest-uri': {...destinationOptions['dest-uri'], demandOption: true},
  ...callOptions,
  ...grouped('Calls:', {
    'drift-retries': {
      ...count('drift-retries', 0, 20, 'How often pages are read again if rows moved between them'),
      default: 3,
    },
  }),
  ...grouped('Running:', {
    'report-timeout': {
      type: 'string',
      requiresArg: true,
      coerce: duration('report-timeout'),
      description:
        'How long Docebo may take to prepare the export of a report: 90m, 2h, 2h30m, or seconds. Default: 30m.',
    },
  }),
  ...mergeOptions,
  ...castOptions,
  'schema-contract': {...castOptions['schema-contract'], default: defaultChoices.cast.schemaContract},
  'invalid-dates': {...castOptions['invalid-dates'], default: defaultChoices.cast.invalidDates},
  'on-cast-error': {...castOptions['on-cast-error'], default: defaultChoices.cast.onCastError},
  'load-metadata': {...castOptions['load-metadata'], default: defaultChoices.cast.loadMetadata},
  'report-types': {...castOptions['report-types'], default: 'infer'},
  ...publishOptions,
  publish: {...publishOptions.publish, default: 'per-table'},
  'max-shrink': {...publishOptions['max-shrink'], default: defaultChoices.maxShrinkPercent},
  'allow-empty': {...publishOptions['allow-empty'], default: defaultChoices.allowEmpty},
  'allow-route-change': {...publishOptions['allow-route-change'], default: defaultChoices.allowRouteChange},
  ...deadlineOptions,
  ...grouped('Running:', {
    resume: {
      type: 'string',
      description: 'Resume the run with this load id, or the last one, and ask only for what is missing.',
    },
    'dry-run': {
      type: 'boolean',
      default: false,
      description:
        'Print what the run would take, as plan does, check the destination and the state folder, and load nothing.',
    },
    'keep-runs': {
      ...count('keep-runs', 0, 1000, 'Ended runs whose records are kept for --resume and load, this one included'),
      default: 3,
    },
  }),
  ...stateOptions,
  ...grouped('Output:', {
    json: {
      type: 'boolean',
      default: false,
      description: 'Print the report, or the error, as one line of JSON on stdout.',
    },
  }),
  ...progressOptions,
} as const satisfies Record<string, Options>;

/** The destination, in the words of another command. */
function destinationSaid(description: string) {
  return {...destinationOptions, 'dest-uri': {...destinationOptions['dest-uri'], description}} as const;
}

const jsonOptions = grouped('Output:', {json: {type: 'boolean', default: false, description: 'Print JSON.'}});

function file(description: string) {
  return {type: 'string', requiresArg: true, coerce: expandHome, description} as const;
}

export const checkOptions = {
  ...sourceOptions,
  ...grouped('Source:', {
    'source-table': {
      type: 'array',
      string: true,
      requiresArg: true,
      default: ['all'],
      description: 'Tables to check, written as for ingest.',
    },
  }),
  ...destinationSaid('Destination to check first, with the state folder; written as for ingest.'),
  ...callOptions,
  ...stateOptions,
  ...jsonOptions,
  ...progressOptions,
} as const satisfies Record<string, Options>;

export const captureOptions = {
  ...sourceOptions,
  'source-table': {
    ...checkOptions['source-table'],
    description: 'Tables to capture, written as for ingest; reports are not taken.',
  },
  ...grouped('Capture:', {
    out: {
      ...file('Folder to write, empty or not there yet. Nothing of the tenant is in it: read it, then send it.'),
      demandOption: true,
    },
  }),
  ...callOptions,
  'page-size': {...callOptions['page-size'], default: 20},
  ...stateOptions,
  ...jsonOptions,
  ...progressOptions,
} as const satisfies Record<string, Options>;

export const planOptions = {
  ...sourceOptions,
  'source-table': {...checkOptions['source-table'], description: 'Tables to plan for, written as for ingest.'},
  ...callOptions,
  'allow-route-change': ingestOptions['allow-route-change'],
  ...mergeOptions,
  ...deadlineOptions,
  ...stateOptions,
  ...jsonOptions,
  ...progressOptions,
} as const satisfies Record<string, Options>;

/** Flags about values and publishing have no default here: what is not given stays as the run had it. */
export const loadOptions = {
  ...destinationSaid("Where the rows go. Default: the run's destination."),
  ...castOptions,
  ...publishOptions,
  ...stateOptions,
  json: ingestOptions.json,
  ...progressOptions,
} as const satisfies Record<string, Options>;

export const reportsOptions = {
  ...sourceOptions,
  ...callOptions,
  ...stateOptions,
  ...jsonOptions,
  ...progressOptions,
} as const satisfies Record<string, Options>;

export const lookupOptions = {
  ...sourceOptions,
  ...callOptions,
  ...stateOptions,
  ...grouped('Output:', {
    limit: {...count('limit', 1, 100_000, 'Users at most; stderr says if there are more'), default: 100},
  }),
  ...jsonOptions,
  ...progressOptions,
} as const satisfies Record<string, Options>;

export const runsOptions = {
  ...grouped('Listing:', {
    bases: {
      type: 'boolean',
      default: false,
      description: 'List only what the next merge of each table builds on.',
    },
  }),
  ...grouped('Removing:', {
    prune: {
      type: 'boolean',
      default: false,
      description:
        'Remove the records of all runs but those under way, and what merges build on if it is old or damaged.',
    },
    'max-age': {
      ...mergeOptions['max-age'],
      description: 'How old that may be to stay: 7d, 12h, or seconds; 0 removes all. Default: 7d.',
    },
  }),
  ...stateOptions,
  ...jsonOptions,
} as const satisfies Record<string, Options>;

export const tablesOptions = jsonOptions;

export const schemaOptions = {
  json: {...jsonOptions.json, description: 'Print JSON Schema.'},
} as const satisfies Record<string, Options>;

const tenantOptions = grouped('Tenant:', {
  users: {
    ...count('users', 1, 1_000_000, 'Learners in the invented tenant; everything else follows from their number'),
    default: 300,
  },
  seed: {...count('seed', 0, 2_147_483_647, 'The same seed gives the same tenant'), default: 1},
});

export const emulatorOptions = {
  ...tenantOptions,
  ...grouped('Tenant:', {
    port: {...count('port', 0, 65_535, 'Port on loopback, 0 for a free one'), default: 0},
    groups: {
      choices: ['uuid', 'numbered'],
      default: 'uuid',
      requiresArg: true,
      description: 'How groups are identified; ingestr reads numbered ones.',
    },
    courses: {
      choices: ['catalogue', 'managed'],
      default: 'catalogue',
      requiresArg: true,
      description: 'Which list of courses can be read: managed has other columns and refuses the catalogue.',
    },
    enrollments: {
      choices: ['bulk', 'per-course'],
      default: 'bulk',
      requiresArg: true,
      description: 'Whether the enrolments of all courses can be read at once.',
    },
    without: {
      type: 'array',
      string: true,
      requiresArg: true,
      coerce: readOptionalAreas,
      description: `Areas whose apps are switched off, so that their tables are refused: ${optionalAreas.join(', ')}.`,
    },
    replay: file(
      'Folder that capture has written: its answers are served instead, and of these flags only --port counts.',
    ),
  }),
} as const satisfies Record<string, Options>;

export const demoOptions = {...tenantOptions, ...progressOptions} as const satisfies Record<string, Options>;

export const singerOptions = {
  ...grouped('Files:', {
    config: file('JSON file with the settings: base_url, client_id, client_secret and others, as --about lists them.'),
    catalog: file('JSON file that selects streams and columns, as --discover prints it. Default: all of them.'),
    properties: file('The old name of --catalog.'),
    state: file('JSON file with the value of the last STATE message of the run before.'),
  }),
  ...grouped('Instead of reading:', {
    discover: {type: 'boolean', default: false, description: 'Print the catalog.'},
    about: {type: 'boolean', default: false, description: 'Print name, version, capabilities and settings as JSON.'},
  }),
  ...grouped('Running:', {resume: ingestOptions.resume}),
  ...progressOptions,
} as const satisfies Record<string, Options>;

export const airbyteOptions = {
  ...grouped('Files:', {
    config: {...singerOptions.config, description: 'JSON file with the settings that spec describes.'},
    catalog: {...singerOptions.catalog, description: 'JSON file with the configured catalog.'},
    state: {...singerOptions.state, description: 'JSON file with the states of the run before, a list.'},
  }),
  resume: singerOptions.resume,
  ...progressOptions,
} as const satisfies Record<string, Options>;

/** A command's flags as yargs types them, with the global ones. */
export type Flags<O extends Readonly<Record<string, Options>>> = InferredOptionTypes<O> & GlobalArgs;

/** What a command is given. */
export type Args<O extends Readonly<Record<string, Options>>> = ArgumentsCamelCase<Flags<O>>;
