import type {Options} from 'yargs';
import {UsageError} from '../errors.js';
import {type IngestrFlag, ingestrFlags} from './ingestr.js';
import {commandNames, commandsWith, everyFlag, findCommand} from './known-flags.js';
import {findNearest} from './nearest.js';
import {isSwitch, readFlag, readSwitch} from './read-flag.js';

export const helpHint = 'docebo-ingest --help lists the commands, docebo-ingest <command> --help its flags.';

export interface Arguments {
  /** As the argument parser takes them, without a doubt left: each flag with its value in one word. */
  readonly words: readonly string[];
  readonly command: string | undefined;
  readonly envFiles: readonly string[];
}

interface Flag {
  readonly name: string;
  /** Null where a flag that may stand alone does. */
  readonly value: string | boolean | null;
}

const short: Readonly<Record<string, string>> = {'-h': '--help', '-v': '--version', '-V': '--version', '-y': '--yes'};
const standingAlone: ReadonlySet<string> = new Set(['help', 'version']);

/**
 * Reads the command line once before yargs does, which takes what it does not understand for something else: an unknown flag for a
 * command, a switch set to 1 for one set to no, an empty number for 0. Throws UsageError for all of these.
 */
export function readArguments(argv: readonly string[]): Arguments {
  const {flags, positions} = split(argv);
  const [first, ...rest] = positions;
  if (first === 'help') return readArguments([...rest.slice(0, 1), '--help']);
  if (flags.some(({name}) => standingAlone.has(name))) {
    const known = findCommand(first) === undefined ? [] : [first ?? ''];
    return {
      words: [...known, flags.some(({name}) => name === 'help') ? '--help' : '--version'],
      command: first,
      envFiles: [],
    };
  }
  refuseUnknownCommand(first);
  refuseSurplus(first, rest);
  const command = findCommand(first);
  const ours = flags.flatMap(flag => translate(flag, command?.flags ?? everyFlag, first));
  refuseRepeats(ours);
  const envFiles = ours.flatMap(({name, value}) => (name === 'env-file' && typeof value === 'string' ? [value] : []));
  return {words: [...positions, ...ours.map(write)], command: first, envFiles};
}

function split(argv: readonly string[]): {flags: Flag[]; positions: string[]} {
  const [flags, positions]: [Flag[], string[]] = [[], []];
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '--') {
      positions.push(...words.splice(0));
    } else if (isFlag(word)) {
      flags.push(readOne(short[word] ?? word, words));
    } else {
      positions.push(word);
    }
  }
  return {flags, positions};
}

function isFlag(word: string): boolean {
  return /^-[^\d]/.test(word);
}

/** Takes the value of a flag, if it has one, off the words that follow. */
function readOne(word: string, following: string[]): Flag {
  const [, written = '', joined] = /^--?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  const name = written.replaceAll(/[A-Z]/g, capital => `-${capital.toLowerCase()}`);
  if (!word.startsWith('--')) throw unknownFlag(word.slice(0, 2));
  if (standingAlone.has(name)) return {name, value: true};
  const ingestr = lookUp(ingestrFlags, name);
  if (ingestr !== undefined)
    return {name, value: ingestr.takesValue ? (joined ?? following.shift() ?? '') : (joined ?? null)};
  const option = lookUp(everyFlag, name);
  if (option !== undefined) return {name, value: takeValue(name, option, joined, following)};
  const positive = name.replace(/^no-/, '');
  const negated = lookUp(everyFlag, positive);
  if (name === positive || negated === undefined || !isSwitch(negated)) throw unknownFlag(`--${written}`);
  return {name: positive, value: joined !== undefined && readFlag(`--${name}`, negated, joined) === false};
}

function takeValue(name: string, option: Options, joined: string | undefined, following: string[]) {
  const [next] = following;
  if (isSwitch(option)) {
    const isWord = joined === undefined && next !== undefined && readSwitch(next) !== undefined;
    const word = joined ?? (isWord ? following.shift() : undefined);
    return word === undefined ? true : readFlag(`--${name}`, option, word);
  }
  const isThere = next !== undefined && !isFlag(next);
  if (joined === undefined && !isThere && option.requiresArg !== true) return null;
  const value = joined ?? (isThere ? following.shift() : undefined);
  return readFlag(`--${name}`, option, value ?? '');
}

/** A flag as this command knows it: none if it asks for nothing. Throws UsageError if it has another one in mind. */
function translate(flag: Flag, known: Readonly<Record<string, Options>>, command = ''): readonly Flag[] {
  const {name} = flag;
  if (Object.hasOwn(known, name)) return [flag];
  const ingestr = lookUp(ingestrFlags, name);
  if (ingestr === undefined) {
    throw new UsageError(`${command} has no flag --${name}.`, {
      hint: `It belongs to ${commandsWith(name).join(', ')}.`,
    });
  }
  if (!Object.hasOwn(known, 'dest-uri') || !Object.hasOwn(known, 'source-uri')) throw unknownFlag(`--${name}`);
  return accept(flag, ingestr);
}

function accept({name, value}: Flag, {accepts, becomes, says}: IngestrFlag): readonly Flag[] {
  const isAccepted = typeof accepts === 'boolean' ? accepts : accepts.includes(String(value));
  if (!isAccepted) throw new UsageError(`--${name} is a flag of ingestr that does not apply here: ${says}.`);
  if (becomes === undefined || (typeof value === 'string' && readSwitch(value) === false)) return [];
  return [{name: becomes.replace(/^no-/, ''), value: !becomes.startsWith('no-')}];
}

function refuseUnknownCommand(name: string | undefined): void {
  if (name === undefined) throw new UsageError('Say what to do: docebo-ingest <command>.', {hint: helpHint});
  if (findCommand(name) !== undefined) return;
  throw new UsageError(`Unknown command: ${name}.${suggest(findNearest(name, commandNames))}`, {hint: helpHint});
}

function refuseSurplus(name = '', given: readonly string[]): void {
  const argument = findCommand(name)?.argument;
  const [first, second] = given;
  if (argument !== undefined && (first === undefined || first.trim() === '')) {
    const list = argument === 'a run' ? 'docebo-ingest runs' : 'docebo-ingest tables';
    throw new UsageError(`${name} needs the name of ${argument}.`, {hint: `${list} lists them.`});
  }
  const unknown = argument === undefined ? first : second;
  if (unknown !== undefined) throw new UsageError(`Unknown argument: ${unknown}.`, {hint: helpHint});
}

/** Of a flag that takes one value, a second one is a mistake: neither may win in silence. */
function refuseRepeats(flags: readonly Flag[]): void {
  const seen = new Map<string, Flag['value']>();
  for (const {name, value} of flags) {
    const isSame = typeof value === 'boolean' && seen.get(name) === value;
    if (seen.has(name) && !isSame && !takesSeveral(name)) throw new UsageError(`--${name} was given more than once.`);
    seen.set(name, value);
  }
}

function takesSeveral(name: string): boolean {
  return everyFlag[name]?.type === 'array' || name === 'env-file';
}

function unknownFlag(flag: string): UsageError {
  const nearest = findNearest(flag.replace(/^-+/, ''), [...Object.keys(everyFlag), ...standingAlone]);
  return new UsageError(`Unknown flag: ${flag}.${suggest(nearest === undefined ? undefined : `--${nearest}`)}`, {
    hint: helpHint,
  });
}

function suggest(name: string | undefined): string {
  return name === undefined ? '' : ` Did you mean ${name}?`;
}

function write({name, value}: Flag): string {
  if (value === false) return `--no-${name}`;
  return value === true || value === null ? `--${name}` : `--${name}=${value}`;
}

function lookUp<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
