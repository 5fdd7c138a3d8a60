import {describe, expect, test} from 'vitest';
import {isDerived} from '../src/routes.js';
import type {PageContext} from '../src/table.js';
import {leaderboardPositions} from '../tables/leaderboard_positions.js';
import {rehearse} from './helpers/rehearsal.js';
import {pageOf, serve} from './helpers/served.js';

const branchRow = (id: number) => `{"id":"${id}","title":"b${id}","has_children":false}`;

describe('the users of a branch', () => {
  test('are asked for once for each branch, and never those below', async () => {
    const {load, asked, published, truth} = await rehearse();
    expect(await load(['user_branches'])).toMatchObject({exitCode: 0});
    expect(await published('user_branches')).toEqual(truth('user_branches'));
    const queries = asked()
      .filter(path => path.startsWith('/manage/v1/user?'))
      .map(path => new URL(path, 'http://x').searchParams);
    const branches = truth('branches').map(row => String(JSON.parse(row).id));
    expect(queries.map(query => query.get('branch_id')).sort()).toEqual(branches.sort());
    expect(new Set(queries.map(query => query.get('selection_status')))).toEqual(new Set(['1']));
  });

  test('come from the organisation chart where the list of users refuses to be limited', async () => {
    const served = await serve((path, query) => {
      if (path === '/manage/v1/orgchart') return pageOf(branchRow(2), branchRow(3));
      const [, id] = /^\/manage\/v1\/orgchart\/(\d+)\/users$/.exec(path) ?? [];
      if (id === undefined || query.get('only_first_level') !== '1') return undefined;
      return pageOf(`{"user_id":${id}7,"username":"u${id}","firs_name":"A","email":""}`);
    });
    const {exitCode} = await served.load(['user_branches']);
    expect(exitCode).toBe(0);
    expect(await served.query('SELECT * FROM user_branches ORDER BY ALL')).toEqual([
      ['2', '27', 'u2'],
      ['3', '37', 'u3'],
    ]);
  });

  test('who are in no branch are missing where no root is named', async () => {
    const {load, published, truth} = await rehearse({namesRoot: false});
    expect(await load(['branches', 'user_branches'])).toMatchObject({exitCode: 0});
    for (const name of ['branches', 'user_branches']) expect(await published(name)).toEqual(truth(name));
  });
});

describe('the managers of a user', () => {
  const managers = async (...users: readonly string[]) => {
    const served = await serve(() => pageOf(...users));
    const report = await served.load(['user_managers']);
    const columns = 'user_id, position, manager_type_id, manager_id, manager_username';
    const rows = report.exitCode === 0 ? await served.query(`SELECT ${columns} FROM user_managers ORDER BY ALL`) : [];
    return {rows, report};
  };

  test('stand in a map or in a list', async () => {
    const {rows} = await managers(
      '{"user_id":"5","manager_names":{"1":{"manager_id":"7","manager_username":"x"},"4":{"manager_id":8}}}',
      '{"user_id":"6","manager_names":[{"manager_type_id":4,"manager_id":8},{"manager_type_id":4,"manager_id":9}]}',
      '{"user_id":"7","manager_names":[]}',
      '{"user_id":"8","manager_names":null}',
      '{"user_id":"9"}',
    );
    expect(rows).toEqual([
      ['5', '1', '1', '7', 'x'],
      ['5', '2', '4', '8', null],
      ['6', '1', '4', '8', null],
      ['6', '2', '4', '9', null],
    ]);
  });

  test('are none, which is said, if no user has the member', async () => {
    const {rows, report} = await managers('{"user_id":"5"}');
    expect(rows).toEqual([]);
    expect(report.tables[0]?.warnings).toEqual(['It is empty: no record of users holds manager_names.']);
  });
});

describe('the choices of a dropdown', () => {
  test('come with the fields, at no call', async () => {
    const {load, asked, published, truth} = await rehearse();
    expect(await load(['user_field_options'])).toMatchObject({exitCode: 0});
    expect(await published('user_field_options')).toEqual(truth('user_field_options'));
    expect(asked()).toEqual(['/manage/v1/user_fields?as_array=1']);
  });

  test('are asked for with each dropdown where the fields lack them', async () => {
    const {load, asked, published, truth} = await rehearse({fieldsAsArray: false});
    const {exitCode, tables} = await load(['user_field_options']);
    expect([exitCode, tables[0]?.warnings]).toEqual([0, []]);
    expect(await published('user_field_options')).toEqual(truth('user_field_options'));
    expect(asked().filter(path => /user_fields\/\d+/.test(path))).toEqual(['/manage/v1/user_fields/3']);
  });
});

describe('the positions of a leaderboard', () => {
  const [route] = leaderboardPositions.routes;
  const explode = (items: unknown, id = '4') => {
    if (route === undefined || isDerived(route) || route.explode === undefined) throw new TypeError('No explode.');
    const context: PageContext = {page: 1, pageSize: 200, bound: {leaderboard_id: id}};
    return route.explode({data: {items, total_count: 1}}, context).records;
  };

  test('are numbered in their order', () => {
    expect(explode([{id: '4', positions: [{position: 1, user_id: 9}, {position: 1}]}])).toEqual([
      {position: 1, user_id: 9, place: 1},
      {position: 1, place: 2},
    ]);
    expect(explode({7: {id: 4, positions: {x: {position: 1}}}})).toEqual([{position: 1, place: 1}]);
    for (const none of [[], [{id: 4}], [{id: 4, positions: null}]]) expect(explode(none)).toEqual([]);
  });

  test.each([
    ['another leaderboard', [{id: 5, positions: []}], /leaderboard 4 alone/],
    ['several', [{id: 4}, {id: 5}], /leaderboard 4 alone/],
    ['as many as were asked for', [{id: 4, positions: Array.from({length: 100_000}, () => ({}))}], /there may be more/],
    ['no objects', [{id: 4, positions: [1]}], /Expected an object/],
  ])('are refused if they are of %s', (_, items, message) => {
    expect(() => explode(items)).toThrow(message);
  });
});

test('a tenant without an app refuses all that the app would answer', async () => {
  const {load} = await rehearse({without: ['gamification'], absentStatus: 404});
  const {tables} = await load(['badges', 'badge_awards', 'leaderboards', 'manager_types', 'subscription_plans']);
  expect(tables.map(({status}) => status)).toEqual([
    'not_loaded',
    'not_loaded',
    'not_loaded',
    'published',
    'published',
  ]);
});
