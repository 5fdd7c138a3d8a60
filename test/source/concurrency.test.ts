import {describe, expect, test} from 'vitest';
import {Concurrency} from '../../src/source/http/concurrency.js';

/** As many replies as are in flight, all of one latency. */
function roundTrip(concurrency: Concurrency, latencyMs: number): number {
  for (let left = concurrency.width; left > 0; left--) concurrency.succeeded(latencyMs);
  return concurrency.width;
}

describe('requests in flight', () => {
  test('double every round trip up to the ceiling', () => {
    const concurrency = new Concurrency(8);
    expect([concurrency.width, ...[1, 2, 3].map(() => roundTrip(concurrency, 200))]).toEqual([2, 4, 8, 8]);
  });

  test('never exceed a ceiling of one', () => {
    const concurrency = new Concurrency(1);
    expect([concurrency.width, roundTrip(concurrency, 200)]).toEqual([1, 1]);
  });

  test('halve when Docebo pushes back, once for all that were under way, and never fall below one', () => {
    const concurrency = new Concurrency(8);
    for (let trips = 0; trips < 3; trips++) roundTrip(concurrency, 200);
    expect(concurrency.pushedBack(100, 300)).toBe(true);
    expect(concurrency.width).toBe(4);
    expect(concurrency.pushedBack(150, 310)).toBe(false);
    expect(concurrency.width).toBe(4);
    for (const at of [400, 500, 600]) concurrency.pushedBack(at, at + 50);
    expect(concurrency.width).toBe(1);
  });

  test('grow by one a round trip after the first push-back', () => {
    const concurrency = new Concurrency(8);
    for (let trips = 0; trips < 3; trips++) roundTrip(concurrency, 200);
    concurrency.pushedBack(0, 1);
    expect([1, 2].map(() => roundTrip(concurrency, 200))).toEqual([4, 5]);
  });

  test('stay where latency rises, and grow again where it falls', () => {
    const concurrency = new Concurrency(64);
    roundTrip(concurrency, 200);
    for (let replies = 0; replies < 30; replies++) concurrency.succeeded(2000);
    const stuck = concurrency.width;
    expect(stuck).toBeLessThan(8);
    for (let replies = 0; replies < 100; replies++) concurrency.succeeded(200);
    expect(concurrency.width).toBe(64);
  });
});
