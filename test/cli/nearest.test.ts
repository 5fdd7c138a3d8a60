import {describe, expect, it} from 'vitest';
import {findNearest} from '../../src/cli/options/nearest.js';

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
