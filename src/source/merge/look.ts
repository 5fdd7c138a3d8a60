import {sentNames} from '../../declared-keys.js';
import {InvalidBodyError} from '../../json/scanner.js';
import type {Table} from '../../table.js';
import {isRouteRefusal} from '../http/policy.js';
import type {ListContext} from '../lists/list-context.js';
import type {Page, PageFormat} from '../lists/page.js';
import {type Bound, formatRequest, type Query} from '../lists/request.js';

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

/** Whether a request of this path, for the row of this key, is answered with that row. Throws what Client.get throws, but for a refusal. */
export async function lookUp(
  path: string,
  table: Table,
  key: string,
  {client, calls}: Pick<ListContext, 'client' | 'calls'>,
): Promise<boolean> {
  const [column = ''] = table.primaryKey;
  calls.expect(1);
  try {
    return await client.get(
      formatRequest({path}, {[column]: key}, {}),
      body => holdsRow(body, table, column, key),
      () => calls.made++,
    );
  } catch (error) {
    if (isRouteRefusal(error)) return false;
    throw error;
  }
}

/** Whether a reply holds a record with that key, as deep as details of users and courses hold it. Throws InvalidBodyError. */
function holdsRow(body: Buffer, table: Table, column: string, key: string): boolean {
  const {[column]: declared} = table.columns;
  const names = declared === undefined ? [] : sentNames(column, declared);
  const isRow = (value: unknown, depth: number): boolean => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const entries = Object.entries(value);
    return (
      entries.some(([name, held]) => names.includes(name) && String(held) === key) ||
      (depth > 0 && entries.some(([, held]) => isRow(held, depth - 1)))
    );
  };
  let reply: unknown;
  try {
    reply = JSON.parse(body.toString());
  } catch {
    throw new InvalidBodyError('it is no JSON');
  }
  return isRow(reply, 2);
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
