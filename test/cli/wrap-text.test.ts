import fc from 'fast-check';
import {expect, test} from 'vitest';
import {wrapText} from '../../src/cli/wrap-text.js';

test('breaks between words, keeps the lines there are, and breaks a word only if no line holds it', () => {
  expect(wrapText('one two three', 7)).toBe('one two\nthree');
  expect(wrapText('one\ntwo three', 20)).toBe('one\ntwo three');
  expect(wrapText('an abcdefghij', 4)).toBe('an\nabcd\nefgh\nij');
});

test('loses nothing but the spaces at breaks, and no line is too long', () => {
  const text = fc.string({unit: fc.constantFrom('a', 'b', ' ', '…')});
  fc.assert(
    fc.property(text, fc.integer({min: 1, max: 20}), (words, width) => {
      const wrapped = wrapText(words, width);
      expect(wrapped.replaceAll(/[ \n]/g, '')).toBe(words.replaceAll(' ', ''));
      expect(Math.max(...wrapped.split('\n').map(line => line.length))).toBeLessThanOrEqual(width);
    }),
  );
});
