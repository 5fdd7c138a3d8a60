import type {ArgumentsCamelCase, CommandModule, InferredOptionTypes} from 'yargs';
import {callOptions, type GlobalArgs, ingestOptions, progressOptions, publishOptions} from './options.js';

/** Flags about publishing have no default here: those that are not given are as the run had them. */
export const loadOptions = {
  'dest-uri': {
    type: 'string',
    requiresArg: true,
    description: 'Where the rows go. Default: where the run was to put them.',
  },
  'dest-table': ingestOptions['dest-table'],
  ...publishOptions,
  'state-dir': callOptions['state-dir'],
  json: ingestOptions.json,
  ...progressOptions,
} as const;

type Args = InferredOptionTypes<typeof loadOptions> & GlobalArgs & {run: string};

export type LoadArgs = ArgumentsCamelCase<Args>;

export const loadCommand: CommandModule<object, Args> = {
  command: 'load <run>',
  describe: 'Publish what a run has read, without asking Docebo again',
  builder: cli =>
    cli
      .positional('run', {
        type: 'string',
        demandOption: true,
        description: 'Load id of the run, or last; runs lists them.',
      })
      .options(loadOptions)
      .group(Object.keys(loadOptions), 'Options:'),
  handler: async args => {
    const [{runLoad}, {defaultStateDir}, {tellReport}] = await Promise.all([
      import('./run-load.js'),
      import('./state-dir.js'),
      import('./print-report.js'),
    ]);
    const stateDir = args.stateDir ?? defaultStateDir(process.env);
    await tellReport(await runLoad(args, stateDir), {...args, stateDir, command: 'load'});
  },
};
