import type {CommandModule, InferredOptionTypes} from 'yargs';
import {emulatorOptions} from './emulator.js';
import {type GlobalArgs, progressOptions} from './options.js';

export const demoOptions = {...emulatorOptions, ...progressOptions} as const;

export const demoCommand: CommandModule<object, InferredOptionTypes<typeof demoOptions> & GlobalArgs> = {
  command: 'demo',
  describe: 'Load an invented tenant into docebo-demo.duckdb and ask it three questions',
  builder: cli => cli.options(demoOptions).group(Object.keys(demoOptions), 'Options:'),
  handler: async ({users, seed, progress, quiet = false, debug = false}) => {
    const {runDemo} = await import('./run-demo.js');
    await runDemo({users, seed, progress, quiet, debug});
  },
};
