import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {Readings} from '../../src/source/readings.js';
import type {PageFacts} from '../../src/spool/format.js';

const pageSize = 5;

function pageOf(rows: readonly number[], number: number): {facts: PageFacts; rows: readonly number[]} {
  const sent = rows.slice((number - 1) * pageSize, number * pageSize);
  const facts = {
    number,
    sent: sent.length,
    total: rows.length,
    total_pages: null,
    page_size: null,
    has_more: null,
    fingerprint: sent.join(),
  };
  return {facts, rows: sent};
}

const facts = (number: number, sent: number, total: number): PageFacts => ({
  ...pageOf([], number).facts,
  sent,
  total,
  fingerprint: `${number}`,
});

function read(...pages: readonly PageFacts[]): Readings {
  const readings = new Readings();
  for (const page of pages) readings.add(page);
  return readings;
}

describe('pages prove a list', () => {
  test('that stood still', () => {
    const readings = read(facts(1, 5, 12), facts(2, 5, 12), facts(3, 2, 12));
    expect({doubts: readings.doubts(), moved: readings.moved, stayed: readings.stayed}).toEqual({
      doubts: [],
      moved: false,
      stayed: 12,
    });
  });

  test('that lost a row only once the pages on either side were read in one state', () => {
    const readings = read(facts(1, 5, 12), facts(2, 5, 11), facts(3, 1, 11));
    expect(readings.doubts()).toEqual([{page: 1, why: 'rows were added or removed between pages 1 and 2'}]);
    readings.add(facts(1, 5, 11));
    expect({doubts: readings.doubts(), moved: readings.moved, stayed: readings.stayed}).toEqual({
      doubts: [],
      moved: true,
      stayed: 11,
    });
  });

  test('in which rows moved by a page or more only once all were read in the last state', () => {
    const readings = read(facts(1, 5, 16), facts(2, 5, 11), facts(3, 1, 11));
    readings.add(facts(3, 5, 16));
    readings.add(facts(4, 1, 16));
    expect(readings.doubts().map(({page}) => page)).toEqual([1, 2]);
  });
});

describe('pages do not prove a list', () => {
  test('if one holds fewer records than its total says', () => {
    expect(read(facts(1, 5, 12), facts(2, 4, 12), facts(3, 2, 12)).doubts()).toEqual([
      {page: 2, why: '4 of 5 records came'},
    ]);
  });

  test('if one repeats the page before it', () => {
    const repeated = {...facts(2, 5, 12), fingerprint: '1'};
    expect(read(facts(1, 5, 12), repeated, facts(3, 2, 12)).doubts()).toEqual([
      {page: 2, why: 'it repeats the page before it'},
    ]);
  });
});

interface Change {
  readonly kind: 'add' | 'remove' | 'move';
  readonly at: number;
  readonly to: number;
}

/** Reads a list that changes once between two replies at the most, as a reader would, page by page and again where in doubt. */
function readChanging(count: number, changes: ReadonlyMap<number, Change>, seed: number) {
  let rows = Array.from({length: count}, (_, index) => index);
  const stayed = new Set(rows);
  const places: {row: number; page: number; state: number}[] = [];
  const readings = new Readings();
  let [replies, added, last] = [0, 1000, 0];
  const apply = ({kind, at, to}: Change) => {
    const index = rows.length === 0 ? 0 : at % rows.length;
    if (kind === 'add') rows = rows.toSpliced(index, 0, added++);
    else {
      const [row] = rows.splice(index, 1);
      if (row !== undefined) stayed.delete(row);
      if (row !== undefined && kind === 'move') rows.splice(rows.length === 0 ? 0 : to % (rows.length + 1), 0, row);
    }
  };
  const ask = (number: number) => {
    const page = pageOf(rows, number);
    const state = readings.add(page.facts);
    for (const row of page.rows) places.push({row, page: number, state});
    const change = changes.get(replies++);
    if (change !== undefined) apply(change);
  };
  ask(1);
  for (let round = 0, from = 2; round < 80; round++) {
    last = Math.max(from - 1, readings.pages ?? 1);
    const next = Array.from({length: last - from + 1}, (_, index) => from + index);
    const todo = next.length > 0 ? next : readings.doubts().map(({page}) => page);
    if (todo.length === 0) break;
    // In an order of their own, as replies to parallel requests come.
    for (const number of todo.sort((a, b) => ((a * 7919 + seed) % 13) - ((b * 7919 + seed) % 13))) ask(number);
    from = last + 1;
  }
  return {stayed, places, readings};
}

/** What the engine looks for: a row on two pages of one state, or on pages that are no neighbours. */
function findMoved(places: ReturnType<typeof readChanging>['places']): boolean {
  return places.some(({row, page, state}) =>
    places.some(
      other => other.row === row && ((other.state === state && other.page !== page) || Math.abs(other.page - page) > 1),
    ),
  );
}

const arbitraryChange = (...kinds: readonly Change['kind'][]) =>
  fc
    .uniqueArray(fc.tuple(fc.nat(30), fc.record({kind: fc.constantFrom(...kinds), at: fc.nat(60), to: fc.nat(60)})), {
      maxLength: 12,
      selector: ([reply]) => reply,
    })
    .map(changes => new Map(changes));
const arbitraryCount = fc.integer({min: 0, max: 40});

test('whatever rows come and go between replies, no row that stayed is missed', () => {
  fc.assert(
    fc.property(arbitraryCount, arbitraryChange('add', 'remove'), fc.nat(), (count, changes, seed) => {
      const {stayed, places, readings} = readChanging(count, changes, seed);
      const seen = new Set(places.map(({row}) => row));
      expect(readings.doubts()).toEqual([]);
      expect([...stayed].filter(row => !seen.has(row))).toEqual([]);
      expect(seen.size).toBeGreaterThanOrEqual(readings.stayed ?? 0);
    }),
    {numRuns: 3000},
  );
});

test('rows that change their place show it, or no row that stayed is missed', () => {
  fc.assert(
    fc.property(arbitraryCount, arbitraryChange('move'), fc.nat(), (count, changes, seed) => {
      const {stayed, places, readings} = readChanging(count, changes, seed);
      const seen = new Set(places.map(({row}) => row));
      const missed = [...stayed].filter(row => !seen.has(row));
      const isTold = readings.doubts().length > 0 || findMoved(places) || seen.size < (readings.stayed ?? 0);
      expect(isTold || missed.length === 0).toBe(true);
    }),
    {numRuns: 5000},
  );
});
