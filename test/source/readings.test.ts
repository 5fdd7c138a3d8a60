import {readFileSync} from 'node:fs';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {Readings} from '../../src/source/lists/readings.js';
import type {PageFacts} from '../../src/spool/format.js';

const pageSize = 5;

function pageOf(rows: readonly number[], number: number): {facts: PageFacts; rows: readonly number[]} {
  const sent = rows.slice((number - 1) * pageSize, number * pageSize);
  const facts = {
    number,
    sent: sent.length,
    total: rows.length,
    total_pages: null,
    count: null,
    current_page: null,
    page_size: null,
    has_more: null,
    blank: null,
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
  for (const page of pages) readings.add(page, readings.arrivals);
  return readings;
}

describe('pages prove a list', () => {
  test('that stood still', () => {
    const readings = read(facts(1, 5, 12), facts(2, 5, 12), facts(3, 2, 12));
    expect({doubts: readings.doubts(), moved: readings.moved, stayed: readings.length.stayed}).toEqual({
      doubts: [],
      moved: false,
      stayed: 12,
    });
  });

  test('that lost a row only once the pages on either side were read in one state', () => {
    const readings = read(facts(1, 5, 12), facts(2, 5, 11), facts(3, 1, 11));
    expect(readings.doubts()).toEqual([{page: 1, why: 'rows were added or removed between pages 1 and 2'}]);
    readings.add(facts(1, 5, 11), readings.arrivals);
    expect({doubts: readings.doubts(), moved: readings.moved, stayed: readings.length.stayed}).toEqual({
      doubts: [],
      moved: true,
      stayed: 11,
    });
  });

  test('in which rows moved by a page or more only once all were read in the last state', () => {
    const readings = read(facts(1, 5, 16), facts(2, 5, 11), facts(3, 1, 11));
    readings.add(facts(3, 5, 16), readings.arrivals);
    readings.add(facts(4, 1, 16), readings.arrivals);
    expect(readings.doubts().map(({page}) => page)).toEqual([1, 2]);
  });
});

test('the example in its description holds', () => {
  const source = readFileSync(new URL('../../src/source/lists/readings.ts', import.meta.url), 'utf8');
  const rows = source.matchAll(/^ \* {5}page (\d) {3}([a-z ]+?) {2,}(\d) {2,}(.+)$/gm);
  const replies = [...rows].map(([, page = '', sent = '', total = '', doubts = '']) => ({page, sent, total, doubts}));
  expect(replies.map(({page, sent}) => `${page}: ${sent}`)).toEqual(['1: a b c', '2: e', '1: a c d']);
  const readings = new Readings();
  for (const {page, sent, total, doubts} of replies) {
    readings.add({...facts(Number(page), sent.split(' ').length, Number(total)), fingerprint: sent}, readings.arrivals);
    const told = readings.doubts().map(doubt => `page ${doubt.page}: ${doubt.why}`);
    expect(told.join('; ') || 'none').toBe(doubts);
  }
  expect({moved: readings.moved, stayed: readings.length.stayed}).toEqual({moved: true, stayed: 4});
});

describe('pages do not prove a list', () => {
  test('if one holds fewer records than its total says', () => {
    expect(read(facts(1, 5, 12), facts(2, 4, 12), facts(3, 2, 12)).doubts()).toEqual([
      {page: 2, why: '4 of 5 records came', isMiscount: true},
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
  /** Rows at once. */
  readonly rows?: number;
}

/**
 * Reads a list that changes once between two answers at the most, as a reader would: so many requests at a time, whose replies come in
 * another order than they were answered in, and again where in doubt.
 */
function readChanging(count: number, changes: ReadonlyMap<number, Change>, width: number, order: readonly number[]) {
  let rows = Array.from({length: count}, (_, index) => index);
  const stayed = new Set(rows);
  const places: {row: number; page: number; state: number}[] = [];
  const readings = new Readings();
  let [answers, added, turn] = [0, 1000, 0];
  const pick = (length: number) => (order[turn++ % order.length] ?? 0) % length;
  const apply = ({rows: times = 1, ...change}: Change) => {
    for (let time = 0; time < times; time++) applyOnce(change);
  };
  const applyOnce = ({kind, at, to}: Change) => {
    const index = rows.length === 0 ? 0 : at < 0 ? rows.length - 1 : at % rows.length;
    if (kind === 'add') rows = rows.toSpliced(index, 0, added++);
    else {
      const [row] = rows.splice(index, 1);
      if (row !== undefined) stayed.delete(row);
      if (row !== undefined && kind === 'move') rows.splice(rows.length === 0 ? 0 : to % (rows.length + 1), 0, row);
    }
  };
  const readAll = (pages: readonly number[]) => {
    const waiting = [...pages];
    const underWay: {number: number; sentAfter: number; answer?: ReturnType<typeof pageOf>}[] = [];
    while (waiting.length + underWay.length > 0) {
      while (waiting.length > 0 && underWay.length < width)
        underWay.push({number: waiting.shift() ?? 1, sentAfter: readings.arrivals});
      const unanswered = underWay.filter(({answer}) => answer === undefined);
      const answered = underWay.filter(({answer}) => answer !== undefined);
      const next = unanswered[pick(unanswered.length || 1)];
      if (next !== undefined && (answered.length === 0 || pick(2) === 0)) {
        next.answer = pageOf(rows, next.number);
        const change = changes.get(answers++);
        if (change !== undefined) apply(change);
        continue;
      }
      const come = answered[pick(answered.length)];
      if (come?.answer === undefined) continue;
      underWay.splice(underWay.indexOf(come), 1);
      const state = readings.add(come.answer.facts, come.sentAfter);
      for (const row of come.answer.rows) places.push({row, page: come.number, state});
    }
  };
  readAll([1]);
  for (let round = 0; round < 80; round++) {
    const missing = Array.from({length: readings.length.pages ?? 1}, (_, index) => index + 1).filter(
      page => !readings.has(page),
    );
    const todo = missing.length > 0 ? missing : readings.doubts().map(({page}) => page);
    if (todo.length === 0) break;
    readAll(todo);
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

const arbitraryMove = fc.record({kind: fc.constant('move' as const), at: fc.nat(60), to: fc.nat(60)});
/** Many of them at the list's ends: they move all rows. */
const arbitraryAddOrRemove = fc.record({
  kind: fc.constantFrom('add' as const, 'remove' as const),
  at: fc.oneof(fc.constant(0), fc.constant(-1), fc.nat(60)),
  to: fc.constant(0),
  rows: fc.oneof(fc.constant(1), fc.integer({min: 1, max: 12})),
});
const nowAndThen = (change: fc.Arbitrary<Change>) =>
  fc
    .uniqueArray(fc.tuple(fc.nat(30), change), {maxLength: 12, selector: ([reply]) => reply})
    .map(changes => new Map(changes));
const allTheTime = (change: fc.Arbitrary<Change>) =>
  fc.array(change, {maxLength: 60}).map(changes => new Map(changes.entries()));
const arbitraryCount = fc.integer({min: 0, max: 40});
const arbitraryWidth = fc.integer({min: 1, max: 8});
const arbitraryOrder = fc.array(fc.nat(100), {minLength: 20, maxLength: 60});

test.each([
  ['now and then', nowAndThen(arbitraryAddOrRemove)],
  ['all the time', allTheTime(arbitraryAddOrRemove)],
])('whatever rows come and go between answers, %s, no row that stayed is missed', (_, during) => {
  fc.assert(
    fc.property(arbitraryCount, during, arbitraryWidth, arbitraryOrder, (count, changes, width, order) => {
      const {stayed, places, readings} = readChanging(count, changes, width, order);
      const seen = new Set(places.map(({row}) => row));
      expect(readings.doubts()).toEqual([]);
      expect([...stayed].filter(row => !seen.has(row))).toEqual([]);
    }),
    {numRuns: 8000},
  );
});

test('rows that change their place show it, or no row that stayed is missed', () => {
  const during = nowAndThen(arbitraryMove);
  fc.assert(
    fc.property(arbitraryCount, during, arbitraryWidth, arbitraryOrder, (count, changes, width, order) => {
      const {stayed, places, readings} = readChanging(count, changes, width, order);
      const seen = new Set(places.map(({row}) => row));
      const missed = [...stayed].filter(row => !seen.has(row));
      const isTold = readings.doubts().length > 0 || findMoved(places) || seen.size < readings.length.stayed;
      expect(isTold || missed.length === 0).toBe(true);
    }),
    {numRuns: 8000},
  );
});
