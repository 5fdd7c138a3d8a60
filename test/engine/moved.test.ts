import {describe, expect, test} from 'vitest';
import type {PublishOptions} from '../../src/destination/destination.js';
import {openDestination} from '../../src/destination/open.js';
import {DriftError} from '../../src/errors.js';
import {query} from './query.js';
import {makeFolder, makeTable, publishOptions, writeSpool} from './spool.js';

type Pages = Parameters<typeof writeSpool>[2];

/** Publishes pages of a list in which rows moved. */
async function publishMoved(
  pages: Pages,
  spoolOptions: Parameters<typeof writeSpool>[3] = {},
  options: Partial<PublishOptions> = {},
) {
  const folder = await makeFolder();
  const table = makeTable();
  const spooled = await writeSpool(folder, 'users', pages, {...spoolOptions, moved: true});
  const destination = openDestination(`duckdb:///${folder}/out.duckdb`, {cwd: folder});
  const load = {table, spooled, target: {schema: null, name: 'users'}};
  const [published] = await destination.publish([load], publishOptions(folder, options));
  return {published, error: published?.error, read: async (sql: string) => query(`${folder}/out.duckdb`, sql)};
}

const ada = {user_id: 1, name: 'Ada'};
const adaLater = {user_id: 1, name: 'Ada L.'};
const bob = {user_id: 2, name: 'Bob'};

test('of two readings of a row the last one is published', async () => {
  const {error, read} = await publishMoved([{records: [ada]}, {records: [adaLater, bob], state: 2}]);
  expect(error).toBeUndefined();
  expect(await read('SELECT name FROM users ORDER BY user_id')).toEqual([['Ada L.'], ['Bob']]);
});

test.each([
  ['one page', [{records: [ada, adaLater]}]],
  ['two pages of one state', [{records: [ada]}, {records: [adaLater]}]],
  ['pages that are no neighbours', [{records: [ada]}, {records: [adaLater], number: 3, state: 2}]],
])('a row that stands twice, on %s, shows that others may be missing', async (_, pages) => {
  const {error} = await publishMoved(pages);
  expect(error).toBeInstanceOf(DriftError);
  expect(error?.message).toMatch(/1 rows were met at two places/);
});

test.each(['x', true, false])(
  'a key called as one of our own columns might be is a column, holding %s',
  async value => {
    const names = ['apart', 'page', 'number', 'pass', 'state'];
    const record = {...ada, ...Object.fromEntries(names.map(name => [name, value]))};
    const undeclared = Object.fromEntries(names.map(name => [name, ['string', 'boolean'] as const]));
    const {error, read} = await publishMoved([{records: [record]}], {undeclared});
    expect(error).toBeUndefined();
    expect(await read(`SELECT ${names.join(', ')} FROM users`)).toEqual([names.map(() => String(value))]);
  },
);

describe('where rows moved, discard_row', () => {
  const discardRow = {schemaContract: 'discard_row'} as const;
  const undeclared = {extra: ['integer', 'null']} as const;

  test('leaves out a record by its last reading, and publishes no older one of it', async () => {
    const pages = [{records: [ada, bob]}, {records: [{...adaLater, extra: 1}, bob], number: 1, state: 2}];
    const {error, published, read} = await publishMoved(pages, {undeclared, total: 2}, discardRow);
    expect(error).toBeUndefined();
    expect(published?.warnings).toEqual(['1 record was left out because it holds undeclared keys: extra']);
    expect(await read('SELECT name FROM users')).toEqual([['Bob']]);
  });

  test('keeps a record whose last reading has no such key', async () => {
    const pages = [{records: [{...ada, extra: 1}]}, {records: [{...adaLater, extra: null}], number: 1, state: 2}];
    const {published, read} = await publishMoved(pages, {undeclared, total: 1}, discardRow);
    expect(published).toMatchObject({rows: 1, warnings: []});
    expect(await read('SELECT name FROM users')).toEqual([['Ada L.']]);
  });

  test('counts a record once however often it was read, so that what is missing is noticed', async () => {
    const page = {
      records: [
        {...ada, extra: 1},
        {...bob, extra: 1},
      ],
      number: 1,
    };
    const third = {records: [{user_id: 3}], number: 2, state: 2};
    const pages = [page, {...page, state: 1}, {...page, state: 2}, third];
    const {error} = await publishMoved(pages, {undeclared, total: 6}, discardRow);
    expect(error).toBeInstanceOf(DriftError);
    expect(error?.message).toMatch(/counts 4 rows, but only 1 came/);
    const {published} = await publishMoved(pages, {undeclared, total: 3}, discardRow);
    expect(published).toMatchObject({rows: 1});
  });

  test('hides no row that changed its place', async () => {
    const records = [{...ada, extra: 1}];
    const {error} = await publishMoved([{records}, {records}], {undeclared}, discardRow);
    expect(error?.message).toMatch(/1 rows were met at two places/);
  });
});
