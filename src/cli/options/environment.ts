import {readFileSync} from 'node:fs';
import {parseEnv} from 'node:util';
import {messageOf, UsageError} from '../../errors.js';
import {expandHome} from '../../local-paths.js';
import {ingestrFlags} from './ingestr.js';
import {everyFlag, findCommand, lookUp, otherNames} from './known-flags.js';
import {findNearest} from './nearest.js';
import {isSwitch, readFlag} from './read-flag.js';

const prefix = 'DOCEBO_INGEST_';

/**
 * The flags of a command that the environment sets. An empty variable counts as not set; one that belongs to another command is left alone. Throws
 * UsageError for one whose name is close to a flag's: a misspelt variable must not be ignored in silence.
 */
export function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  command: string | undefined,
): Readonly<Record<string, string | boolean>> {
  const known = findCommand(command)?.flags ?? {};
  const settings: Record<string, string | boolean> = {};
  for (const [variable, text = ''] of Object.entries(env)) {
    if (!variable.startsWith(prefix) || text === '') continue;
    const name = variable.slice(prefix.length).toLowerCase().replaceAll('_', '-');
    const positive = name.replace(/^no-/, '');
    const negated = lookUp(everyFlag, positive);
    if (Object.hasOwn(everyFlag, name)) {
      const option = known[name];
      if (option !== undefined) settings[name] = readFlag(variable, option, text);
    } else if (negated !== undefined && isSwitch(negated)) {
      if (Object.hasOwn(known, positive)) settings[positive] = readFlag(variable, negated, text) === false;
    } else if (!Object.hasOwn(ingestrFlags, name) && !Object.hasOwn(otherNames, name)) {
      refuseMisspelt(variable, name);
    }
  }
  return settings;
}

function refuseMisspelt(variable: string, name: string): void {
  const nearest = findNearest(name, Object.keys(everyFlag));
  if (nearest === undefined) return;
  const meant = `${prefix}${nearest.toUpperCase().replaceAll('-', '_')}`;
  throw new UsageError(`${variable} belongs to no flag. Did you mean ${meant}?`);
}

/**
 * Reads `--dotenv` before the environment is looked at, so that the file may hold flags (DOCEBO_INGEST_…) as well as credentials.
 * Node's own loadEnvFile takes a byte order mark, which some editors write, for part of the first name. Returns a warning for each file of which something
 * does not count.
 */
export function loadDotenvFiles(given: readonly string[]): readonly string[] {
  const named = process.env['DOCEBO_INGEST_DOTENV'] || process.env['DOCEBO_INGEST_ENV_FILE'] || '';
  const files = given.length > 0 ? given : named === '' ? [] : [named];
  return files.flatMap(file => {
    const found = Object.entries(parseEnv(read(expandHome(file)).replace(/^\ufeff/, '')));
    for (const [name, value] of found) process.env[name] ??= value;
    const left = found.filter(([name, value]) => process.env[name] !== value).map(([name]) => name);
    return left.length === 0
      ? []
      : [`${file} sets ${left.join(', ')}, but another value was set before, which counts.`];
  });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const isThere = !(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT');
    throw new UsageError(
      isThere ? `--dotenv ${file} cannot be read: ${messageOf(cause)}.` : `--dotenv ${file} does not exist.`,
      {cause},
    );
  }
}
