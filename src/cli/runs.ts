import {readdir} from 'node:fs/promises';
import type {CommandModule, InferredOptionTypes} from 'yargs';
import {messageOf, UsageError} from '../errors.js';
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
    const stateDir = args.stateDir ?? defaultStateDir(process.env);
    await lookInto(stateDir, {mayBeMissing: args.stateDir === undefined});
    const runs = await listRuns(stateDir);
    await (args.json ? printJson(runs, 2) : print(formatRuns(runs)));
  },
};

/** Throws UsageError if the folder cannot be read: an empty list would say that no run has left anything. */
async function lookInto(stateDir: string, {mayBeMissing}: {mayBeMissing: boolean}): Promise<void> {
  try {
    await readdir(stateDir);
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (isMissing && mayBeMissing) return;
    const said = isMissing ? 'does not exist' : `cannot be read: ${messageOf(cause)}`;
    throw new UsageError(`The state folder ${stateDir} ${said}.`, {cause});
  }
}
