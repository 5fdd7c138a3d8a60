import type {Options} from 'yargs';
import {writeCommand} from '../../command-line.js';
import {UsageError} from '../../errors.js';
import {guardArgument} from './guard-argument.js';
import {type IngestrFlag, ingestrFlags} from './ingestr.js';
import {commandNames, commandsWith, everyFlag, findCommand, lookUp} from './known-flags.js';
import {findNearest, suggest} from './nearest.js';
import {readSwitch} from './read-flag.js';
import {type Flag, helpHint, splitArguments, unknownFlag} from './split-arguments.js';

interface Arguments {
  /** As the argument parser takes them, unambiguous: each flag with its value in one word. */
  readonly words: readonly string[];
  readonly command: string | undefined;
  readonly dotenvFiles: readonly string[];
}

/**
 * Reads the command line before yargs does, because yargs takes what it does not understand for something else: an unknown flag for a
 * command, a switch set to 1 for one set to no, an empty number for 0. Throws UsageError for all of these.
 */
export function readArguments(argv: readonly string[]): Arguments {
  const {flags, positions} = splitArguments(argv);
  const [first, ...rest] = positions;
  if (first === 'help') return readArguments([...rest.slice(0, 1), '--help']);
  const asked = ['help', 'version'].find(name => flags.some(flag => flag.name === name));
  if (asked !== undefined && findCommand(first) === undefined) {
    if (first !== undefined) refuseUnknownCommand(first);
    return {words: [`--${asked}`], command: undefined, dotenvFiles: []};
  }
  if (asked !== undefined) return {words: [first ?? '', `--${asked}`], command: first, dotenvFiles: []};
  refuseUnknownCommand(first);
  refuseSurplus(first, rest, flags);
  const ours = flags.flatMap(flag => translate(flag, findCommand(first)?.flags ?? everyFlag, first));
  refuseRepeats(ours);
  const dotenvFiles = ours.flatMap(({name, value}) => (name === 'dotenv' && typeof value === 'string' ? [value] : []));
  return {words: [...positions.map(guardArgument), ...ours.map(write)], command: first, dotenvFiles};
}

function refuseUnknownCommand(name: string | undefined): void {
  if (name === undefined) throw new UsageError('Say what to do: docebo-ingest <command>.', {hint: helpHint});
  if (findCommand(name) !== undefined) return;
  throw new UsageError(`Unknown command: ${name}.${suggest(findNearest(name, commandNames))}`, {hint: helpHint});
}

function refuseSurplus(name = '', given: readonly string[], flags: readonly Flag[]): void {
  const argument = findCommand(name)?.argument;
  const [first, second] = given;
  if (argument !== undefined && (first === undefined || first.trim() === '')) {
    const stateDir = flags.find(flag => flag.name === 'state-dir')?.value;
    const runs = typeof stateDir === 'string' ? writeCommand(['runs'], stateDir) : 'docebo-ingest runs';
    const lists = `${argument === 'a run' ? runs : 'docebo-ingest tables'} lists them.`;
    if (argument === 'a text') throw new UsageError(`${name} needs a text to look for.`, {hint: helpHint});
    const hint = argument === 'an action' ? 'It is spec, check, discover or read.' : lists;
    throw new UsageError(`${name} needs the name of ${argument}.`, {hint});
  }
  const unknown = argument === undefined ? first : second;
  if (unknown === undefined) return;
  const hint = argument === 'a text' ? 'Put a text of several words into quotes.' : helpHint;
  throw new UsageError(`Unknown argument: ${unknown}.`, {hint});
}

/** A flag as this command knows it; none if it asks for what is done anyway. Throws UsageError if the command does not have it. */
function translate(flag: Flag, known: Readonly<Record<string, Options>>, command = ''): readonly Flag[] {
  const {name} = flag;
  if (Object.hasOwn(known, name)) return [flag];
  const ingestr = lookUp(ingestrFlags, name);
  if (ingestr === undefined) {
    const hint = `It belongs to ${commandsWith(name).join(', ')}.`;
    throw new UsageError(`${command} has no flag --${name}.`, {hint});
  }
  if (!['ingest', 'run'].includes(command)) throw unknownFlag(`--${name}`);
  return accept(flag, ingestr);
}

function accept({name, value}: Flag, {accepts, becomes, says}: IngestrFlag): readonly Flag[] {
  const isAccepted = typeof accepts === 'boolean' ? accepts : accepts.includes(String(value));
  if (!isAccepted) throw new UsageError(`--${name} is a flag of ingestr that does not apply here: ${says}.`);
  if (becomes === undefined || (typeof value === 'string' && readSwitch(value) === false)) return [];
  return [{name: becomes.replace(/^no-/, ''), value: !becomes.startsWith('no-')}];
}

/** A second value for a flag that takes one is a mistake: neither may win in silence. */
function refuseRepeats(flags: readonly Flag[]): void {
  const seen = new Map<string, Flag['value']>();
  for (const {name, value} of flags) {
    const isSame = typeof value === 'boolean' && seen.get(name) === value;
    if (seen.has(name) && !isSame && !takesSeveral(name)) throw new UsageError(`--${name} was given more than once.`);
    seen.set(name, value);
  }
}

function takesSeveral(name: string): boolean {
  return everyFlag[name]?.type === 'array' || name === 'dotenv';
}

function write({name, value}: Flag): string {
  if (value === false) return `--no-${name}`;
  return value === true || value === null ? `--${name}` : `--${name}=${value}`;
}
