import {expect, test} from 'vitest';
import {openDestination} from '../../src/destination/open.js';
import {DriftError} from '../../src/errors.js';
import {query} from './query.js';
import {makeFolder, makeTable, publishOptions, writeSpool} from './spool.js';

type Pages = Parameters<typeof writeSpool>[2];

/** Publishes pages of a list in which rows moved. */
async function publishMoved(pages: Pages, undeclared: Parameters<typeof writeSpool>[3] = {}) {
  const folder = await makeFolder();
  const table = makeTable();
  const spooled = await writeSpool(folder, 'users', pages, {...undeclared, moved: true});
  const destination = openDestination(`duckdb:///${folder}/out.duckdb`, {cwd: folder});
  const load = {table, spooled, target: {schema: null, name: 'users'}};
  const [published] = await destination.publish([load], publishOptions(folder));
  return {error: published?.error, read: async (sql: string) => query(`${folder}/out.duckdb`, sql)};
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
