import type {Cursors} from '../cursors.js';
import type {List} from '../list.js';
import {dropFirst, reverseList} from '../list.js';
import {Refusal} from './reply.js';

interface Page {
  readonly number: number;
  readonly size: number;
}

/** Docebo's answer to a size above the largest is not known; here it is clamped (tables/API.md#paging). */
export function readPage(query: URLSearchParams, defaultSize: number, largestPage: number): Page {
  const size = Number(query.get('page_size') ?? defaultSize);
  const number = Number(query.get('page') ?? 1);
  return {
    // page=0 is tolerated (tables/API.md#paging)
    number: Number.isInteger(number) && number > 0 ? number : 1,
    size: Math.min(Number.isInteger(size) && size > 0 ? size : defaultSize, largestPage),
  };
}

export function slicePage<T>(list: List<T>, {number, size}: Page): T[] {
  const first = (number - 1) * size;
  const count = Math.max(0, Math.min(size, list.length - first));
  return Array.from({length: count}, (_, place) => list.at(first + place));
}

/** `from` and `count`: how many records stand before the page, and how many it holds (tables/API.md#paging). */
export function sliceByOffset<T>(
  whole: List<T>,
  {query, shift, settings}: Pick<Asked, 'query' | 'shift' | 'settings'>,
) {
  const list = dropFirst(whole, shift);
  const asked = (name: string, usual: number) => Math.max(0, Math.trunc(Number(query.get(name) ?? usual)) || 0);
  const from = asked('from', 0);
  const count = Math.min(asked('count', 10) || 10, settings.largestPage);
  const items = slicePage(dropFirst(list, from), {number: 1, size: count});
  return {items, total: list.length, hasMore: from + items.length < list.length};
}

interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly shift: number;
  readonly cursors: Cursors;
  readonly settings: {readonly largestPage: number};
}

interface EnvelopeOptions {
  readonly defaultSize?: number;
  readonly extraData?: unknown;
}

/** The standard list envelope (tables/API.md#envelope): totals and cursor only when they are asked for. */
export function envelop(
  current: List<unknown>,
  {path, query, shift, cursors, settings}: Asked,
  {defaultSize = 200, extraData}: EnvelopeOptions = {},
) {
  const {whole, cursor} = readCursor(current, path, query, cursors);
  const {isCounted = true} = whole;
  const list = dropFirst(whole, shift);
  const page = readPage(query, defaultSize, settings.largestPage);
  const sortAttr = query.get('sort_attr') ?? query.get('sort_by') ?? 'id';
  const sortDir = query.get('sort_dir') ?? query.get('sort_by_direction') ?? 'asc';
  const items = slicePage(sortDir === 'desc' ? reverseList(list) : list, page);
  const pages = Math.ceil(list.length / page.size);
  return {
    data: {
      items,
      count: items.length,
      has_more_data: page.number < pages,
      cursor,
      current_page: page.number,
      current_page_size: page.size,
      ...(isCounted && query.get('get_total_count') === '1' && {total_page_count: pages, total_count: list.length}),
      sort: [{sort_attr: sortAttr, sort_dir: sortDir}],
      actions: [],
    },
    version: '1.0.0',
    ...(extraData !== undefined && {extra_data: extraData}),
    // The links name the last page, and so about how many records there are.
    _links: isCounted && pages > 1 ? links(path, page.number, pages) : [],
  };
}

/** "Unique ID used to temporarily store search parameters": page numbering over a frozen search (tables/API.md#cursors). */
function readCursor(current: List<unknown>, path: string, query: URLSearchParams, cursors: Cursors) {
  const given = query.get('cursor');
  if (given) {
    const whole = cursors.find(path, given);
    if (whole === undefined) throw new Refusal(400, 'The cursor is not valid.');
    return {whole, cursor: given};
  }
  return {whole: current, cursor: query.get('get_cursor') === '1' ? cursors.freeze(path, current) : null};
}

/** A list when empty, an object otherwise (tables/API.md#envelope). */
function links(path: string, number: number, pages: number) {
  const href = (page: number) => ({href: `${path}?page=${page}`});
  return {first: href(1), last: href(pages), self: href(number), goto: {href: `${path}?page={page}`}};
}
