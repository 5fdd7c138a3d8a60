import type {Dice} from './random.js';

const day = 86_400;
const opening = Date.UTC(2018, 0, 1) / 1000;
const lastDay = Date.UTC(2025, 8, 1) / 1000;

/** Docebo writes MySQL datetimes in UTC, without a zone (tables/API.md#dates). */
export function dateText(epochSeconds: number): string {
  const iso = new Date(epochSeconds * 1000).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
}

/** A moment between the tenant's opening and its last day. Fixed, so that a seed gives the same tenant on any day. */
export function someMoment(die: Dice): number {
  return opening + die.below(lastDay - opening);
}

export function laterMoment(die: Dice, from: number, maxDays: number): number {
  return from + 60 + die.below(maxDays * day);
}

/** When an edited record was saved: later than any date of the tenant, and later each time. */
export function touchedMoment(touches: number): number {
  return Date.UTC(2027, 0, 1) / 1000 + touches;
}

/** Seconds since the epoch; NaN for what is no date. A day alone is its midnight. */
export function parseDate(text: unknown): number {
  const whole = typeof text === 'string' && text.length === 10 ? `${text} 00:00:00` : text;
  if (typeof whole !== 'string' || !/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(whole)) return Number.NaN;
  const seconds = Date.parse(`${whole.replace(' ', 'T')}Z`) / 1000;
  // Date.parse takes February 30 for March 2.
  return Number.isNaN(seconds) || dateText(seconds) !== whole ? Number.NaN : seconds;
}

export const zeroDate = '0000-00-00 00:00:00';
export const impossibleDate = '2023-02-30 10:00:00';

/** A date as in an old tenant, where zero dates occur (tables/API.md#dates). */
export function oddDateText(die: Dice, epochSeconds: number): string | null {
  const roll = die.below(1000);
  if (roll < 15) return zeroDate;
  if (roll < 20) return impossibleDate;
  if (roll < 35) return '';
  if (roll < 50) return null;
  return dateText(epochSeconds);
}
