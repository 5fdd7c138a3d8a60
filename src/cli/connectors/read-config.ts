import {readFile} from 'node:fs/promises';
import yargs, {type Options} from 'yargs';
import {IngestError, messageOf, UsageError} from '../../errors.js';
import {isObject} from '../../json/members.js';
import {hide} from '../../secret.js';
import {settingNames} from '../../source/uri.js';
import type {Environment} from '../options/access.js';
import {findNearest, suggest} from '../options/nearest.js';
import {readFlag} from '../options/read-flag.js';
import {configOptions, configProperties, inConfig, nameOf} from './settings.js';

/** Reads a file that holds JSON. Throws UsageError, which never quotes it: it may hold a secret. */
export async function readJsonFile(flag: string, path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(cause => {
    throw new UsageError(`The file of --${flag} cannot be read: ${messageOf(cause)}.`, {cause});
  });
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    return value;
  } catch {
    throw new UsageError(`The file of --${flag} does not hold JSON: ${path}.`);
  }
}

/** What a config says: the credentials as variables, and the rest as the flags of ingest would. */
export interface Config {
  readonly env: Environment;
  readonly args: ReturnType<typeof parse>;
}

/** Throws UsageError for what a config may not hold. It names settings, and repeats no value of an unknown one. */
export async function readConfig(path: string): Promise<Config> {
  const config = await readJsonFile('config', path);
  if (!isObject(config)) throw new UsageError('The config is not a JSON object.', {hint});
  const given = Object.entries(config).filter(([, value]) => value !== null && value !== '');
  for (const [name, value] of given) {
    if (Object.hasOwn(configProperties, name)) continue;
    if (typeof value === 'string') hide(value);
    throw new UsageError(
      `The config holds an unknown setting: ${name}.${suggest(findNearest(name, Object.keys(configProperties)))}`,
      {hint},
    );
  }
  const isCredential = ([name]: readonly [string, unknown]) => settingNames.some(setting => setting === name);
  const env = given.filter(isCredential).map(([name, value]) => {
    if (typeof value !== 'string') throw new UsageError(`The setting ${name} of the config is not a text.`);
    return [`DOCEBO_${name.toUpperCase()}`, value] as const;
  });
  return {env: Object.fromEntries(env), args: parse(given.filter(each => !isCredential(each)))};
}

const hint = 'docebo-ingest singer --about lists the settings.';

function parse(given: readonly (readonly [string, unknown])[]) {
  const words = given.map(([name, value]) => [name.replaceAll('_', '-'), readValue(name, value)]);
  try {
    return yargs([])
      .options(configOptions)
      .config(Object.fromEntries(words))
      .parserConfiguration({'greedy-arrays': false, 'parse-numbers': false})
      .help(false)
      .version(false)
      .exitProcess(false)
      .fail((message, error) => {
        // What a coercion throws comes as one of yargs' own errors.
        throw error instanceof IngestError ? error : new UsageError(message ?? error?.message);
      })
      .parseSync();
  } catch (error) {
    // Coercions speak of flags.
    if (!(error instanceof IngestError)) throw error;
    throw new UsageError(`The config: ${inConfig(error.message)}`, {hint: error.hint && inConfig(error.hint)});
  }
}

/** The value as the flag would be given it. */
function readValue(name: string, value: unknown): string | boolean | readonly string[] {
  const option: Options | undefined = Object.entries(configOptions).find(([flag]) => nameOf(flag) === name)?.[1];
  if (option?.type === 'array') return Array.isArray(value) ? value.map(String) : [String(value)];
  if (typeof value === 'object') throw new UsageError(`The setting ${name} of the config is not a single value.`);
  return readFlag(`The setting ${name}`, option ?? {}, String(value));
}
