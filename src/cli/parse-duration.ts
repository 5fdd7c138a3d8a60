import {UsageError} from '../errors.js';

/** Milliseconds of `90m`, `2h`, `2h30m`, `45s`, or a bare number of seconds. */
export function duration(flag: string) {
  return (value: unknown): number => {
    const parts = /^(?:(\d{1,6})|(?=\d)(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?)$/.exec(String(value).trim());
    const [seconds, h, m, s] = (parts ?? []).slice(1).map(Number);
    const ms = 1000 * ((seconds || 0) + 3600 * (h || 0) + 60 * (m || 0) + (s || 0));
    if (ms > 0) return ms;
    throw new UsageError(`--${flag} takes a time such as 90m, 2h, 2h30m, or seconds.`);
  };
}
