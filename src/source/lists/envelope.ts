import {InvalidBodyError} from '../../json/scanner.js';
import type {PageFacts} from '../../spool/format.js';

/**
 * Folds all envelopes (tables/API.md#envelope, tables/API.md#other-shapes) into one set of paging facts. They stand in `data` beside
 * `items`; in 2017 `/learn/v1/lp` had them at the root; surveys say `total_pages`; bare lists and maps say nothing.
 */
export type PagingFacts = Omit<PageFacts, 'number' | 'sent' | 'blank' | 'fingerprint'>;

export function readPagingFacts(envelope: unknown): PagingFacts {
  const root = asObject(envelope);
  const places = [asObject(root['data']), root];
  const read = (name: string) => places.map(place => place[name]).find(value => value !== undefined && value !== null);
  return {
    total: asCount(read('total_count')),
    total_pages: asCount(read('total_page_count') ?? read('total_pages')),
    count: asCount(read('count')),
    current_page: asCount(read('current_page')),
    page_size: asCount(read('current_page_size')),
    has_more: asFlag(read('has_more_data')),
  };
}

/**
 * Whether a reply without a list means an empty one: there is null where the list should be or above it, an object or a list without members,
 * or a count of none. Of a body that is `{}` nobody can tell.
 */
export function isBlank(envelope: unknown, paths: readonly string[]): boolean {
  const places = [asObject(envelope), asObject(asObject(envelope)['data'])];
  const counts = places.flatMap(place => [asCount(place['total_count']), asCount(place['count'])]);
  const holdsOther = places.some(place => Object.values(place).some(value => Array.isArray(value) && value.length > 0));
  if (counts.includes(0) && !holdsOther) return true;
  return envelope === null || paths.some(path => leadsToNothing(asObject(envelope), path.split('.')));
}

function leadsToNothing(place: Readonly<Record<string, unknown>>, [key = '', ...rest]: readonly string[]): boolean {
  const value = place[key];
  if (typeof value !== 'object') return false;
  // PHP writes an empty map as a list. Where the list should be, that is one.
  if (Array.isArray(value)) return value.length === 0 && rest.length > 0;
  if (value === null || Object.keys(value).length === 0) return true;
  return rest.length > 0 && leadsToNothing(asObject(value), rest);
}

/** The frozen search that later pages may be asked of. */
export function readCursor(envelope: unknown): string | null {
  const cursor = asObject(asObject(envelope)['data'])['cursor'];
  return typeof cursor === 'string' && cursor !== '' ? cursor : null;
}

/**
 * Throws InvalidBodyError if a reply with status 200 is an error all the same: worth another try, as an error is. `records`: how many came.
 * An error may bring an empty list along, so what the root and `data` say of themselves counts. Three things say for certain that it
 * failed: `success` that is not, an `error` that is one, and a status of 400 or above. A name at the root or a message (tables/API.md#errors) says so
 * where no record came, unless the reply says that it succeeded; beside a count of what there is, a message is a remark.
 */
export function refuseErrorBody(envelope: unknown, records: number): void {
  const root = asObject(envelope);
  const data = asObject(root['data']);
  const places = [root, data];
  const hasFailed =
    places.some(place => isDenied(place['success']) || statesError(place)) || isErrorStatus(root['code']);
  const isRemark = places.some(place => isAffirmed(place));
  const isCounted = places.some(place => asCount(place['total_count']) !== null);
  const complains = isTold(root['name']) || (!isCounted && places.some(place => isTold(place['message'])));
  if (hasFailed || (records === 0 && complains && !isRemark))
    throw new InvalidBodyError(`an error in a success: ${describeErrorBody(places)}`);
}

const statusKeys = ['status', 'statusCode', 'status_code'];

function statesError(place: Readonly<Record<string, unknown>>): boolean {
  return isTold(place['error']) || isTold(place['errors']) || statusKeys.some(key => isErrorStatus(place[key]));
}

function isAffirmed(place: Readonly<Record<string, unknown>>): boolean {
  return asFlag(place['success']) === true || statusKeys.some(key => /^(2\d\d|ok|success)$/i.test(asText(place[key])));
}

/** PHP writes a false as an empty text. */
function isDenied(success: unknown): boolean {
  return success !== undefined && /^(false|0|no|)$/i.test(asText(success));
}

function isErrorStatus(value: unknown): boolean {
  return /^([45]\d\d|error|fail(ed|ure)?)$/i.test(asText(value));
}

/** Whether anything is said: null, false, 0, blanks and empty lists say that there is nothing to say. */
function isTold(value: unknown): boolean {
  if (typeof value === 'object' && value !== null)
    return Object.values(value).some(each => each !== null && each !== '');
  return !/^(undefined|null|false|0|\s*)$/.test(asText(value));
}

function describeErrorBody(places: readonly Readonly<Record<string, unknown>>[]): string {
  const said = places.flatMap(({name, message, error, errors}) => [name, message, error, errors].flat());
  const status = places.flatMap(place => statusKeys.map(key => place[key])).find(isErrorStatus);
  const words = said.filter(part => typeof part === 'string' && part !== '').join(' ');
  return words || (status === undefined ? 'an error without a message' : `status ${status}`);
}

/** Keys a reader would look for first when the records are not where they should be. */
export function describeKeys(envelope: unknown): string {
  if (Array.isArray(envelope)) return 'a list';
  const root = asObject(envelope);
  const data = Object.keys(asObject(root['data'])).map(key => `data.${key}`);
  return [...Object.keys(root), ...data].slice(0, 20).join(', ') || 'nothing';
}

/** What is neither says nothing. */
function asFlag(value: unknown): boolean | null {
  const text = asText(value).toLowerCase();
  return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : null;
}

/** Lists and objects are no texts: to join a deeply nested one overflows the stack. */
function asText(value: unknown): string {
  return typeof value === 'object' && value !== null ? typeof value : String(value);
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? {...value} : {};
}

function asCount(value: unknown): number | null {
  const count = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : null;
}
