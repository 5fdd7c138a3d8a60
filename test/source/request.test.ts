import fc from 'fast-check';
import {expect, test} from 'vitest';
import {ResponseError} from '../../src/errors.js';
import {formatRequest} from '../../src/source/lists/request.js';

test('a request has its placeholders filled, in path and query, and repeats what repeats', () => {
  const route = {path: '/x/{id}/y', query: {'extra[]': ['a', 'b'], of: '{id}', sort: 'name'}};
  expect(formatRequest(route, {id: 'a&b c'}, {page: '1'})).toBe(
    '/x/a%26b%20c/y?extra%5B%5D=a&extra%5B%5D=b&of=a%26b+c&sort=name&page=1',
  );
  expect(formatRequest({path: '/x'}, {}, {})).toBe('/x');
});

const format = (id: string) => formatRequest({path: '/x/{id}/y', query: {of: '{id}'}}, {id}, {page: '1'});

test('no bound value leaves its segment of the path or its parameter of the query', () => {
  const values = fc.oneof(fc.constantFrom('?', '#', '&a=b', '$&', '{id}', '...a', ':80', '@', 'é '), fc.string());
  const isRefused = (value: string) => /^\.*$|[/\\%\p{Cc}]/u.test(value);
  fc.assert(
    fc.property(
      values.filter(value => !isRefused(value)),
      id => {
        const {pathname, searchParams, hash} = new URL(format(id), 'https://acme.docebosaas.com');
        expect(pathname.split('/').map(decodeURIComponent)).toEqual(['', 'x', id, 'y']);
        expect({query: [...searchParams], hash}).toEqual({
          query: [
            ['of', id],
            ['page', '1'],
          ],
          hash: '',
        });
      },
    ),
  );
});

test.each(['', '.', '..', '...', '/', '../..', 'a/b', 'a\\b', '%2e%2e', '%2F', '\0', '1\n2'])(
  'no path is asked for with %j in it',
  id => {
    expect(() => format(id)).toThrow(ResponseError);
    expect(() => format(id)).toThrow(`/x/{id}/y cannot be asked for id ${JSON.stringify(id)}`);
  },
);

test('a value that stands in the query alone may be anything', () => {
  expect(formatRequest({path: '/x', query: {of: '{id}'}}, {id: '../a'}, {})).toBe('/x?of=..%2Fa');
});
