import type {CommandModule, InferredOptionTypes} from 'yargs';
import {callOptions} from './options.js';
import {print, printJson} from './print.js';

export const runsOptions = {
  'state-dir': callOptions['state-dir'],
  json: {type: 'boolean', default: false, description: 'Print JSON.'},
} as const;

export const runsCommand: CommandModule<object, InferredOptionTypes<typeof runsOptions>> = {
  command: 'runs',
  describe: 'List the runs whose records are kept, to be resumed or loaded',
  builder: cli => cli.options(runsOptions).group(Object.keys(runsOptions), 'Options:'),
  handler: async args => {
    const [{listRuns}, {defaultStateDir}, {formatRuns}] = await Promise.all([
      import('../spool/runs.js'),
      import('./state-dir.js'),
      import('./print-runs.js'),
    ]);
    const runs = await listRuns(args.stateDir ?? defaultStateDir(process.env));
    await (args.json ? printJson(runs, 2) : print(formatRuns(runs)));
  },
};
