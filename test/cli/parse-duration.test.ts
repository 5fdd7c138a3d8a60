import {expect, test} from 'vitest';
import {duration} from '../../src/cli/options/values.js';
import {UsageError} from '../../src/errors.js';

test.each([
  ['90m', 5_400_000],
  ['2h', 7_200_000],
  ['2h30m', 9_000_000],
  ['1h1m1s', 3_661_000],
  ['45s', 45_000],
  ['3600', 3_600_000],
  ['7d', 604_800_000],
  ['1d12h', 129_600_000],
])('%s is %i milliseconds', (text, ms) => {
  expect(duration('deadline')(text)).toBe(ms);
});

test.each(['', '0', '0h', 'soon', '2h30', '30m2h', '1.5h', '-5m', '2 h', '12h1d', '1w', ['1h', '2h']])(
  '%j is refused',
  text => {
    expect(() => duration('deadline')(text)).toThrow(UsageError);
  },
);

test('no time at all is one where it has a meaning, and nothing else becomes it', () => {
  expect(duration('max-age', {mayBeNone: true})('0')).toBe(0);
  for (const text of ['', 'soon', '-5m'])
    expect(() => duration('max-age', {mayBeNone: true})(text)).toThrow(UsageError);
});
