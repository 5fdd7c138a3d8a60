import {inspect} from 'node:util';
import fc from 'fast-check';
import {describe, expect, it, test} from 'vitest';
import {redact, Secret} from '../src/secret.js';

const odd = `p'4 "ss"/w+rd\\&<é😀>=?`;

const spellings: Readonly<Record<string, (text: string) => string>> = {
  'as it is': text => text,
  'encoded for a URL': encodeURIComponent,
  'encoded for a URL in lower case': text => encodeURIComponent(text).replaceAll(/%../g, byte => byte.toLowerCase()),
  'encoded for a URL to the last letter': text =>
    [...Buffer.from(text)].map(byte => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  'encoded for a URL twice': text => encodeURIComponent(encodeURIComponent(text)),
  'encoded for a form': text => new URLSearchParams({a: text}).toString().slice(2),
  'in JSON': text => JSON.stringify(text),
  'in JSON in JSON': text => JSON.stringify(JSON.stringify(text)),
  'in JSON as PHP writes it': text =>
    JSON.stringify(text)
      .replaceAll('/', '\\/')
      .replaceAll(/[^ -~]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  'in HTML': text =>
    text.replaceAll(/["'&<>]/g, each => ({'"': '&quot;', "'": '&#039;', '&': '&amp;', '<': '&lt;'})[each] ?? '&gt;'),
  'as it is inspected': text => inspect(text),
  'in base64': text => Buffer.from(text).toString('base64'),
  'in base64url': text => Buffer.from(text).toString('base64url'),
  'in a Basic header': text => `Basic ${Buffer.from(`client:${text}`).toString('base64')}`,
  'amid base64': text => Buffer.from(`{"a":"${text}","b":1}`).toString('base64'),
  'in hexadecimal digits': text => Buffer.from(text).toString('hex'),
  'in base64 wrapped at 20 characters': text => Buffer.from(text).toString('base64').replaceAll(/.{20}/g, '$&\r\n'),
  'with characters between that take no place': text => [...text].join('\u200b'),
  'over two lines': text => `${text.slice(0, 5)}\n${text.slice(5)}`,
  'in HTML 5 by name': text =>
    text.replaceAll(
      /["'&<>_!]/g,
      each => `&${{'"': 'quot', "'": 'apos', '&': 'amp', '<': 'lt', '>': 'gt', _: 'lowbar'}[each] ?? 'excl'};`,
    ),
  'in HTML by number with zeros before it': text =>
    [...text].map(each => `&#${String(each.codePointAt(0)).padStart(9, '0')};`).join(''),
  'in HTML by number without a semicolon': text =>
    [...text].map(each => `&#x${(each.codePointAt(0) ?? 0).toString(16)}`).join(''),
  'in JavaScript by code point': text =>
    [...text].map(each => `\\u{${(each.codePointAt(0) ?? 0).toString(16)}}`).join(''),
  'in other letters': text => text.replaceAll(/[a-z]/g, each => each.toUpperCase()),
};

describe('a secret', () => {
  test.each(Object.entries(spellings))('%s is hidden', (_, spell) => {
    fc.assert(
      fc.property(fc.string({minLength: 8, maxLength: 60, unit: 'grapheme-ascii'}), text => {
        const value = `Zq7${text.trim()}Kw9`;
        new Secret(value);
        new Secret(odd);
        for (const secret of [value, odd]) {
          const shown = redact(`before: [${spell(secret)}], after`);
          // A character of base64 at either end may stay, and what wraps it.
          expect(shown).toMatch(/^before: \[[^*]{0,20}\*\*\*[^*]{0,20}\], after$/);
        }
      }),
      {numRuns: 15},
    );
  });

  it('that is a part of another one leaves nothing of it', () => {
    new Secret('first-half-secret');
    new Secret('first-half-secret-and-second');
    expect(redact('x first-half-secret-and-second y')).toBe('x *** y');
  });

  it('of few characters is hidden where it is a word, and one of three or fewer nowhere', () => {
    new Secret('rows');
    new Secret('ab');
    expect(redact('ab: "rows" is wrong, rows=rows; 3 browsers, rows_read, ab')).toBe(
      'ab: "***" is wrong, ***=***; 3 browsers, rows_read, ab',
    );
  });

  it('of backslashes alone hides nothing', () => {
    new Secret('\\\\'.repeat(5));
    expect(redact('C:\\\\folder')).toBe('C:\\\\folder');
  });

  it('of characters without width alone hides nothing', () => {
    new Secret('\u200b'.repeat(5));
    expect(redact('three\u200bwords here')).toBe('three\u200bwords here');
  });

  it('of several lines is hidden line by line', () => {
    const key =
      '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\nAASCBKcwggSjAgEAAoIBAQC7\n-----END PRIVATE KEY-----\n';
    new Secret(key);
    expect(redact(inspect(key))).not.toMatch(/MIIEv|AASCB/);
    expect(redact('-----BEGIN PRIVATE KEY-----')).toBe('-----BEGIN PRIVATE KEY-----');
  });

  it('leaves alone a text that has none', () => {
    new Secret('not-to-be-seen-here');
    fc.assert(
      fc.property(fc.string({unit: 'binary', maxLength: 30}), text => {
        expect(redact(text)).toBe(text);
      }),
      {numRuns: 30},
    );
  });
});
