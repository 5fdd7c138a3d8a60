import {InvalidBodyError} from '../json/scanner.js';
import type {PageFacts} from '../spool/format.js';

/**
 * Folds the envelopes of api-facts §2.2 and §2.4 into one set of paging facts. They stand in `data` beside `items`; in 2017
 * `/learn/v1/lp` had them at the root; surveys say `total_pages`; bare lists and maps say nothing.
 */
export type PagingFacts = Pick<PageFacts, 'total' | 'total_pages' | 'page_size' | 'has_more'>;

export function readPagingFacts(envelope: unknown): PagingFacts {
  const root = asObject(envelope);
  const places = [asObject(root['data']), root];
  const read = (name: string) => places.map(place => place[name]).find(value => value !== undefined && value !== null);
  return {
    total: asCount(read('total_count')),
    total_pages: asCount(read('total_page_count') ?? read('total_pages')),
    page_size: asCount(read('current_page_size')),
    has_more: asFlag(read('has_more_data')),
  };
}

/** The frozen search that later pages may be asked of. */
export function readCursor(envelope: unknown): string | null {
  const cursor = asObject(asObject(envelope)['data'])['cursor'];
  return typeof cursor === 'string' && cursor !== '' ? cursor : null;
}

/** Throws InvalidBodyError if the body is an error that came with status 200: worth another try, as an error is. */
export function refuseErrorBody(envelope: unknown): void {
  const failure = readErrorBody(envelope);
  if (failure !== undefined) throw new InvalidBodyError(`an error in a success: ${failure}`);
}

/** What the body says went wrong, when it says so with status 200 (api-facts §6: `{"success":false,"message":…}`). */
function readErrorBody(envelope: unknown): string | undefined {
  const root = asObject(envelope);
  const {message, name} = root;
  const failed =
    root['success'] === false || (root['data'] === undefined && (message !== undefined || name !== undefined));
  if (!failed) return undefined;
  return (
    [name, message]
      .flat()
      .filter(part => typeof part === 'string')
      .join(' ') || 'an error without a message'
  );
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
  const text = String(value);
  return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : null;
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? {...value} : {};
}

function asCount(value: unknown): number | null {
  const count = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : null;
}
