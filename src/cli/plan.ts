import type {CommandModule, InferredOptionTypes} from 'yargs';
import {
  callOptions,
  deadlineOptions,
  type GlobalArgs,
  progressOptions,
  routeOptions,
  sourceOptions,
} from './options.js';

export const planOptions = {
  ...sourceOptions,
  ...callOptions,
  ...deadlineOptions,
  'source-table': {
    type: 'array',
    string: true,
    requiresArg: true,
    default: ['all'],
    description: 'Tables to plan for, written as for ingest.',
  },
  ...routeOptions,
  json: {type: 'boolean', default: false, description: 'Print JSON.'},
  ...progressOptions,
} as const;

export const planCommand: CommandModule<object, InferredOptionTypes<typeof planOptions> & GlobalArgs> = {
  command: 'plan',
  describe: 'Ask for one page of every table and say how many calls and minutes reading all of them takes',
  builder: cli => cli.options(planOptions).group(Object.keys(planOptions), 'Options:'),
  handler: async args => {
    const [{tables}, {selectTables}, {readAccess}, {runPlan}] = await Promise.all([
      import('../../tables/index.js'),
      import('./select-tables.js'),
      import('./read-access.js'),
      import('./run-plan.js'),
    ]);
    const asked = selectTables(tables, args.sourceTable).tables.map(({table}) => table);
    await runPlan(await readAccess(args), asked, args);
  },
};
