import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {backoffMs, judge, readRetryAfterMs, routeRefusals, type Verdict} from '../../src/source/http/policy.js';

describe('a status', () => {
  test('of 2xx is accepted, 401 renews the token, the passing ones are retried and the rest is rejected', () => {
    const byVerdict: Record<Verdict, number[]> = {accept: [], 'renew-token': [], retry: [], reject: []};
    for (const status of [
      200, 201, 202, 203, 204, 206, 299, 301, 302, 304, 400, 401, 403, 404, 405, 407, 408, 410, 422, 423, 425, 429, 444,
      451, 499,
    ])
      byVerdict[judge(status)].push(status);
    for (const status of [500, 501, 502, 503, 504, 505, 509, 511, 520, 527, 529, 530, 599])
      byVerdict[judge(status)].push(status);
    expect(byVerdict).toEqual({
      accept: [200, 201, 203, 204, 299],
      'renew-token': [401],
      retry: [202, 206, 408, 423, 425, 429, 444, 499, 500, 502, 503, 504, 509, 520, 527, 529, 530, 599],
      reject: [301, 302, 304, 400, 403, 404, 405, 407, 410, 422, 451, 501, 505, 511],
    });
  });

  test('that lets the next route be tried is always a rejection', () => {
    expect([...routeRefusals].map(judge)).toEqual(['reject', 'reject', 'reject', 'reject', 'reject']);
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 9, 21, 7, 28, 0);

  test.each([
    [undefined, undefined],
    ['0', 0],
    ['3', 3000],
    [' 120 ', 120_000],
    ['Wed, 21 Oct 2026 07:29:30 GMT', 90_000],
    ['Wed, 21 Oct 2026 07:00:00 GMT', 0],
    ['1.5', 1500],
    [String(now / 1000 + 90), 90_000],
    [String(now / 1000 - 90), 0],
    ['2026-10-21T07:29:30Z', 90_000],
    ['2, 5', 5000],
    ['5;2', 5000],
    [['2', '5'], 5000],
    [['Wed, 21 Oct 2026 07:29:30 GMT', '5'], 90_000],
    ['Wed, 21 Oct 2026 07:28:30 GMT, Wed, 21 Oct 2026 07:29:30 GMT', 90_000],
    ['soon', undefined],
    ['', undefined],
    [[], undefined],
  ])('%j asks for %j ms', (header, ms) => {
    expect(readRetryAfterMs(header, now)).toBe(ms);
  });

  test.each(['-5', '5 s'])('%j, which is neither seconds nor a date, is not obeyed', header => {
    expect(readRetryAfterMs(header, now) ?? 0).toBe(0);
  });
});

describe('backoff', () => {
  test('doubles from a second to a minute', () => {
    expect(Array.from({length: 9}, (_, index) => backoffMs(index + 1, () => 1))).toEqual([
      1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000,
    ]);
  });

  test('lies anywhere between nothing and that', () => {
    fc.assert(
      fc.property(fc.integer({min: 1, max: 2000}), fc.double({min: 0, max: 1, noNaN: true}), (attempt, random) => {
        const ms = backoffMs(attempt, () => random);
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThanOrEqual(Math.min(60_000, 1000 * 2 ** (attempt - 1)));
      }),
    );
  });
});
