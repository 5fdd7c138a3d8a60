import {describe, expect, it, test} from 'vitest';
import {countEdits, findNearest} from '../../src/cli/nearest.js';

test.each([
  ['', '', 0],
  ['users', '', 5],
  ['user', 'users', 1],
  ['kitten', 'sitting', 3],
])('%j is as far from %j as letters are changed', (from, to, edits) => {
  expect([countEdits(from, to), countEdits(to, from)]).toEqual([edits, edits]);
});

describe('the nearest name', () => {
  it('is the closest of those that are close', () => {
    expect(findNearest('corse', ['users', 'courses', 'course'])).toBe('course');
    expect(findNearest('Users', ['users'])).toBe('users');
  });

  it('is none where nothing is close', () => {
    expect(findNearest('nosuch', ['users', 'courses'])).toBeUndefined();
    expect(findNearest('', ['users'])).toBeUndefined();
  });
});
