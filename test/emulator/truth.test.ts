import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {emulatedTables} from '../../src/emulator/index.js';
import {type Body, type Client, connect} from './client.js';

const courseExtras =
  'extra_fields[]=enrollment_status&extra_fields[]=enrollment_completion_date&extra_fields[]=enrollment_time_spent';
const planExtras = `${courseExtras}&extra_fields[]=enrollment_completion_percentage`;

let client: Client;
beforeAll(async () => {
  client = await connect({users: 450, seed: 7, flatCategories: true});
});
afterAll(() => client.emulator.close());

const truth = (table: string): Body[] => [...client.emulator.truth(table)];

describe('the truth about a table is what its pages yield', () => {
  test.each([
    ['users', '/manage/v1/user'],
    ['manager_types', '/manage/v1/managers?as_array=1'],
    ['pending_users', '/manage/v1/user?pending=1'],
    ['badges', '/share/v1/gamification/badges?search_text='],
    ['leaderboards', '/manage/v1/gamification/leaderboards?show_inactive=true'],
    ['subscription_bundles', '/learn/v1/sub_bundle'],
    ['subscription_plans', '/learn/v1/sub_plan'],
    ['subscription_records', '/learn/v1/sub_record'],
    ['subscription_seats', '/learn/v1/sub_seat_association'],
    ['groups', '/audiences/v1/audience'],
    ['courses', '/learn/v1/courses'],
    ['course_fields', '/learn/v1/courses/field'],
    ['categories', '/learn/v1/categories'],
    ['course_enrollments', `/course/v1/courses/enrollments?${courseExtras}`],
    ['catalogs', '/learn/v1/catalog'],
    ['assets', '/share/v1/assets'],
    ['enrollments', '/learn/v1/enrollments'],
    ['enrollments_pending_approval', '/learn/v1/enrollment/pending_users'],
    ['enrollment_fields', '/manage/v1/enrollment_fields'],
    ['locations', '/learn/v1/location'],
    ['certifications', '/learn/v1/certification'],
    ['external_training', '/learn/v1/external_training'],
    ['learning_plans', '/learningplan/v1/learningplans'],
    ['learning_plan_enrollments', `/learningplan/v1/learningplans/enrollments?${planExtras}`],
  ])('for %s', async (table, path) => {
    const records = await client.all(path);
    expect(records).toEqual(truth(table));
    expect(records.length).toBeGreaterThan(2);
  });

  test.each([
    ['badge_awards', 'badges', 'id', 'badge_id', '/share/v1/gamification/{id}/assigned_users'],
    ['group_members', 'groups', 'uuid', 'group_id', '/audiences/v1/audience/{id}/users'],
    [
      'learning_plan_courses',
      'learning_plans',
      'learning_plan_id',
      'learning_plan_id',
      '/learningplan/v1/learningplans/{id}/courses',
    ],
    [
      'learning_plan_course_enrollments',
      'learning_plans',
      'learning_plan_id',
      'learning_plan_id',
      '/learningplan/v1/learningplans/{id}/courses/enrollments',
    ],
    ['catalog_items', 'catalogs', 'catalogue_id', 'catalogue_id', '/learn/v1/catalog/{id}'],
    ['asset_channels', 'assets', 'id', 'asset_id', '/share/v1/assets/{id}/channels'],
  ])('for %s, read once for each of the %s', async (table, parents, parentKey, boundName, path) => {
    const records: Body[] = [];
    for (const parent of truth(parents)) {
      const id = parent[parentKey];
      for (const child of await client.all(path.replace('{id}', String(id)))) records.push({...child, [boundName]: id});
    }
    expect(records).toEqual(truth(table));
    expect(records.length).toBeGreaterThan(9);
  });

  test('for sessions, where a course without any may answer 400', async () => {
    const records: Body[] = [];
    for (const {id_course: id, course_type: type} of truth('courses')) {
      if (type === 'elearning') continue;
      const reply = await client.get(`/course/v1/courses/${id}/sessions`);
      if (reply.status === 400) continue;
      const {data} = (await reply.json()) as {data: {items: Body[]}};
      records.push(...data.items.map(item => ({...item, course_id: id})));
    }
    expect(records).toEqual(truth('sessions'));
  });

  test('for branches: the root beside the tree, with paths', async () => {
    const all = await client.all('/manage/v1/orgchart?flattened=true');
    const {extra_data: root} = await client.body('/manage/v1/orgchart');
    const titles = new Map([root as Body, ...all].map(({id, title}) => [String(id), title]));
    const [first, ...rest] = truth('branches');
    expect(first).toEqual({...(root as Body), path: titles.get('0')});
    expect(rest.map(({path: _, ...sent}) => sent)).toEqual(all);
    const second = rest.find(({parent_id}) => parent_id !== '0');
    expect(String(second?.['path']).split(' / ').slice(-2)).toEqual([
      titles.get(String(second?.['parent_id'])),
      second?.['title'],
    ]);
  });

  test('for user_branches, read once for each of the branches', async () => {
    const records: Body[] = [];
    for (const {id} of truth('branches')) {
      const members = await client.all(`/manage/v1/user?branch_id=${id}&selection_status=1`);
      records.push(...members.map(member => ({...member, branch_id: Number(id)})));
    }
    expect(records).toEqual(truth('user_branches'));
    const users = records.map(({user_id}) => user_id);
    // Each user is somewhere, and some are in two branches.
    expect(new Set(users).size).toBe(450);
    expect(users.length).toBeGreaterThan(460);
  });

  test('for user_fields, with the choices of dropdowns', async () => {
    const {data} = (await client.body('/manage/v1/user_fields?as_array=1')) as {data: Body[]};
    expect(data).toEqual(truth('user_fields'));
    const detail = async (id: unknown) => (await client.body(`/manage/v1/user_fields/${id}`))['data'] as Body;
    const dropdown = data.find(({type}) => type === 'dropdown');
    const options = (await detail(dropdown?.['id']))['dropdown_options'] as Body[];
    expect(options.map(({option_id: id}) => id)).toEqual(truth('user_field_options').map(({id}) => id));
  });

  test('for leaderboard_positions, of which a few come if no limit is given', async () => {
    const [{id} = {}] = truth('leaderboards');
    const positionsOf = async (query: string) => {
      const [leaderboard] = await client.all(`/manage/v1/gamification/leaderboards?id_leaderboard=${id}${query}`);
      return leaderboard?.['positions'] as Body[];
    };
    const own = truth('leaderboard_positions').filter(({leaderboard_id}) => leaderboard_id === id);
    expect(await positionsOf('&limit=1000')).toEqual(own.map(({leaderboard_id, place, ...sent}) => sent));
    expect(await positionsOf('')).toHaveLength(15);
  });

  test('for manager_subordinates, by either list', async () => {
    const newer = await connect({users: 450, seed: 7, subordinates: 'of-manager'});
    const edges = async ({all, emulator}: Client, path: string) => {
      const found: string[] = [];
      for (const {user_id: id, is_manager} of emulator.truth('users'))
        if (is_manager)
          for (const {user_id} of await all(path.replace('{id}', String(id)))) found.push(`${id} ${user_id}`);
      return found;
    };
    const expected = truth('manager_subordinates').map(({manager_id, user_id}) => `${manager_id} ${user_id}`);
    expect(await edges(client, '/manage/v1/user/{id}/subordinates?hierarchy=1')).toEqual(expected);
    expect(await edges(newer, '/manage/v1/managers/{id}/subordinates')).toEqual(expected);
    await newer.emulator.close();
  });

  test('for learning objects, sent as a bare list or as items', async () => {
    const records: Body[] = [];
    const shapes = new Set<boolean>();
    for (const {id_course: id} of truth('courses')) {
      const {data} = (await client.body(`/learn/v1/courses/${id}/los`)) as {data: Body[] | {items: Body[]}};
      shapes.add(Array.isArray(data));
      records.push(...(Array.isArray(data) ? data : data.items).map(item => ({...item, course_id: id})));
    }
    expect(records).toEqual(truth('course_learning_objects'));
    expect(records.filter(({object_type: type}) => type === 'poll')).toEqual(truth('polls'));
    expect(shapes.size).toBe(2);
  });
});

test('survey answers are counted over all pages of submissions', async () => {
  const polls = truth('polls');
  let answers = 0;
  let mostPages = 0;
  for (const {course_id: course, id_resource: poll} of polls) {
    for (let page = 1, pages = 1; page <= pages; page += 1) {
      const path = `/learn/v1/survey/${poll}/answer?id_course=${course}&page=${page}&page_size=200`;
      const {data} = (await client.body(path)) as {data: {answers: {answers: Body}[]; total_pages: number}};
      pages = data.total_pages;
      mostPages = Math.max(mostPages, pages);
      for (const {answers: given} of data.answers) {
        for (const value of Object.values(given)) answers += Object.keys(value as Body).length;
      }
    }
  }
  const rows = truth('survey_answers');
  expect(rows).toHaveLength(answers);
  expect(mostPages).toBe(3);
  expect(
    new Set(
      rows.map(row => [row['course_id'], row['submission_number'], row['question_id'], row['answer_number']].join()),
    ).size,
  ).toBe(rows.length);
});

test('learners, events and attendance of sessions agree', () => {
  const key = (record: Body) => [record['course_id'], record['session_id'], record['user_id']].join();
  const roster = truth('session_enrollments');
  const events = truth('session_events');
  const counted = truth('sessions').map(({id, enrolled, events}) => [id, enrolled, events].map(Number));
  const having = (records: readonly Body[], id: unknown) => records.filter(({session_id}) => session_id === id).length;
  expect(counted).toEqual(counted.map(([id]) => [id, having(roster, id), having(events, id)]));
  const attending = new Set(truth('session_attendance').map(key));
  expect([...attending].sort()).toEqual(roster.map(key).sort());
  const dates = truth('session_dates').map(({session_id, id_date}) => [session_id, id_date]);
  expect(dates).toEqual(events.map(({session_id, id}) => [session_id, id]));
});

test.each([
  ['users', ['user_id']],
  ['branches', ['id']],
  ['user_branches', ['branch_id', 'user_id']],
  ['manager_subordinates', ['manager_id', 'user_id']],
  ['badge_awards', ['badge_id', 'user_id']],
  ['leaderboard_positions', ['leaderboard_id', 'user_id']],
  ['categories', ['id']],
  ['groups', ['uuid']],
  ['group_members', ['group_id', 'idst']],
  ['courses', ['id_course']],
  ['course_enrollments', ['course_id', 'user_id']],
  ['enrollments', ['type', 'id', 'user_id']],
  ['enrollments_pending_approval', ['course_id', 'user_id', 'session_id']],
  ['session_enrollments', ['session_id', 'user_id']],
  ['session_attendance', ['course_id', 'user_id', 'session_id', 'date_number']],
  ['course_learning_objects', ['course_id', 'id_org']],
  ['sessions', ['course_id', 'id']],
  ['external_training', ['training_id']],
  ['learning_plan_enrollments', ['learning_plan_id', 'user_id']],
  ['learning_plan_course_enrollments', ['learning_plan_id', 'course_id', 'user_id']],
])('%s are unique by %j', (table, key) => {
  const records = truth(table);
  expect(new Set(records.map(record => key.map(name => record[name]).join())).size).toBe(records.length);
});

test('every table that the emulator knows has records', () => {
  for (const table of emulatedTables) expect(truth(table).length, table).toBeGreaterThan(0);
});
