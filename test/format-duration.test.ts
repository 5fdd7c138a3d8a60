import {expect, test} from 'vitest';
import {formatDuration} from '../src/format-duration.js';

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
])('%d seconds are %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});
