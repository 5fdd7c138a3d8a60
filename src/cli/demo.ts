import type {CommandModule, InferredOptionTypes} from 'yargs';
import {emulatorOptions} from './emulator.js';
import {progressOptions} from './options.js';

const options = {...emulatorOptions, ...progressOptions} as const;

export const demoCommand: CommandModule<object, InferredOptionTypes<typeof options> & {debug?: boolean}> = {
  command: 'demo',
  describe: 'Load an invented tenant into docebo-demo.duckdb and ask it three questions',
  builder: cli => cli.options(options).group(Object.keys(options), 'Options:'),
  handler: async ({users, seed, progress, quiet, debug}) => {
    const {runDemo} = await import('./run-demo.js');
    process.exitCode = await runDemo({users, seed, progress, quiet, debug: debug ?? false});
  },
};
