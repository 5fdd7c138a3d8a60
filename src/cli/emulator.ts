import type {CommandModule, InferredOptionTypes} from 'yargs';
import {UsageError} from '../errors.js';
import {wholeNumber} from './options.js';

export const emulatorOptions = {
  users: {
    type: 'number',
    requiresArg: true,
    default: 300,
    coerce: wholeNumber('users', 1, 1_000_000),
    description: 'Learners in the invented tenant; everything else follows from them.',
  },
  seed: {
    type: 'number',
    requiresArg: true,
    default: 1,
    coerce: wholeNumber('seed', 0, 2_147_483_647),
    description: 'The same seed gives the same tenant.',
  },
} as const;

const options = {
  ...emulatorOptions,
  port: {
    type: 'number',
    requiresArg: true,
    default: 0,
    coerce: wholeNumber('port', 0, 65_535),
    description: 'Port on loopback; 0 takes a free one.',
  },
} as const;

export const emulatorCommand: CommandModule<object, InferredOptionTypes<typeof options>> = {
  command: 'emulator',
  describe: 'Serve an invented Docebo tenant on loopback',
  builder: cli => cli.options(options).group(Object.keys(options), 'Options:'),
  handler: async ({users, seed, port}) => {
    const [{startEmulator}, {untilStopped}, {writeSourceUri}] = await Promise.all([
      import('../emulator/emulator.js'),
      import('./interrupt.js'),
      import('./source-uri.js'),
    ]);
    const emulator = await startEmulator({users, seed, port}).catch(cause => {
      throw new UsageError(`Port ${port} cannot be served: ${cause instanceof Error ? cause.message : cause}`, {
        hint: 'Choose another --port, or 0 for a free one.',
        cause,
      });
    });
    process.stdout.write(`${emulator.url}\n${writeSourceUri(emulator)}\n`);
    process.stderr.write('Serving an invented tenant. Ctrl-C stops it.\n');
    await untilStopped();
    await emulator.close();
  },
};
