import {createHash} from 'node:crypto';
import type {List} from '../list.js';
import {dropFirst, reverseList} from '../list.js';

/** The most that a page holds. What happens above is not known; it is clamped (api-facts §2.1, §9). */
export const largestPage = 200;

interface Page {
  readonly number: number;
  readonly size: number;
}

export function readPage(query: URLSearchParams, defaultSize: number): Page {
  const size = Number(query.get('page_size') ?? defaultSize);
  const number = Number(query.get('page') ?? 1);
  return {
    // page=0 is tolerated (api-facts §2.1)
    number: Number.isInteger(number) && number > 0 ? number : 1,
    size: Number.isInteger(size) && size > 0 ? Math.min(size, largestPage) : defaultSize,
  };
}

export function slicePage<T>(list: List<T>, {number, size}: Page): T[] {
  const first = (number - 1) * size;
  const count = Math.max(0, Math.min(size, list.length - first));
  return Array.from({length: count}, (_, place) => list.at(first + place));
}

interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly shift: number;
}

interface EnvelopeOptions {
  readonly defaultSize?: number;
  readonly extraData?: unknown;
}

/** The standard list envelope (api-facts §2.2): totals and cursor only when they are asked for. */
export function envelop(
  whole: List<unknown>,
  {path, query, shift}: Asked,
  {defaultSize = 200, extraData}: EnvelopeOptions = {},
) {
  const list = dropFirst(whole, shift);
  const page = readPage(query, defaultSize);
  const sortAttr = query.get('sort_attr') ?? query.get('sort_by') ?? 'id';
  const sortDir = query.get('sort_dir') ?? query.get('sort_by_direction') ?? 'asc';
  const items = slicePage(sortDir === 'desc' ? reverseList(list) : list, page);
  const pages = Math.ceil(list.length / page.size);
  return {
    data: {
      items,
      count: items.length,
      has_more_data: page.number < pages,
      cursor: readCursor(path, query),
      current_page: page.number,
      current_page_size: page.size,
      ...(query.get('get_total_count') === '1' && {total_page_count: pages, total_count: list.length}),
      sort: [{sort_attr: sortAttr, sort_dir: sortDir}],
      actions: [],
    },
    version: '1.0.0',
    ...(extraData !== undefined && {extra_data: extraData}),
    _links: pages > 1 ? links(path, page.number, pages) : [],
  };
}

/** "Unique ID used to temporarily store search parameters": page numbering over a frozen search (api-facts §2.3). */
function readCursor(path: string, query: URLSearchParams): string | null {
  const given = query.get('cursor');
  if (given) return given;
  return query.get('get_cursor') === '1' ? createHash('md5').update(path).digest('hex') : null;
}

/** A list when empty, an object otherwise (api-facts §2.2). */
function links(path: string, number: number, pages: number) {
  const href = (page: number) => ({href: `${path}?page=${page}`});
  return {first: href(1), last: href(pages), self: href(number), goto: {href: `${path}?page={page}`}};
}
