import {describe, expect, test} from 'vitest';
import {IncompleteError} from '../../src/errors.js';
import type {ApiRoute} from '../../src/table.js';
import {error, items, readFrom} from './things.js';

/** Pages of two of the numbers from 1, with what the server says beside them. */
const pagesOf = (rows: number, facts: (page: number) => object) => (page: number) => {
  const ids = Array.from({length: rows}, (_, index) => index + 1).slice(2 * page - 2, 2 * page);
  return {data: {items: items(...ids), ...facts(page)}};
};

describe('of two statements the larger is read:', () => {
  test.each<[string, number, (page: number) => object]>([
    ['a total, and a smaller page count', 9, () => ({total_count: 9, total_page_count: 2})],
    ['a page count, and a smaller total', 9, () => ({total_count: 2, total_page_count: 5})],
    ['a total, and an end before it', 9, () => ({total_count: 9, has_more_data: false})],
    ['a page count, and an end before it', 9, () => ({total_page_count: 5, has_more_data: false})],
    ['a promise, and a total that is reached', 9, page => ({total_count: 4, has_more_data: page < 5})],
    ['a promise, and a page count that is reached', 9, page => ({total_page_count: 2, has_more_data: page < 5})],
    ['records, and a total of none', 9, page => ({total_count: 0, total_page_count: 0, has_more_data: page < 5})],
    ['records, and a total of fewer, with no word of an end', 9, () => ({total_count: 5, total_page_count: 3})],
    ['records, and a count of fewer on the page', 9, () => ({total_count: 9, count: 1})],
    ['a total that stands in the place of the page count', 9, () => ({total_count: 9, count: 9})],
  ])('%s', async (_, rows, facts) => {
    const {outcome, ids, asked} = await readFrom(pagesOf(rows, facts));
    const all = Array.from({length: rows}, (_, index) => index + 1);
    expect({outcome, ids: [...new Set(ids)]}).toMatchObject({outcome: {total: rows}, ids: all});
    // Where what is said is less than what comes, an empty page has to tell that there is no more.
    expect(asked.length).toBeLessThanOrEqual(7);
  });

  test('more records than the one reply of a list counts', async () => {
    const route: ApiRoute = {path: '/things', paging: 'single'};
    const {outcome, ids} = await readFrom(() => ({data: {items: items(1, 2, 3), total_count: 2}}), route);
    expect({outcome, ids: [...new Set(ids)]}).toMatchObject({outcome: {total: 3}, ids: [1, 2, 3]});
  });
});

describe('what is said and cannot be had is missing:', () => {
  const hollow = (page: number, facts: object) => ({
    data: {items: page === 2 ? [] : items(page, page + 100), ...facts},
  });

  test.each<[string, (page: number) => unknown, RegExp]>([
    ['pages that are counted', pagesOf(2, () => ({total_count: 2, total_page_count: 3})), /none of its records came/],
    ['records that the page counts', () => ({data: {items: items(1), count: 2, has_more_data: false}}), /1 of 2/],
    ['an empty page amid a count', page => hollow(page, {total_page_count: 3}), /0 of 2 records came/],
    ['an empty page amid promises', page => hollow(page, {has_more_data: page < 3}), /0 of 2 records came/],
    [
      'a page that is shorter than the one behind it',
      page => ({data: {items: page === 2 ? items(3, 4) : items(page), has_more_data: page < 2}}),
      /page 1: 1 of 2 records came/,
    ],
    ['another page', pagesOf(9, page => ({total_count: 9, current_page: page === 4 ? 2 : page})), /that it is page 2/],
  ])('%s', async (_, answer, says) => {
    expect((await readFrom(answer)).outcome).toEqual(error(IncompleteError, says));
  });

  /** Answers the first time as the first says, and the second time as the second. */
  const once = (page: number, first: () => unknown, then: (page: number) => unknown) => {
    let isFirst = true;
    return (asked: number) => {
      if (asked !== page || !isFirst) return then(asked);
      isFirst = false;
      return first();
    };
  };

  test.each<[string, (page: number) => object]>([
    ['after a promise', page => ({has_more_data: page < 3})],
    ['after a full page', () => ({})],
  ])('an empty page %s is the end only when it has said so twice', async (_, facts) => {
    const empty = () => ({data: {items: [], has_more_data: 'has_more_data' in facts(1) ? false : undefined}});
    const {outcome, ids} = await readFrom(once(2, empty, pagesOf(5, facts)));
    expect({outcome, ids}).toMatchObject({outcome: {total: 5}, ids: [1, 2, 3, 4, 5]});
  });

  test('pages may be counted from 0', async () => {
    const answer = pagesOf(5, page => ({total_count: 5, current_page: page - 1}));
    expect(await readFrom(answer)).toMatchObject({outcome: {total: 5}, asked: [1, 2, 3]});
  });
});

describe('the size of a page is what comes, not what is said:', () => {
  /** Pages of one record, though it says two. */
  const cut = (rows: number, facts: object) => (page: number) => ({
    data: {items: page <= rows ? items(page) : [], current_page_size: 2, ...facts},
  });

  const pagesOfTwo = [items(1, 2), items(3, 4), items(5)];

  test('where all are cut', async () => {
    const {outcome, ids, asked} = await readFrom(cut(5, {total_count: 5, total_page_count: 3}));
    expect({outcome, ids, asked}).toMatchObject({
      outcome: {records: 5, total: 5, moved: false, blank: null},
      ids: [1, 2, 3, 4, 5],
      asked: [1, 2, 3, 4, 5],
    });
  });

  test.each([
    ['with a total', {total_count: 5}, 5],
    ['without one', {}, 5],
  ])('where all are cut and the count of each repeats the size that was asked for, %s', async (_, facts, total) => {
    const answer = (page: number) => ({
      data: {items: pagesOfTwo[page - 1] ?? [], count: 4, current_page_size: 4, has_more_data: page < 3, ...facts},
    });
    const {outcome, ids, asked} = await readFrom(answer);
    expect({outcome, ids, asked}).toMatchObject({outcome: {records: 5, total}, ids: [1, 2, 3, 4, 5], asked: [1, 2, 3]});
  });

  test('but a count that says more than came holds where nothing speaks against it', async () => {
    const answer = (page: number) => ({
      data: {items: pagesOfTwo[page - 1] ?? [], count: page < 3 ? 4 : 1, current_page_size: 4, has_more_data: page < 3},
    });
    expect((await readFrom(answer)).outcome).toEqual(error(IncompleteError, /2 of 4 records came/));
  });

  test('where the second of two is the last', async () => {
    expect(await readFrom(cut(2, {total_count: 2}))).toMatchObject({outcome: {total: 2}, asked: [1, 2]});
  });

  test('where it is more than was asked for', async () => {
    const answer = () => ({data: {items: items(1, 2, 3, 4, 5), current_page_size: 2, total_count: 5}});
    expect(await readFrom(answer)).toMatchObject({outcome: {records: 5, total: 5}, asked: [1]});
  });

  test('unless the first page alone is short, which is then read again', async () => {
    let isFirst = true;
    const answer = (page: number) => {
      if (page !== 1 || !isFirst) return pagesOf(6, () => ({total_count: 6, current_page_size: 2}))(page);
      isFirst = false;
      return {data: {items: items(1), total_count: 6, current_page_size: 2}};
    };
    const {ids, asked} = await readFrom(answer);
    expect({ids: [...new Set(ids)], asked}).toEqual({ids: [1, 2, 3, 4, 5, 6], asked: [1, 1, 2, 3]});
  });
});

describe('a list without an end is left:', () => {
  let tick = 0;
  const ticking = (...ids: readonly number[]) => ids.map(id => ({id, seen: tick++}));

  test('one that sends the same rows for any page, with another value each time, is read once', async () => {
    expect(await readFrom(() => ({data: ticking(1, 2)}))).toMatchObject({ids: [1, 2], asked: [1, 2]});
  });

  test('one that begins anew behind its end is read once', async () => {
    const answer = (page: number) => ({data: ticking(...(page % 3 === 1 ? [1, 2] : page % 3 === 2 ? [3, 4] : [5, 6]))});
    expect(await readFrom(answer)).toMatchObject({ids: [1, 2, 3, 4, 5, 6], asked: [1, 2, 3, 4]});
  });

  test('one that promises more and sends the same rows is refused', async () => {
    const {outcome, asked} = await readFrom(() => ({data: {items: ticking(1, 2), has_more_data: true}}));
    expect({outcome, asked}).toEqual({outcome: error(IncompleteError, /nothing new while more was/), asked: [1, 2]});
  });

  test('one that never says where it ends is refused after some hundred pages', async () => {
    const {outcome, asked} = await readFrom(page => ({data: items(page)}));
    expect(outcome).toEqual(error(IncompleteError, /\/things has no end after 500 pages/));
    expect(asked.length).toBe(500);
  });

  test('one whose total grows with each page that is read is refused', async () => {
    const {outcome, asked} = await readFrom(page => ({data: {items: items(page, -page), total_count: 2 * page + 2}}));
    expect(outcome).toEqual(error(IncompleteError, /grew from 2 pages to 1\d\d while it was read/));
    expect(asked.length).toBeLessThan(1000);
  });
});
