import {formatDuration} from 'date-fns/formatDuration';
import {intervalToDuration} from 'date-fns/intervalToDuration';

const counts = new Intl.NumberFormat('en-US');

export function formatCount(count: number): string {
  return counts.format(count);
}

/** `1,200 records`, `1 record`. */
export function formatCounted(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** `3.4 s`, `2 minutes 5 seconds`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return formatDuration(intervalToDuration({start: 0, end: Math.round(seconds) * 1000}));
}

/** `3 m 12 s`, `1 h 5 m`: short enough to count down in. */
export function formatWait(seconds: number): string {
  const left = Math.max(0, Math.ceil(seconds));
  const [hours, minutes] = [Math.floor(left / 3600), Math.floor(left / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} m`;
  return minutes > 0 ? `${minutes} m ${left % 60} s` : `${left} s`;
}

/** `2 hours 5 minutes`, rounded up: for what is not known to the second. */
export function formatMinutes(minutes: number): string {
  if (minutes <= 1) return 'a minute';
  return formatDuration(intervalToDuration({start: 0, end: Math.ceil(minutes) * 60_000}), {
    format: ['days', 'hours', 'minutes'],
  });
}

/** `12.3 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [scaled, unit] = bytes < 1e6 ? [bytes / 1e3, 'kB'] : bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB'];
  return `${scaled.toFixed(1)} ${unit}`;
}
