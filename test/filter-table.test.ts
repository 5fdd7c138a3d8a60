import {expect, it} from 'vitest';
import {UsageError} from '../src/errors.js';
import {describeFilters, filterTable} from '../src/filter-table.js';
import {rehearse, tableNamed} from './helpers/rehearsal.js';
import {pageOf, query, serve} from './helpers/served.js';

const cast = {invalidDates: 'epoch', onCastError: 'null', schemaContract: 'evolve', loadMetadata: false} as const;
const target = {schema: null, name: 'some_users'};

it('a filtered table holds what Docebo lets in, says so, and leaves the whole one as it is', async () => {
  const {emulator, load, file} = await rehearse({users: 60});
  await load(['users']);
  const [first] = [...emulator.truth('users')];
  const text = String(first?.['first_name']);
  const table = filterTable(tableNamed('users'), {search_text: [text]}, 'some_users');
  const report = await load([], {}, {loads: [{table, target}], cast});
  expect(report).toMatchObject({
    exitCode: 0,
    tables: [
      {table: 'some_users', destination: 'main.some_users', status: 'published', filtered: {search_text: [text]}},
    ],
  });
  const expected = [...emulator.truth('users')].filter(user =>
    ['first_name', 'last_name', 'username', 'email'].some(name =>
      String(user[name]).toLowerCase().includes(text.toLowerCase()),
    ),
  );
  const rows = await query(file, 'SELECT CAST(user_id AS VARCHAR) FROM some_users ORDER BY 1');
  expect(rows.flat()).toEqual(expected.map(user => String(user['user_id'])).sort());
  expect(await query(file, 'SELECT count(*)::INT FROM users')).toEqual([[60]]);
  const [[comment] = []] = await query(file, "SELECT comment FROM duckdb_tables() WHERE table_name = 'some_users'");
  expect(comment).toContain(`Only the rows that Docebo's filter search_text=${text} lets in.`);
});

it('a text is sent as it is, braces and all', async () => {
  const {asked, load} = await serve(() => pageOf());
  const table = filterTable(tableNamed('users'), {search_text: ['{user_id} & 100%=?']}, 'some_users');
  await load([], {loads: [{table, target}], allowEmpty: true});
  expect(new URL(asked[0] ?? '', 'http://x').searchParams.get('search_text')).toBe('{user_id} & 100%=?');
});

it('a filter that the server ignores does not make a table', async () => {
  const {load} = await serve(() => pageOf('{"user_id":1,"course_id":2}', '{"user_id":"7","course_id":2}'));
  const table = filterTable(tableNamed('course_enrollments'), {user_id: ['007']}, 'some_enrollments');
  const report = await load([], {loads: [{table, target}]});
  expect(report.tables[0]).toMatchObject({
    status: 'not_loaded',
    error: {code: 'E_INCOMPLETE', message: expect.stringContaining('whose user_id is "1": its query is ignored')},
  });
});

it('blanks around a value are no part of it', () => {
  const {filtered, routes} = filterTable(
    tableNamed('users'),
    {search_text: [' ann b '], match_type: ['full ']},
    'some',
  );
  expect(filtered).toEqual({of: 'users', by: {search_text: ['ann b'], match_type: ['full']}});
  expect(routes[0]).toMatchObject({filter: {search_text: ['ann b'], match_type: ['full']}});
});

it('filters are told in one line', () => {
  expect(describeFilters({user_id: ['1', '2'], status: ['x']})).toBe('user_id=1, user_id=2, status=x');
});

it.each([
  ['users', {nothing: ['1']}, 'users has no filter nothing.'],
  ['users', {constructor: ['1']}, 'users has no filter constructor.'],
  ['users', {search_text: [' ']}, 'The filter search_text of users is empty.'],
  ['users', {search_text: []}, 'is empty'],
  ['users', {search_text: ['a', 'b']}, 'takes one value, not 2'],
  ['course_enrollments', {user_id: ['ann']}, 'takes whole numbers, not "ann"'],
  ['groups', {search_text: ['x']}, 'groups has no filter search_text.'],
  ['users', {match_type: ['full']}, 'The filter match_type of users says nothing without search_text.'],
  ['users', {search_text: ['x'], match_type: ['nonsense']}, 'The filter match_type of users is never "nonsense".'],
  ['users', {branch_id: ['3'], selection_status: ['3']}, 'The filter selection_status of users is never "3".'],
])('%s by %j is refused', (name, by, message) => {
  const filter = () => filterTable(tableNamed(name), by, 'some');
  expect(filter).toThrow(UsageError);
  expect(filter).toThrow(message);
});
