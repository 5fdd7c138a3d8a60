import fc from 'fast-check';
import {expect, test} from 'vitest';
import {formatRequest} from '../../src/source/request.js';

test('a request has its placeholders filled, in path and query, and repeats what repeats', () => {
  const route = {path: '/x/{id}/y', query: {'extra[]': ['a', 'b'], of: '{id}', sort: 'name'}};
  expect(formatRequest(route, {id: 'a/b c'}, {page: '1'})).toBe(
    '/x/a%2Fb%20c/y?extra%5B%5D=a&extra%5B%5D=b&of=a%2Fb+c&sort=name&page=1',
  );
  expect(formatRequest({path: '/x'}, {}, {})).toBe('/x');
});

test('no bound value leaves its segment of the path or its parameter of the query', () => {
  const values = fc.oneof(
    fc.constantFrom('.', '..', '../..', '/', '?', '#', '&a=b', '%2e%2e', '$&', '{id}'),
    fc.string(),
  );
  fc.assert(
    fc.property(
      values.filter(value => value !== ''),
      id => {
        const {pathname, searchParams, hash} = new URL(
          formatRequest({path: '/x/{id}/y', query: {of: '{id}'}}, {id}, {page: '1'}),
          'https://acme.docebosaas.com',
        );
        // URL resolves encoded dots too, as no server is asked to.
        const dots = /^\.{1,2}$/.test(id);
        if (!dots) expect(pathname.split('/').map(decodeURIComponent)).toEqual(['', 'x', id, 'y']);
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
