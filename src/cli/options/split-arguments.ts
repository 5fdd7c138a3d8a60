import type {Options} from 'yargs';
import {UsageError} from '../../errors.js';
import {hidePasswordIn} from '../../secret.js';
import {ingestrFlags} from './ingestr.js';
import {commandNames, everyFlag, lookUp, otherNames} from './known-flags.js';
import {findNearest, suggest} from './nearest.js';
import {isSwitch, looksLikeSource, misplacedSource, quoteHint, readFlag, readSwitch} from './read-flag.js';

export const helpHint = 'docebo-ingest --help lists the commands, docebo-ingest <command> --help its flags.';

export interface Flag {
  readonly name: string;
  /** Null if the flag needs no value and has none. */
  readonly value: string | boolean | null;
}

interface Split {
  readonly flags: readonly Flag[];
  readonly positions: readonly string[];
}

const short: Readonly<Record<string, string>> = {'-h': '--help', '-v': '--version', '-V': '--version', '-y': '--yes'};
const standingAlone: ReadonlySet<string> = new Set(['help', 'version']);

/** Separates flags and their values from the command and its argument. Throws UsageError for a flag that no command has. */
export function splitArguments(argv: readonly string[]): Split {
  const [flags, positions]: [Flag[], string[]] = [[], []];
  const words = [...argv];
  words.forEach(hidePasswordIn);
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (looksLikeSource(word) && !/^--source-?uri=/i.test(word)) throw misplacedSource('The command line holds');
    if (flags.at(-1)?.name === 'source-uri' && !isOurs(word)) throw brokenSource();
    if (word === '--') positions.push(...words.splice(0));
    else if (isFlag(word)) flags.push(takeFlag(lookUp(short, word) ?? word, words));
    else positions.push(word);
  }
  return {flags, positions};
}

function isFlag(word: string): boolean {
  return /^-[^\d]/.test(word);
}

/** Whether the word is a command or a flag, even a misspelt one. */
function isOurs(word: string): boolean {
  if (!isFlag(word)) return commandNames.includes(word);
  if (Object.hasOwn(short, word)) return true;
  const name = word.replace(/^-+(no-)?/, '').replace(/=.*/s, '');
  const names = [everyFlag, otherNames, ingestrFlags].flatMap(Object.keys).concat(...standingAlone);
  return names.includes(name) || (name.length > 5 && findNearest(name, names) !== undefined);
}

/** Not named: it may be the rest of a secret. */
function brokenSource(): UsageError {
  return new UsageError('What follows --source-uri was not understood.', {hint: quoteHint});
}

/** Takes the value of a flag, if it has one, off the words that follow. */
function takeFlag(word: string, following: string[]): Flag {
  const [, written = '', joined] = /^--?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  const kebab = written.replaceAll(/[A-Z]/g, capital => `-${capital.toLowerCase()}`);
  const name = lookUp(otherNames, kebab) ?? kebab;
  if (!word.startsWith('--')) throw unknownFlag(word.slice(0, 2));
  if (standingAlone.has(name)) return {name, value: true};
  const ingestr = lookUp(ingestrFlags, name);
  if (ingestr?.takesValue === true) return {name, value: joined ?? following.shift() ?? ''};
  if (ingestr !== undefined) return {name, value: joined ?? null};
  const option = lookUp(everyFlag, name);
  if (option !== undefined) return {name, value: takeValue(name, option, joined, following)};
  const positive = name.replace(/^no-/, '');
  const negated = lookUp(everyFlag, positive);
  if (name === positive || negated === undefined || !isSwitch(negated)) throw unknownFlag(`--${written}`);
  return {name: positive, value: joined !== undefined && readFlag(`--${name}`, negated, joined) === false};
}

function takeValue(name: string, option: Options, joined: string | undefined, following: string[]): Flag['value'] {
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

export function unknownFlag(flag: string): UsageError {
  const nearest = findNearest(flag.replace(/^-+/, ''), [...Object.keys(everyFlag), ...standingAlone]);
  return new UsageError(`Unknown flag: ${flag}.${suggest(nearest && `--${nearest}`)}`, {hint: helpHint});
}
