import {asMembers} from '../../json/members.js';
import {InvalidBodyError} from '../../json/scanner.js';
import {excerpt} from '../../secret.js';
import type {PageFacts} from '../../spool/format.js';

/**
 * Folds all envelopes (tables/API.md#envelope, tables/API.md#other-shapes) into one set of paging facts. They stand beside the list, which is in
 * `data` as a rule; in 2017 `/learn/v1/lp` had them at the root; surveys have `total_pages`; bare lists and maps have none.
 */
export type PagingFacts = Omit<PageFacts, 'number' | 'sent' | 'blank' | 'fingerprint' | 'next'>;

/**
 * Of two statements the larger counts: a page too many costs a call, one too few costs rows. `paths`: where the list may be. Throws
 * InvalidBodyError for a count that is not a number.
 */
export function readPagingFacts(envelope: unknown, paths: readonly string[] = []): PagingFacts {
  const around = paths.map(path => path.split('.').slice(0, -1).join('.'));
  const places = [...new Set(['', 'data', ...around])].map(path => placeAt(envelope, path));
  const read = (...names: readonly string[]) => names.flatMap(name => places.map(place => place[name])).filter(isSaid);
  const count = (...names: readonly string[]) => {
    const counts = read(...names)
      .map(value => readCount(names[0] ?? '', value))
      .filter(each => each !== null);
    return counts.length === 0 ? null : Math.max(...counts);
  };
  const more = read('has_more_data')
    .map(asFlag)
    .filter(flag => flag !== null);
  return {
    total: count('total_count', 'items_count'),
    total_pages: count('total_page_count', 'total_pages'),
    count: count('count'),
    current_page: count('current_page'),
    page_size: count('current_page_size'),
    has_more: more.length === 0 ? null : more.includes(true),
  };
}

function placeAt(envelope: unknown, path: string): Place {
  const keys = path === '' ? [] : path.split('.');
  return keys.reduce<Place>((place, key) => asMembers(place[key]), asMembers(envelope));
}

/** A negative number stands for an unknown one. */
function readCount(name: string, value: unknown): number | null {
  const text = asText(value).trim();
  const count = /^[+-]?\d+(\.0*)?$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(count)) throw new InvalidBodyError(`${name} is not a number of rows or pages`);
  return count < 0 ? null : count;
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/**
 * Whether a reply without a list means an empty list: null, or an object or list without members, is where the list should be or above it, or a count
 * is 0. A body that is `{}` tells nothing, and one that holds something in another place is not understood.
 */
export function isBlank(envelope: unknown, paths: readonly string[]): boolean {
  const places = [asMembers(envelope), asMembers(asMembers(envelope)['data'])];
  if (places.some(place => Object.values(place).some(value => Array.isArray(value) && value.length > 0))) return false;
  const counts = places.flatMap(place => [place['total_count'], place['count']]).filter(isSaid);
  if (counts.some(count => asText(count).trim() === '0')) return true;
  return envelope === null || paths.some(path => leadsToNothing(asMembers(envelope), path.split('.')));
}

function leadsToNothing(place: Place, [key = '', ...rest]: readonly string[]): boolean {
  const value = place[key];
  if (typeof value !== 'object') return false;
  // PHP writes an empty map as a list. In the place of the list it is one.
  if (Array.isArray(value)) return value.length === 0 && rest.length > 0;
  if (value === null || Object.keys(value).length === 0) return true;
  return rest.length > 0 && leadsToNothing(asMembers(value), rest);
}

/** The cursor of the frozen search that later pages may be asked from. */
export function readCursor(envelope: unknown): string | null {
  const cursor = asMembers(asMembers(envelope)['data'])['cursor'];
  return typeof cursor === 'string' && cursor !== '' ? cursor : null;
}

/** The first of these members that says anything, in `data` or else at the root; null if none does. */
export function readMember(envelope: unknown, ...names: readonly string[]): string | null {
  const root = asMembers(envelope);
  const near = [asMembers(root['data']), root];
  // Such as `pagination`, one level further in.
  const places = [...near, ...near.flatMap(place => Object.values(place).map(asMembers))];
  const values = places.flatMap(place => names.map(name => place[name]));
  return values.filter(isSaid).map(asText)[0] ?? null;
}

/**
 * Throws InvalidBodyError if a reply with status 200 is an error all the same (tables/API.md#errors), so that it is tried again like one. `records`:
 * how many came. An error may come with an empty list, so what the root and `data` say about themselves counts. If there are records, only a certain
 * sign of failure counts: a false `success`, an `error` that says something, a status of 400 or above. If there are none, any word of trouble counts,
 * unless the reply counts what there is.
 */
export function refuseErrorBody(envelope: unknown, records: number): void {
  const root = asMembers(envelope);
  const data = asMembers(root['data']);
  const members = [...Object.entries(root), ...Object.entries(data)];
  const hasFailed = members.some(([key, value]) => saysItFailed(key, value)) || isErrorStatus(root['code']);
  if (hasFailed || (records === 0 && complains(root, data, members)))
    throw new InvalidBodyError(`an error in a success: ${describeErrorBody(members)}`);
}

type Place = Readonly<Record<string, unknown>>;

/** Those of the root and those of `data`. */
type Members = readonly (readonly [key: string, value: unknown])[];

const certain = /^(errors?|exception)$/;
const troubled =
  /err(or|msg|no|code|$)|exception|fault|fail|denied|forbidden|invalid|unauthori[sz]ed|^(detail|problem|reason)s?$/;
const spoken = /^(message|title|description|statusmessage|statustext)$/;
const judged = /^(success|ok|result|status|statuscode|httpstatus|httpcode|httpstatuscode|code|state)$/;

/** `errorMessage`, `error_message` and `Error-Message` are one key. */
function fold(key: string): string {
  return key.toLowerCase().replaceAll(/[^a-z]/g, '');
}

function saysItFailed(key: string, value: unknown): boolean {
  const name = fold(key);
  if (name === 'success' || name === 'ok') return value !== undefined && value !== null && asFlag(value) === false;
  return certain.test(name) ? isTold(value) : name.startsWith('status') && isErrorStatus(value);
}

/** For a reply without records. `data` may be a thing with its own name, code and status, so only words of trouble count there. */
function complains(root: Place, data: Place, members: Members): boolean {
  if (members.some(([key, value]) => troubled.test(fold(key)) && isTold(value))) return true;
  if (/\b(error|exception|fail(ed|ure)?)\b/i.test(asText(data['name']))) return true;
  if (typeof data['code'] === 'number' && isErrorStatus(data['code'])) return true;
  if (Object.entries(root).some(([key, value]) => judged.test(fold(key)) && isSaid(value) && !isGood(value)))
    return true;
  if (members.some(([key, value]) => isAffirmative(key, value))) return false;
  if (isTold(root['name'])) return true;
  // If the reply counts what there is, a message is only a remark.
  const isCounted = isSaid(root['total_count']) || isSaid(data['total_count']);
  return !isCounted && members.some(([key, value]) => spoken.test(fold(key)) && isTold(value));
}

function isAffirmative(key: string, value: unknown): boolean {
  const name = fold(key);
  return name === 'success' ? asFlag(value) === true : name.startsWith('status') && isSaid(value) && isGood(value);
}

/** Whether it is a status of success, an empty one, or the list that some servers call their result. */
function isGood(value: unknown): boolean {
  if (typeof value === 'object') return Array.isArray(value) || !isTold(value);
  return /^(2\d\d( .*)?|0|1|true|yes|y|ok|success(ful)?|active|done|completed?)$/i.test(asText(value).trim());
}

function isErrorStatus(value: unknown): boolean {
  return /^(error\b.*|fail(ed|ure)?|fatal|ko|false)$|\b[45]\d\d\b/i.test(asText(value).trim());
}

/** Whether anything is said: null, false, 0, blanks and empty lists say nothing. */
function isTold(value: unknown): boolean {
  if (typeof value === 'object' && value !== null)
    return Object.values(value).some(each => each !== null && each !== '');
  return !/^(undefined|null|false|0|\s*)$/.test(asText(value));
}

/** The words of an error, as far as a log should repeat them. */
function describeErrorBody(members: Members): string {
  const of = (keys: RegExp) => members.filter(([key]) => keys.test(fold(key))).flatMap(([, value]) => [value].flat());
  const said = [...new Set([/^name$/, spoken, certain, troubled].flatMap(of))];
  const words = said.filter(part => typeof part === 'string' && part.trim() !== '').join(' ');
  const status = of(judged).find(isErrorStatus);
  return excerpt(words) || (status === undefined ? 'an error without a message' : `status ${excerpt(asText(status))}`);
}

/** The keys that a reader looks for first if the records are not where they should be. */
export function describeKeys(envelope: unknown): string {
  if (Array.isArray(envelope)) return 'a list';
  const root = asMembers(envelope);
  const data = Object.keys(asMembers(root['data'])).map(key => `data.${key}`);
  return [...Object.keys(root), ...data].slice(0, 20).join(', ') || 'nothing';
}

/** Null for what is neither. */
function asFlag(value: unknown): boolean | null {
  const word = asText(value).trim().toLowerCase();
  if (/^(true|1|yes|y|on)$/.test(word)) return true;
  return /^(false|0|no|n|off|)$/.test(word) ? false : null;
}

/** Lists and objects are not text: joining a deeply nested one would overflow the stack. */
function asText(value: unknown): string {
  return typeof value === 'object' && value !== null ? typeof value : String(value);
}
