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
