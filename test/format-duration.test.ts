import {expect, test} from 'vitest';
import {formatAge, formatDuration} from '../src/format-duration.js';

test.each([
  [0, '0 s'],
  [0.34, '0.3 s'],
  [9.96, '10 s'],
  [45.4, '45 s'],
  [59.7, '1 min'],
  [125, '2 min 5 s'],
  [3599.6, '1 h'],
  [3600, '1 h'],
  [3930, '1 h 6 min'],
  [93_600, '1 d 2 h'],
  [604_800, '7 d'],
  [90 * 86_400 + 3600, '90 d 1 h'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test.each([
  [-5, '0 s'],
  [59_999, '59 s'],
  [125_000, '2 min'],
  [3_599_999, '59 min'],
  [30.9 * 3_600_000, '1 d 6 h'],
  [40.9 * 86_400_000, '40 d'],
])('%d milliseconds ago is %s', (ms, text) => {
  expect(formatAge(ms)).toBe(text);
});
