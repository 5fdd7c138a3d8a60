import {expect, test} from 'vitest';
import {rehearse} from './helpers/rehearsal.js';

const always = Number.POSITIVE_INFINITY;
const pathsOf = (asked: readonly string[]) => asked.map(path => path.replace(/\?.*/, ''));

test('items that did not all come with their catalogs are asked for, catalog by catalog', async () => {
  const {load, emulator, published, truth, asked} = await rehearse({users: 60, catalogs: 'cut'});
  const {exitCode, tables} = await load(['catalogs', 'catalog_items']);
  expect(exitCode).toBe(0);
  expect(tables.map(({route}) => route)).toEqual(['/learn/v1/catalog', '/learn/v1/catalog/{catalogue_id}']);
  expect(await published('catalog_items')).toEqual(truth('catalog_items'));
  expect(await published('catalogs')).toEqual(truth('catalogs'));
  const filled = [...emulator.truth('catalogs')].filter(({number_items: items}) => items !== 0);
  expect(pathsOf(asked()).sort()).toEqual(
    ['/learn/v1/catalog', ...filled.map(({catalogue_id: id}) => `/learn/v1/catalog/${id}`)].sort(),
  );
});

test('a list of items instead of catalogs is refused, and the error says what it is', async () => {
  const {load} = await rehearse({users: 60, catalogs: 'flat'});
  const {exitCode, tables} = await load(['catalogs', 'catalog_items']);
  expect(exitCode).not.toBe(0);
  expect(tables.map(({status}) => status)).toEqual(['not_loaded', 'not_loaded']);
  for (const {error} of tables)
    expect(error?.message).toMatch(/has no catalogue_id: the items of all catalogs came in one list/);
});

test('items that once came with their catalogs are asked for as soon as they no longer do', async () => {
  const {load, emulator, published, truth} = await rehearse({users: 60});
  const [, first] = (await load(['catalogs', 'catalog_items'])).tables;
  emulator.setFaults([{match: /learn.v1.catalog\?/, kind: 'null-value', key: 'sub_items', times: always}]);
  const [, second] = (await load(['catalogs', 'catalog_items'])).tables;
  expect([first?.route, second?.route]).toEqual(['derived from catalogs', '/learn/v1/catalog/{catalogue_id}']);
  expect([first?.warnings, second?.warnings]).toEqual([[], []]);
  expect(await published('catalog_items')).toEqual(truth('catalog_items'));
});
