import {UsageError} from '../../errors.js';
import type {Option, Options} from './option.js';
import {type Flag, helpHint} from './split-arguments.js';

/**
 * Gives each flag of a command its value: that of the command line, else of the environment, else its default. The names are those of `ArgsOf`.
 * Throws UsageError for a value that is not understood, and if a required flag is missing.
 */
export function bindFlags(
  options: Options,
  given: readonly Flag[],
  environment: Readonly<Record<string, string | boolean>>,
): Readonly<Record<string, unknown>> {
  const missing: string[] = [];
  const bound = Object.entries(options).map(([name, option]) => {
    const values = given.filter(flag => flag.name === name).map(({value}) => value ?? '');
    if (values.length === 0 && environment[name] !== undefined) values.push(environment[name]);
    if (values.length === 0 && option.demandOption === true) missing.push(`--${name}`);
    return [toCamelCase(name), values.length === 0 ? option.default : read(option, values)];
  });
  if (missing.length > 0) throw new UsageError(`Say ${missing.join(' and ')}.`, {hint: helpHint});
  return Object.fromEntries(bound);
}

function read({type, coerce}: Option, values: readonly (string | boolean)[]): unknown {
  const value: unknown = type === 'array' ? values : values.at(-1);
  // The declaration pairs each reader with the type of what it reads.
  return coerce === undefined ? value : (coerce as (given: unknown) => unknown)(value);
}

function toCamelCase(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
