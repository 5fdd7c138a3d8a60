import {pick, type Random} from './draw.js';

const dates = /^(\d{4}([-/.])\d{1,2}\2\d{1,2}|\d{1,2}([-/.])\d{1,2}\3(\d{4}|\d{2}))$/;
const times = /^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$/;
const zones = /\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[AP]M)$/i;

/** With zone and fraction. In a long text the patterns would look for one from each place on. */
const longest = 64;

/** A date, a time of day, or both, in any order of day, month and year. */
export function isDate(text: string): boolean {
  if (text.length > longest) return false;
  const {date, time} = split(text);
  return (date === '' || dates.test(date)) && (time === '' || times.test(time)) && date + time !== '';
}

function split(text: string) {
  const [zone = ''] = zones.exec(text) ?? [];
  const [, date = '', between = '', time = ''] =
    /^([^T\s:]*?)(T|,?\s+|)([\d:.]*:[\d:.]*)?$/.exec(text.slice(0, text.length - zone.length)) ?? [];
  return {date, between, time, zone};
}

/** Nothing that is recorded today lies in them, so a date that was invented is nobody's. */
const [firstYear, years] = [2041, 28];

/**
 * Another date of the same form: a 0 stays a 0, so that zero dates and midnight remain what they are, and a number above 12 shows as before that it is
 * no month.
 */
export function inventDate(text: string, random: Random): string {
  const {date, between, time, zone} = split(text);
  const isMidnight = /^[0:.]*$/.test(time);
  const madeTime = isMidnight
    ? time
    : time.replaceAll(/\d+/g, (part, at: number) => inventTime(part, at, time, random));
  return date.replaceAll(/\d+/g, part => inventPart(part, random)) + between + madeTime + hideZone(zone);
}

function inventPart(part: string, random: Random): string {
  if (Number(part) === 0) return part;
  if (part.length === 4) return String(firstYear + random(years));
  const size = Number(part) <= 12 ? 1 + random(12) : 13 + random(16);
  // One digit where the first days are written with one.
  return part.length === 1 ? String(1 + random(9)) : String(size).padStart(2, '0');
}

function inventTime(part: string, at: number, time: string, random: Random): string {
  if (time[at - 1] === '.') return part.replaceAll(/[1-9]/g, () => pick(random, '123456789'));
  const hour = Number(part) <= 12 ? 1 + random(11) : 13 + random(11);
  return String(at === 0 ? hour : random(60))
    .padStart(part.length, '0')
    .slice(-Math.max(part.length, 2));
}

/** Where on earth the tenant is says something of it. */
function hideZone(zone: string): string {
  return zone.replace(/([+-])(?!00:?00)\d{2}(:?)\d{2}/, (_, sign: string, colon: string) => `${sign}01${colon}00`);
}
