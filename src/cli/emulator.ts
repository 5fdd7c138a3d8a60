import type {CommandModule, InferredOptionTypes} from 'yargs';
import {UsageError} from '../errors.js';
import {count} from './options.js';
import {print} from './print.js';
import {tellLine} from './tell.js';

export const emulatorOptions = {
  users: {
    ...count('users', 1, 1_000_000, 'Learners in the invented tenant, from whom everything else follows'),
    default: 300,
  },
  seed: {...count('seed', 0, 2_147_483_647, 'The same seed gives the same tenant'), default: 1},
} as const;

export const serveOptions = {
  ...emulatorOptions,
  port: {...count('port', 0, 65_535, 'Port on loopback, 0 for a free one'), default: 0},
} as const;

export const emulatorCommand: CommandModule<object, InferredOptionTypes<typeof serveOptions>> = {
  command: 'emulator',
  describe: 'Serve an invented Docebo tenant on loopback',
  builder: cli => cli.options(serveOptions).group(Object.keys(serveOptions), 'Options:'),
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
    await print(`${emulator.url}\n${writeSourceUri(emulator)}\n`);
    tellLine('Serving an invented tenant. Ctrl-C stops it.');
    await untilStopped();
    await emulator.close();
  },
};
