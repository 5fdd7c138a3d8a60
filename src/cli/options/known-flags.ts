import type {Options} from 'yargs';
import {commands} from '../commands.js';
import {globalOptions} from './option-groups.js';

interface Known {
  /** The global ones included. */
  readonly flags: Readonly<Record<string, Options>>;
  /** What it takes besides flags. */
  readonly argument?: string;
}

export const commandNames: readonly string[] = commands.flatMap(({name, alias}) => [name, ...(alias ? [alias] : [])]);

/** The flags of all commands: a flag means the same to each of them. */
export const everyFlag: Readonly<Record<string, Options>> = Object.assign(
  {},
  globalOptions,
  ...commands.map(({options}) => options),
);

/**
 * Other names of flags. Node looks for --env-file among a script's arguments too, and ends with its own message and exit code if the file is missing
 * (nodejs/node#54232). So the flag has another name, and this one is understood where Node lets it pass.
 */
export const otherNames: Readonly<Record<string, string>> = {'env-file': 'dotenv'};

export function findCommand(called: string | undefined): Known | undefined {
  const command = commands.find(({name, alias}) => called !== undefined && (called === name || called === alias));
  if (command === undefined) return undefined;
  const flags = {...globalOptions, ...command.options};
  return command.argument === undefined ? {flags} : {flags, argument: command.argument.what};
}

/** The commands that know a flag, for a hint. */
export function commandsWith(flag: string): readonly string[] {
  return commands.filter(({options}) => Object.hasOwn(options, flag)).map(({name}) => name);
}

/** The entry of that name; undefined for what every object has, such as `constructor`. */
export function lookUp<T>(table: Readonly<Record<string, T>>, name: string | undefined): T | undefined {
  return name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}
