import {formatDuration as format} from 'date-fns/formatDuration';
import {intervalToDuration} from 'date-fns/intervalToDuration';

const units: Readonly<Record<string, string>> = {xDays: 'd', xHours: 'h', xMinutes: 'min', xSeconds: 's'};
const locale = {formatDistance: (unit: string, count: number) => `${count} ${units[unit] ?? unit}`};

/** `14:05 CET`, `27 Nov, 02:10 GMT+2`: a moment in local time, rounded up to the minute. */
export function formatMoment(ms: number, nowMs: number): string {
  const moment = new Date(Math.ceil(ms / 60_000) * 60_000);
  const isToday = moment.toDateString() === new Date(nowMs).toDateString();
  return (isToday ? timeOfDay : dayAndTime).format(moment);
}

const time = {hour: '2-digit', minute: '2-digit', timeZoneName: 'short'} as const;
const timeOfDay = new Intl.DateTimeFormat('en-GB', time);
const dayAndTime = new Intl.DateTimeFormat('en-GB', {day: 'numeric', month: 'short', ...time});

/** `3 d`, `1 d 6 h`, `20 min`: how long ago something was, no closer than anybody needs it. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, ms / 1000);
  const step = seconds >= 2 * 86_400 ? 86_400 : seconds >= 3600 ? 3600 : seconds >= 60 ? 60 : 1;
  return formatDuration(Math.floor(seconds / step) * step);
}

/** `3.4 s`, `45 s`, `6 min 5 s`, `1 h 5 min`, `1 d 2 h`: every duration is written this way. */
export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${Number(Math.max(0, seconds).toFixed(1))} s`;
  const step = seconds < 3600 ? 1 : 60;
  const rounded = Math.round(seconds / step) * step;
  // Beyond a month, an interval counts its days from the last whole one.
  const days = Math.floor(rounded / 86_400);
  const duration = {...intervalToDuration({start: 0, end: (rounded % 86_400) * 1000}), days};
  return format(duration, {locale, format: ['days', 'hours', 'minutes', 'seconds']});
}
