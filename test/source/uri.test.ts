import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {UsageError} from '../../src/errors.js';
import {parseSourceUri, settingNames} from '../../src/source/uri.js';

function refusalOf(uri: string): UsageError {
  try {
    parseSourceUri(uri);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new TypeError(`${uri} was taken.`);
}

const wordsOf = ({message, hint = '', cause}: UsageError): string => `${message} ${hint} ${String(cause ?? '')}`;

describe('a source URI', () => {
  test('gives each setting decoded', () => {
    expect(
      parseSourceUri(
        'docebo://?base_url=https%3A%2F%2Facme.docebosaas.com&client_id=a%26b%23c&client_secret=%25%2B+%C3%A9=',
      ),
    ).toEqual({base_url: 'https://acme.docebosaas.com', client_id: 'a&b#c', client_secret: '%+ é='});
  });

  test.each([
    ['DOCEBO://?token=t', {token: 't'}],
    ['  docebo://?token=t\n', {token: 't'}],
    ['docebo:///?token=t', {token: 't'}],
    ['docebo://?base_url=https://acme.docebosaas.com/lms', {base_url: 'https://acme.docebosaas.com/lms'}],
    ['docebo://?token=&client_id=a&&', {client_id: 'a'}],
    ['docebo://?username', {}],
    ['docebo://?', {}],
    ['docebo://', {}],
  ])('%j gives %j', (uri, settings) => {
    expect(parseSourceUri(uri)).toEqual(settings);
  });

  test('gives back any credential that was percent-encoded', () => {
    const texts = fc.string({unit: 'grapheme', minLength: 1, maxLength: 40});
    const given = fc.dictionary(fc.constantFrom(...settingNames), texts);
    fc.assert(
      fc.property(given, settings => {
        const query = Object.entries(settings).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
        expect({...parseSourceUri(`docebo://?${query.join('&')}`)}).toEqual({...settings});
      }),
    );
  });
});

describe('a source URI is refused', () => {
  test.each([
    ['docebo:?token=s3cret', 'is not a docebo:// URI'],
    ['https://acme.docebosaas.com?token=s3cret', 'is not a docebo:// URI'],
    ['docebo://?token=s3cret#x', 'is not a docebo:// URI'],
    ['docebo://s3cret.example?token=s3cret', 'names a host before the question mark'],
    ['docebo://?token=s3cret%zz', 'a % that is not followed by two hexadecimal digits'],
    ['docebo://?token=s3cret%', 'a % that is not followed by two hexadecimal digits'],
    ['docebo://?token=s3cret&token=s3cret2', 'gives token more than once'],
    ['docebo://?token=s3cret&secret=s3cret', 'an unknown parameter after token'],
    ['docebo://?token=s3cret&Client_Id=s3cret', 'an unknown parameter after token'],
    ['docebo://?s3cret=s3cret', 'an unknown parameter first'],
    ['docebo://?token=s3cret&__proto__=s3cret', 'an unknown parameter after token'],
  ])('without repeating a value: %s', (uri, why) => {
    const words = wordsOf(refusalOf(uri));
    expect(words).toContain(why);
    expect(words).not.toContain('s3cret');
  });

  test.each(['docebo://?token=&token=s3cret', 'docebo://?token=s3cret&token='])(
    'if a setting stands twice, one of them empty: %s',
    uri => {
      expect(refusalOf(uri).message).toBe('--source-uri gives token more than once.');
    },
  );

  test('without repeating the rest of a secret whose & was not encoded', () => {
    const error = refusalOf('docebo://?client_secret=first&s3cret-rest');
    expect(error.hint).toContain('An & inside a secret is written as %26.');
    expect(wordsOf(error)).not.toContain('s3cret-rest');
  });
});
