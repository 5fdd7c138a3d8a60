import type {ArgumentsCamelCase, InferredOptionTypes, Options} from 'yargs';
import {defaultChoices} from '../../choices.js';
import {
  callOptions,
  deadlineOptions,
  destinationOptions,
  type GlobalArgs,
  progressOptions,
  publishOptions,
  sourceOptions,
} from './option-groups.js';
import {count} from './values.js';

export const ingestOptions = {
  ...sourceOptions,
  ...callOptions,
  ...deadlineOptions,
  'source-table': {
    type: 'array',
    string: true,
    requiresArg: true,
    demandOption: true,
    description:
      'Table to ingest. Repeatable; takes commas, globs (learning_plan*) and all; a name after ! is left out (all,!users).',
  },
  ...destinationOptions,
  'dest-uri': {...destinationOptions['dest-uri'], demandOption: true},
  ...publishOptions,
  'schema-contract': {...publishOptions['schema-contract'], default: defaultChoices.cast.schemaContract},
  'invalid-dates': {...publishOptions['invalid-dates'], default: defaultChoices.cast.invalidDates},
  'on-cast-error': {...publishOptions['on-cast-error'], default: defaultChoices.cast.onCastError},
  'load-metadata': {...publishOptions['load-metadata'], default: defaultChoices.cast.loadMetadata},
  publish: {...publishOptions.publish, default: 'per-table'},
  'max-shrink': {...publishOptions['max-shrink'], default: defaultChoices.maxShrinkPercent},
  'allow-empty': {...publishOptions['allow-empty'], default: defaultChoices.allowEmpty},
  'allow-route-change': {...publishOptions['allow-route-change'], default: defaultChoices.allowRouteChange},
  'drift-retries': {
    ...count('drift-retries', 0, 20, 'How often pages are read again if rows moved between them'),
    default: 3,
  },
  resume: {
    type: 'string',
    description: 'Resume the run with this load id, or the last one, and ask only for what is missing.',
  },
  'keep-runs': {
    ...count('keep-runs', 0, 1000, 'Ended runs whose records are kept for --resume and load, this one included'),
    default: 3,
  },
  'dry-run': {
    type: 'boolean',
    default: false,
    description:
      'Print what the run would take, as plan does, check the destination and the state folder, and load nothing.',
  },
  json: {
    type: 'boolean',
    default: false,
    description: 'Print the report, or the error, as one line of JSON on stdout.',
  },
  ...progressOptions,
} as const satisfies Record<string, Options>;

const json = {type: 'boolean', default: false, description: 'Print JSON.'} as const;

export const checkOptions = {
  ...sourceOptions,
  ...callOptions,
  'source-table': {
    type: 'array',
    string: true,
    requiresArg: true,
    default: ['all'],
    description: 'Tables to check, written as for ingest.',
  },
  'dest-uri': {
    ...destinationOptions['dest-uri'],
    description: 'Destination to check first, with the state folder; written as for ingest.',
  },
  'dest-table': destinationOptions['dest-table'],
  json,
  ...progressOptions,
} as const satisfies Record<string, Options>;

export const planOptions = {
  ...sourceOptions,
  ...callOptions,
  ...deadlineOptions,
  'source-table': {...checkOptions['source-table'], description: 'Tables to plan for, written as for ingest.'},
  'allow-route-change': ingestOptions['allow-route-change'],
  json,
  ...progressOptions,
} as const satisfies Record<string, Options>;

/** Flags about publishing have no default here: what is not given stays as the run had it. */
export const loadOptions = {
  'dest-uri': {
    type: 'string',
    requiresArg: true,
    description: "Where the rows go. Default: the run's destination.",
  },
  'dest-table': ingestOptions['dest-table'],
  ...publishOptions,
  'state-dir': callOptions['state-dir'],
  json: ingestOptions.json,
  ...progressOptions,
} as const satisfies Record<string, Options>;

export const runsOptions = {'state-dir': callOptions['state-dir'], json} as const satisfies Record<string, Options>;

export const tablesOptions = {json} as const satisfies Record<string, Options>;

export const schemaOptions = {
  json: {...json, description: 'Print JSON Schema.'},
} as const satisfies Record<string, Options>;

const tenantOptions = {
  users: {
    ...count('users', 1, 1_000_000, 'Learners in the invented tenant; everything else follows from their number'),
    default: 300,
  },
  seed: {...count('seed', 0, 2_147_483_647, 'The same seed gives the same tenant'), default: 1},
} as const satisfies Record<string, Options>;

export const emulatorOptions = {
  ...tenantOptions,
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
} as const satisfies Record<string, Options>;

export const demoOptions = {...tenantOptions, ...progressOptions} as const satisfies Record<string, Options>;

/** A command's flags as yargs types them, with the global ones. */
export type Flags<O extends Readonly<Record<string, Options>>> = InferredOptionTypes<O> & GlobalArgs;

/** What a command is given. */
export type Args<O extends Readonly<Record<string, Options>>> = ArgumentsCamelCase<Flags<O>>;
