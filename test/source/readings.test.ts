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

test('whatever rows come and go, one at a time between replies, no row that stayed is missed', () => {
  const change = fc.record({reply: fc.nat(40), at: fc.nat(60), adds: fc.boolean()});
  fc.assert(
    fc.property(
      fc.integer({min: 0, max: 40}),
      fc.uniqueArray(change, {maxLength: 12, selector: ({reply}) => reply}),
      fc.integer(),
      (count, changes, seed) => {
        let rows = Array.from({length: count}, (_, index) => index);
        const stayed = new Set(rows);
        let replies = 0;
        let added = 1000;
        const seen = new Set<number>();
        const readings = new Readings();
        const ask = (number: number) => {
          const page = pageOf(rows, number);
          readings.add(page.facts);
          for (const row of page.rows) seen.add(row);
          for (const {at, adds} of changes.filter(({reply}) => reply === replies)) {
            const index = rows.length === 0 ? 0 : at % rows.length;
            if (adds) rows = rows.toSpliced(index, 0, added++);
            else for (const gone of rows.splice(index, 1)) stayed.delete(gone);
          }
          replies++;
        };
        ask(1);
        let last = 1;
        for (let round = 0; round < 60; round++) {
          const pages = readings.pages ?? 1;
          // In no order of their own, as replies to parallel requests come.
          const next = Array.from({length: Math.max(0, pages - last)}, (_, index) => last + 1 + index);
          last = Math.max(last, pages);
          const todo = next.length > 0 ? next : readings.doubts().map(({page}) => page);
          if (todo.length === 0) break;
          for (const number of todo.sort((a, b) => ((a * 7919 + seed) % 13) - ((b * 7919 + seed) % 13))) ask(number);
        }
        expect(readings.doubts()).toEqual([]);
        expect([...stayed].filter(row => !seen.has(row))).toEqual([]);
        expect(seen.size).toBeGreaterThanOrEqual(readings.stayed ?? 0);
      },
    ),
    {numRuns: 2000},
  );
});
