import {join} from 'node:path';
import {expect, it} from 'vitest';
import {defaultMerge} from '../src/choices.js';
import {openDestination} from '../src/destination/open.js';
import {UsageError} from '../src/errors.js';
import {type FilterValues, filterTable} from '../src/filter-table.js';
import {tableNamed} from './helpers/rehearsal.js';
import {pageOf, serve} from './helpers/served.js';

const target = {schema: null, name: 'people'};
const whole = {table: tableNamed('users'), target};
const filtered = (by: FilterValues) => ({table: filterTable(tableNamed('users'), by, 'people'), target});
const ann = filtered({search_text: ['a b'], match_type: ['full']});
/** The same filter, written otherwise. */
const same = filtered({match_type: ['full'], search_text: ['a b']});
const other = filtered({search_text: ['a b, match_type=full']});
const users = [1, 2, 3].map(id => `{"user_id":${id},"username":"a b ${id}"}`);

it.each([
  ['duckdb:///out.duckdb', true],
  ['duckdb:///out.duckdb', false],
  ['jsonl://out', false],
])(
  '%s, load metadata %s: another filter, or none, replaces no table unless that is allowed',
  async (uri, loadMetadata) => {
    const {load, folder, query} = await serve((path, ask) =>
      path === '/manage/v1/user' ? pageOf(...users.slice(ask.has('search_text') ? 1 : 0)) : undefined,
    );
    const destination = openDestination(uri, {cwd: folder, lockTimeoutMs: 0});
    let nights = 0;
    const night = async (each: typeof whole, allowRouteChange = false) => {
      const cast = {loadMetadata};
      const stateDir = join(folder, `state-${++nights}`);
      const {tables} = await load([], {loads: [each], destination, stateDir, allowRouteChange, cast});
      return tables[0];
    };
    const kept = {status: 'kept', error: {code: 'E_INCOMPLETE', allowedBy: {'allow-route-change': true}}};
    const published = (rows: number) => ({status: 'published', rows, warnings: []});
    expect(await night(whole)).toMatchObject(published(3));
    expect(await night(ann)).toMatchObject(kept);
    const held = 'Holds only what match_type=full&search_text=a+b lets in; until now it held every row.';
    expect(await night(ann, true)).toMatchObject({status: 'published', rows: 2, warnings: [held]});
    expect(await night(same)).toMatchObject(published(2));
    const about = async () =>
      uri.startsWith('duckdb') ? query("SELECT comment FROM duckdb_tables() WHERE table_name = 'people'") : [];
    const only = expect.stringContaining('Only the rows');
    for (const [comment] of await about()) expect(comment).toEqual(only);
    expect(await night(other)).toMatchObject(kept);
    expect(await night(whole)).toMatchObject(kept);
    expect(await night(whole, true)).toMatchObject({status: 'published', rows: 3});
    for (const [comment] of await about()) expect(comment).not.toEqual(only);
  },
);

it('what was refused is no base of a merge', async () => {
  const {load, query} = await serve((path, ask) =>
    path === '/manage/v1/user' ? pageOf(...users.slice(ask.has('search_text') ? 1 : 0)) : undefined,
  );
  await load([], {loads: [whole]});
  await load([], {loads: [ann]});
  await load([], {loads: [whole], merge: defaultMerge, random: () => 0});
  expect(await query('SELECT count(*)::INT FROM people')).toEqual([[3]]);
});

it('a run is not resumed with another filter whose words are the same', async () => {
  let isBroken = true;
  const {load} = await serve((path, ask) => {
    if (path !== '/manage/v1/user') return undefined;
    const page = Number(ask.get('page'));
    if (page === 2 && isBroken) return {status: 500, body: '{}'};
    return `{"data":{"items":[${users[page]}],"has_more_data":${page === 1},"current_page":${page},"current_page_size":1}}`;
  });
  const docebo = {pageSize: 1};
  expect((await load([], {loads: [ann], docebo})).exitCode).not.toBe(0);
  isBroken = false;
  await expect(load([], {loads: [other], docebo, resume: true})).rejects.toThrow(UsageError);
  expect(await load([], {loads: [same], docebo, resume: true})).toMatchObject({exitCode: 0, tables: [{rows: 2}]});
});
