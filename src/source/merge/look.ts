import type {ListContext} from '../lists/list-context.js';
import type {Page, PageFormat} from '../lists/page.js';
import type {Bound, Query} from '../lists/request.js';

/** Asks for one page of a list that is looked at and does not land. Throws what Client.get throws. */
export async function lookAt(
  format: PageFormat,
  {client, calls}: Pick<ListContext, 'client' | 'calls'>,
  number: number,
  extra: Query = {},
  bound: Bound = {},
): Promise<Page> {
  const address = {number, bound, extra};
  calls.expect(1);
  return client.get(
    format.ask(address),
    (body, status) => format.read(body, address, status),
    () => calls.made++,
  );
}

/** A moment as Docebo's filters take it (tables/API.md#change-filters), in UTC. */
export function formatMoment(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

/** The midnight of each day that was read: rows share few days, and to check a date takes longer than to look it up. */
const midnights = new Map<string, number | undefined>();
const mostMidnights = 100_000;

/** Milliseconds since 1970 of a date as Docebo sends it, taken for UTC; undefined if it is none, such as 0000-00-00 or the 30th of February. */
export function readMoment(text: string): number | undefined {
  const time = /^[ T]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)/.exec(text.slice(10));
  const midnight = time === null ? undefined : readDay(text.slice(0, 10));
  if (time === null || midnight === undefined) return undefined;
  return midnight + 1000 * (Number(time[1]) * 3600 + Number(time[2]) * 60 + Number(time[3]));
}

function readDay(day: string): number | undefined {
  if (midnights.has(day)) return midnights.get(day);
  const ms = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  const midnight = !Number.isNaN(ms) && formatMoment(ms).startsWith(day) ? ms : undefined;
  if (midnights.size < mostMidnights) midnights.set(day, midnight);
  return midnight;
}
