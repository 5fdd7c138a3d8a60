import type {Options} from 'yargs';
import {UsageError} from '../../errors.js';
import {hidePasswordIn} from '../../secret.js';

const yes = ['true', '1', 'yes', 'on'];
const no = ['false', '0', 'no', 'off'];

export function isSwitch({type}: Options): boolean {
  return type === 'boolean';
}

export const quoteHint =
  'The source goes into --source-uri, in single quotes; within a secret a quote is written %27, a blank %20.';

/** Whether a word is, or holds, a source URI, however mistyped: the secret in it must not be repeated. */
export function looksLikeSource(word: string): boolean {
  // A user of Postgres may be called docebo, and a catalog have its password among its words.
  if (/^(--?dest-?uri=)?(postgres(ql)?:\/\/|ducklake:|md:)/i.test(word)) return false;
  return /docebo:|(secret|passw|token|credential)[\w-]*\s*=/i.test(word);
}

export function misplacedSource(where: string): UsageError {
  return new UsageError(`${where} what looks like a source URI.`, {hint: quoteHint});
}

/** Whether the word says yes or no; undefined if neither. */
export function readSwitch(word: string): boolean | undefined {
  const lower = word.trim().toLowerCase();
  return yes.includes(lower) ? true : no.includes(lower) ? false : undefined;
}

/** What a flag, or its variable, is set to. Throws UsageError that names it: what is not understood must not mean no. */
export function readFlag(name: string, option: Options, text: string): string | boolean {
  hidePasswordIn(text);
  if (looksLikeSource(text) && !/source.uri$/i.test(name)) throw misplacedSource(`${name} was given`);
  if (isSwitch(option)) {
    const value = readSwitch(text);
    if (value !== undefined) return value;
    throw new UsageError(`${name} takes true or false (1 or 0, yes or no, on or off), not ${JSON.stringify(text)}.`);
  }
  if (text.trim() === '') throw new UsageError(`${name} was given nothing.`);
  const choices = [option.choices ?? []].flat();
  if (choices.length > 0 && !choices.includes(text)) {
    throw new UsageError(`${name} takes ${listChoices(choices)}, not ${JSON.stringify(text)}.`);
  }
  return text;
}

function listChoices(choices: readonly unknown[]): string {
  return new Intl.ListFormat('en-GB', {type: 'disjunction'}).format(choices.map(String));
}
