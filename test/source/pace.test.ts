import {describe, expect, test} from 'vitest';
import {Pace} from '../../src/source/http/pace.js';

/** A leaky bucket, asked at the pace that is learned from it; gives the times of calls and how many were refused. */
function ask(calls: number, {capacity, leakMs}: {capacity: number; leakMs: number}) {
  const pace = new Pace();
  let [nowMs, level, last, refused, accepted] = [0, 0, 0, 0, 0];
  while (accepted < calls) {
    nowMs += pace.waitMs(nowMs);
    pace.take(nowMs);
    level = Math.max(0, level - (nowMs - last) / leakMs);
    last = nowMs;
    if (level + 1 > capacity) {
      refused++;
      pace.refused(nowMs);
      nowMs += Math.ceil(((level + 1 - capacity) * leakMs) / 1000) * 1000;
      continue;
    }
    level++;
    accepted++;
    pace.accepted();
    nowMs += 50;
  }
  return {nowMs, refused};
}

describe('the pace of calls', () => {
  test('is none until Docebo has refused twice', () => {
    const pace = new Pace();
    for (let call = 0; call < 100; call++) pace.take(0);
    expect(pace.waitMs(0)).toBe(0);
    pace.refused(1000);
    pace.take(1000);
    expect(pace.waitMs(1000)).toBe(0);
  });

  test('is not learned from refusals between which nothing was accepted', () => {
    const pace = new Pace();
    for (const hour of [0, 1, 2]) pace.refused(hour * 3_600_000);
    pace.take(7_200_000);
    expect(pace.waitMs(7_200_000)).toBe(0);
  });

  test('is a call a minute at the least', () => {
    const pace = new Pace();
    pace.refused(0);
    pace.accepted();
    pace.refused(3_600_000);
    pace.take(3_600_000);
    expect(pace.waitMs(3_600_000)).toBe(60_000);
  });

  test.each([
    [1000, 3600],
    [100, 600],
  ])('settles at what a bucket of %i calls that leaks one in %i ms bears', (capacity, leakMs) => {
    const calls = 3 * capacity;
    const {nowMs, refused} = ask(calls, {capacity, leakMs});
    expect(nowMs / ((calls - capacity) * leakMs)).toBeLessThan(1.05);
    expect(refused / calls).toBeLessThanOrEqual(0.02);
  });
});
