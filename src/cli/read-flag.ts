import type {Options} from 'yargs';
import {UsageError} from '../errors.js';

const yes = ['true', '1', 'yes', 'on'];
const no = ['false', '0', 'no', 'off'];

export function isSwitch({type}: Options): boolean {
  return type === 'boolean';
}

/** Whether the word says yes or no; undefined if neither. */
export function readSwitch(word: string): boolean | undefined {
  const lower = word.trim().toLowerCase();
  return yes.includes(lower) ? true : no.includes(lower) ? false : undefined;
}

/** What a flag, or the variable in its place, is set to. Throws UsageError that names it: what is not understood must not mean no. */
export function readFlag(name: string, option: Options, text: string): string | boolean {
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
