import fc from 'fast-check';
import {expect, test} from 'vitest';
import {displayWidth} from '../../src/cli/display-width.js';

test.each([
  ['', 0],
  ['users', 5],
  ['Zoë’s “course” – naïve…', 23],
  ['日本語版', 8],
  ['한국어', 6],
  ['🚀 launch', 9],
  ['e\u0301', 1],
  ['العربية', 7],
  ['\u001B[31mred\u001B[39m', 3],
])('%s takes %i columns', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test('texts in line are as wide as their parts', () => {
  const plain = fc.string({unit: fc.constantFrom('a', 'ü', '…', '日', '🚀', ' ')});
  fc.assert(
    fc.property(plain, plain, (left, right) => {
      expect(displayWidth(left + right)).toBe(displayWidth(left) + displayWidth(right));
    }),
  );
});
