import {type AcceptableFault, type Accepted, acceptableFaults} from '../../choices.js';
import {type OptionalArea, optionalAreas} from '../../emulator/areas.js';
import {UsageError} from '../../errors.js';
import type {FilterValues} from '../../filter-table.js';
import {formatCount} from '../printing/counts.js';

/** A flag that takes a whole number, with its range in the description. */
export function count(flag: string, least: number, most: number, what: string) {
  return {
    type: 'number',
    requiresArg: true,
    coerce: wholeNumber(flag, least, most),
    description: `${what} (${formatCount(least)} to ${formatCount(most)}).`,
  } as const;
}

function wholeNumber(flag: string, least: number, most: number) {
  return (value: unknown): number => {
    const number = Number(value);
    if (Number.isInteger(number) && number >= least && number <= most) return number;
    // Of what is no number yargs has made NaN, which nobody typed.
    const given = Number.isNaN(number) ? '' : `, not ${String(value)}`;
    throw new UsageError(`--${flag} takes a whole number from ${least} to ${most}${given}.`);
  };
}

const durationForm = /^(?:(\d{1,6})|(?=\d)(?:(\d{1,5})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?)$/;

/** Milliseconds of `7d`, `2h`, `2h30m`, `90m`, `45s`, or a bare number of seconds. */
export function duration(flag: string, {mayBeNone = false} = {}) {
  return (value: unknown): number => {
    const parts = durationForm.exec(String(value).trim());
    const [seconds, d, h, m, s] = (parts ?? []).slice(1).map(Number);
    const ms = 1000 * ((seconds || 0) + 86_400 * (d || 0) + 3600 * (h || 0) + 60 * (m || 0) + (s || 0));
    if (ms > 0 || (mayBeNone && parts !== null)) return ms;
    throw new UsageError(`--${flag} takes a time such as 90m, 2h, 2h30m, 7d, or seconds, not ${String(value)}.`);
  };
}

/** Reads `users=duplicates,count`, any number of times. Throws UsageError for any other form. */
export function readAccepted(words: readonly string[]): Accepted {
  const accepted = new Map<string, readonly AcceptableFault[]>();
  for (const word of words) {
    const [, table, faults = ''] = /^([\w-]+)=(.+)$/.exec(word.trim()) ?? [];
    if (table === undefined) throw refuse();
    for (const fault of faults.split(',').map(each => each.trim())) {
      const known = acceptableFaults.find(each => each === fault);
      if (known === undefined) throw refuse();
      accepted.set(table, [...(accepted.get(table) ?? []), known]);
    }
  }
  return Object.fromEntries(accepted);
}

/** Reads `gamification,surveys`, any number of times. Throws UsageError for an area that cannot be switched off. */
export function readOptionalAreas(words: readonly string[]): readonly OptionalArea[] {
  return words
    .flatMap(word => word.split(','))
    .map(word => {
      const known = optionalAreas.find(area => area === word.trim());
      if (known !== undefined) return known;
      throw new UsageError(`--without takes areas: ${optionalAreas.join(', ')}.`);
    });
}

/** Reads `search_text=ann`, any number of times. What a filter may be called is up to the table. */
export function readFilters(words: readonly string[]): FilterValues {
  const filters = new Map<string, readonly string[]>();
  for (const word of words) {
    const [, name, value = ''] = /^\s*(\w+)\s*=(.*)$/s.exec(word) ?? [];
    if (name === undefined)
      throw new UsageError('--filter takes a filter and its value.', {hint: 'For example --filter search_text=ann.'});
    filters.set(name, [...(filters.get(name) ?? []), value]);
  }
  return Object.fromEntries(filters);
}

function refuse(): UsageError {
  return new UsageError(`--accept takes a table and the faults to accept: ${acceptableFaults.join(', ')}.`, {
    hint: 'For example --accept users=duplicates, or --accept courses=count,null-keys.',
  });
}
