import type {Options} from 'yargs';
import {checkOptions} from './check.js';
import {demoOptions} from './demo.js';
import {serveOptions} from './emulator.js';
import {loadOptions} from './load.js';
import {lookUp} from './look-up.js';
import {globalOptions, ingestOptions} from './options.js';
import {planOptions} from './plan.js';
import {runsOptions} from './runs.js';
import {schemaOptions} from './schema.js';
import {tablesOptions} from './tables.js';

interface Known {
  readonly flags: Readonly<Record<string, Options>>;
  /** The one argument that it takes beside flags. */
  readonly argument?: string;
}

const own: Readonly<Record<string, Known>> = {
  ingest: {flags: ingestOptions},
  run: {flags: ingestOptions},
  tables: {flags: tablesOptions},
  schema: {flags: schemaOptions, argument: 'a table'},
  check: {flags: checkOptions},
  plan: {flags: planOptions},
  runs: {flags: runsOptions},
  load: {flags: loadOptions, argument: 'a run'},
  emulator: {flags: serveOptions},
  demo: {flags: demoOptions},
};

export const commandNames: readonly string[] = Object.keys(own);

/** Of all commands: no two of them mean different things by one flag. */
export const everyFlag: Readonly<Record<string, Options>> = Object.assign(
  {},
  globalOptions,
  ...Object.values(own).map(({flags}) => flags),
);

/**
 * Other names of flags. Node looks for --env-file among a script's arguments too, and ends with words and an exit code of its own if the
 * file is not there (nodejs/node#54232): so the flag is called otherwise, and this name is understood where Node lets it pass.
 */
export const otherNames: Readonly<Record<string, string>> = {'env-file': 'dotenv'};

export function findCommand(name: string | undefined): Known | undefined {
  const known = lookUp(own, name);
  return known === undefined ? undefined : {...known, flags: {...globalOptions, ...known.flags}};
}

/** The commands that know a flag, for a hint. */
export function commandsWith(flag: string): readonly string[] {
  return commandNames.filter(name => name !== 'run' && Object.hasOwn(own[name]?.flags ?? {}, flag));
}
