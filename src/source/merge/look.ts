import type {ListContext} from '../lists/list-context.js';
import type {Page, PageFormat} from '../lists/page.js';
import type {Query} from '../lists/request.js';

/** Asks for one page of a list that is looked at and does not land. Throws what Client.get throws. */
export async function lookAt(
  format: PageFormat,
  {client, calls}: Pick<ListContext, 'client' | 'calls'>,
  number: number,
  extra: Query = {},
): Promise<Page> {
  const address = {number, bound: {}, extra};
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

/** Milliseconds since 1970 of a date as Docebo sends it, taken for UTC; undefined if it is none, such as 0000-00-00 or the 30th of February. */
export function readMoment(text: string): number | undefined {
  const moment = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)/.exec(text);
  if (moment === null) return undefined;
  const ms = Date.parse(`${moment[1]}T${moment[2]}Z`);
  return Number.isNaN(ms) || formatMoment(ms) !== `${moment[1]} ${moment[2]}` ? undefined : ms;
}
