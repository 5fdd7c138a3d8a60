import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {startEmulator} from '../../src/emulator/index.js';
import {type Body, type Client, connect} from './client.js';

let client: Client;
beforeAll(async () => {
  client = await connect({users: 450, seed: 7});
});
afterAll(() => client.emulator.close());

interface Envelope {
  data: {items: Body[]; [member: string]: unknown};
  _links: unknown;
}
const page = async (query: string, path = '/manage/v1/user'): Promise<Envelope> =>
  (await client.body(`${path}?${query}`)) as unknown as Envelope;

describe('pages', () => {
  test('hold 200 records by default and say whether more follow', async () => {
    const {data} = await page('');
    expect(data).toMatchObject({
      count: 200,
      has_more_data: true,
      current_page: 1,
      current_page_size: 200,
      cursor: null,
    });
    expect(data.items).toHaveLength(200);
  });

  test('end with a short one, after which they are empty', async () => {
    expect((await page('page=3')).data).toMatchObject({count: 50, has_more_data: false});
    expect((await page('page=4')).data).toMatchObject({count: 0, has_more_data: false, items: []});
  });

  test('do not overlap', async () => {
    const ids = (await client.all('/manage/v1/user')).map(({user_id: id}) => id);
    expect(new Set(ids).size).toBe(450);
  });

  test('are clamped to 200 records', async () => {
    expect((await page('page_size=99999')).data).toMatchObject({count: 200, current_page_size: 200});
  });

  test('are clamped to fewer where a tenant does', async () => {
    const small = await connect({users: 450, seed: 7, largestPage: 50});
    const path = '/manage/v1/user?page_size=200&get_total_count=1';
    expect(await small.body(path)).toMatchObject({data: {count: 50, current_page_size: 50, total_page_count: 9}});
    expect(await small.body('/manage/v1/user')).toMatchObject({data: {count: 50}});
    expect(await small.all('/manage/v1/user')).toEqual([...client.emulator.truth('users')]);
    await small.emulator.close();
  });

  test('of the course catalogue hold 20 by default', async () => {
    expect((await page('', '/learn/v1/courses')).data).toMatchObject({count: 20, current_page_size: 20});
  });

  test('give totals only when asked', async () => {
    expect((await page('')).data).not.toHaveProperty('total_count');
    expect((await page('get_total_count=1&page_size=100')).data).toMatchObject({total_count: 450, total_page_count: 5});
  });

  test('have links as a list when there is one page and as a map when there are more', async () => {
    expect((await page(''))['_links']).toHaveProperty('goto.href');
    expect((await page('', '/manage/v1/user_fields'))['_links']).toEqual([]);
  });

  test('run backwards when asked', async () => {
    const forwards = (await client.all('/learn/v1/courses')).map(({id_course: id}) => id);
    const backwards = (await client.all('/learn/v1/courses?sort_by_direction=desc')).map(({id_course: id}) => id);
    expect(backwards).toEqual(forwards.reverse());
  });
});

describe('a tenant', () => {
  test('is the same for the same seed and another for another', async () => {
    const [same, other] = await Promise.all([
      startEmulator({users: 450, seed: 7}),
      startEmulator({users: 450, seed: 8}),
    ]);
    for (const table of ['users', 'course_enrollments', 'sessions', 'survey_answers']) {
      const truth = JSON.stringify([...client.emulator.truth(table)]);
      expect(JSON.stringify([...same.truth(table)])).toBe(truth);
      expect(JSON.stringify([...other.truth(table)])).not.toBe(truth);
    }
    await Promise.all([same.close(), other.close()]);
  });

  test('has users whose numbers and flags are strings, with gaps among the additional fields', () => {
    const [user] = client.emulator.truth('users');
    expect(user).toMatchObject({user_id: expect.stringMatching(/^\d+$/), is_manager: expect.any(Boolean)});
    expect(user).toHaveProperty('field_7');
    expect(user).not.toHaveProperty('field_6');
    expect(user).not.toHaveProperty('field_14');
  });

  test('holds zero dates, impossible dates and empty dates', () => {
    const dates = new Set(
      [...client.emulator.truth('course_enrollments')].map(record => record['enrollment_created_at']),
    );
    expect([...dates]).toEqual(expect.arrayContaining(['0000-00-00 00:00:00', '2023-02-30 10:00:00', '', null]));
  });
});

describe('the org chart', () => {
  test('gives the children of one node', async () => {
    const top = await client.all('/manage/v1/orgchart');
    expect(new Set(top.map(({lev}) => lev))).toEqual(new Set(['1']));
    const [first] = top;
    const below = await client.all(`/manage/v1/orgchart?node_id=${first?.['id']}`);
    expect(below.length).toBeGreaterThan(0);
    expect(below.every(({parent_id: parent}) => parent === first?.['id'])).toBe(true);
  });

  test('gives all five levels when flattened', async () => {
    const all = await client.all('/manage/v1/orgchart?flattened=true');
    expect(Math.max(...all.map(({lev}) => Number(lev)))).toBe(5);
  });

  test('ignores flattened where a tenant does', async () => {
    const plain = await connect({flattenedOrgChart: false});
    expect(await plain.all('/manage/v1/orgchart?flattened=true')).toEqual(await plain.all('/manage/v1/orgchart'));
    await plain.emulator.close();
  });

  test('names the root beside the items, unless a tenant does not', async () => {
    expect(await client.body('/manage/v1/orgchart')).toMatchObject({extra_data: {id: 0, is_root: true}});
    const plain = await connect({namesRoot: false});
    expect(await plain.body('/manage/v1/orgchart')).not.toHaveProperty('extra_data');
    const members = (emulator: typeof plain.emulator) =>
      new Set([...emulator.truth('user_branches')].map(({branch_id: id}) => id));
    expect([members(client.emulator).has(0), members(plain.emulator).has(0)]).toEqual([true, false]);
    await plain.emulator.close();
  });

  test('tells the users of a branch, alone or with those below', async () => {
    const [top] = await client.all('/manage/v1/orgchart');
    const id = top?.['id'];
    const usersOf = async (path: string) => (await client.all(path)).map(({user_id}) => Number(user_id)).sort();
    const alone = await usersOf(`/manage/v1/user?branch_id=${id}`);
    const all = await usersOf(`/manage/v1/user?branch_id=${id}&selection_status=2`);
    expect(all.length).toBeGreaterThan(alone.length);
    expect(alone.length).toBeGreaterThan(0);
    expect(await usersOf(`/manage/v1/user?branch_id=${id}&selection_status=1`)).toEqual(alone);
    expect(await usersOf(`/manage/v1/orgchart/${id}/users?only_first_level=1`)).toEqual(alone);
    expect(await usersOf(`/manage/v1/orgchart/${id}/users`)).toEqual(all);
    const everybody = await usersOf('/manage/v1/user?branch_id=0&selection_status=2');
    expect(everybody).toEqual(await usersOf('/manage/v1/user'));
    expect((await client.get('/manage/v1/user?branch_id=1')).status).toBe(404);
  });

  test('can be walked down to the whole tree', async () => {
    const found: unknown[] = [];
    const walk = async (query: string): Promise<void> => {
      for (const {id, has_children: more} of await client.all(`/manage/v1/orgchart${query}`)) {
        found.push(id);
        if (more) await walk(`?node_id=${id}`);
      }
    };
    await walk('');
    expect(found).toEqual([...client.emulator.truth('branches')].slice(1).map(({id}) => id));
  });
});

test('categories come one level at a time, with the root beside them', async () => {
  const {data, ...rest} = (await client.body('/learn/v1/categories')) as unknown as Envelope & {extra_data: Body};
  expect(rest.extra_data).toMatchObject({is_root: true});
  expect(data.items.length).toBeLessThan([...client.emulator.truth('categories')].length);
});

test('user fields come as a bare list with their options on request', async () => {
  const {data} = await client.body('/manage/v1/user_fields?as_array=1');
  expect(data).toEqual(expect.arrayContaining([expect.objectContaining({options: expect.any(Array)})]));
});

test('the enrolments of each course agree with the list of all', async () => {
  const bulk = await client.all('/course/v1/courses/enrollments');
  const counts = new Map(
    (await client.all('/course/v1/courses')).map(course => [course['id'], course['enrolled_count']]),
  );
  let empty = 0;
  for (const {id_course: id} of client.emulator.truth('courses')) {
    const ofCourse = await client.all(`/course/v1/courses/${id}/enrollments`);
    const expected = bulk.filter(({course_id: course}) => course === id);
    expect(ofCourse.map(item => [item['user_id'], item['status']])).toEqual(
      expected.map(item => [item['user_id'], item['enrollment_status']]),
    );
    expect(counts.get(id)).toBe(ofCourse.length);
    if (ofCourse.length === 0) empty += 1;
  }
  expect(empty).toBeGreaterThan(0);
});

test('the enrolments of chosen courses can be asked for', async () => {
  const [course] = client.emulator.truth('courses');
  const id = course?.['id_course'];
  const chosen = await client.all(`/course/v1/courses/enrollments?course_id[]=${id}`);
  expect(chosen.every(item => item['course_id'] === id)).toBe(true);
  expect(chosen).toHaveLength((await client.all(`/course/v1/courses/${id}/enrollments`)).length);
});

test('courses and enrolments can be asked for since a moment', async () => {
  const since = '2023-01-01 00:00:00';
  for (const path of ['/learn/v1/courses', '/learn/v1/enrollments']) {
    const all = await client.all(path);
    const recent = await client.all(`${path}?updated_from=${encodeURIComponent(since)}`);
    expect(recent).toEqual(all.filter(item => String(item['date_last_updated']) >= since));
    expect(recent.length).toBeLessThan(all.length);
  }
});

test('learning plan enrolments carry extras only on request', async () => {
  const path = '/learningplan/v1/learningplans/enrollments';
  const [plain] = await client.all(path);
  expect(plain).not.toHaveProperty('enrollment_status');
  const [asked] = await client.all(`${path}?extra_fields[0]=enrollment_status`);
  expect(asked).toHaveProperty('enrollment_status');
  expect(asked).not.toHaveProperty('enrollment_time_spent');
});

describe('a tenant that refuses what others allow', () => {
  test('answers 403 to the enrolments of all courses', async () => {
    const refusing = await connect({bulkEnrollments: false});
    expect((await refusing.get('/course/v1/courses/enrollments')).status).toBe(403);
    const [record] = refusing.emulator.truth('course_enrollments');
    expect(record).toHaveProperty('active_from');
    await refusing.emulator.close();
  });

  test('gives sessions as a map, which is a list when empty', async () => {
    const mapping = await connect({sessionsRoute: 'map'});
    const courses = [...mapping.emulator.truth('courses')];
    const records: Body[] = [];
    const empty: unknown[] = [];
    for (const {id_course: id} of courses) {
      const {data} = (await mapping.body(`/learn/v1/courses/${id}/sessions`)) as {data: {sessions: Body | []}};
      if (Array.isArray(data.sessions)) empty.push(id);
      else for (const session of Object.values(data.sessions)) records.push({...(session as Body), course_id: id});
    }
    expect(records).toEqual([...mapping.emulator.truth('sessions')]);
    expect(empty.length).toBeGreaterThan(0);
    expect((await mapping.get(`/course/v1/courses/${courses[3]?.['id_course']}/sessions`)).status).toBe(404);
    await mapping.emulator.close();
  });
});

test.each([
  ['legacy', '/manage/v1/group', '/audiences/v1/audience'],
  ['numbered', '/audiences/v1/audience', '/manage/v1/group'],
] as const)('a tenant of %s groups serves them by number', async (kind, path, notServed) => {
  const old = await connect({groups: kind});
  expect((await old.get(notServed)).status).toBe(404);
  const groups = await old.all(path);
  expect(groups).toEqual([...old.emulator.truth('groups')]);
  const members: Body[] = [];
  for (const {group_id: id, total_members: total} of groups) {
    const ofGroup = await old.all(`/manage/v1/group/${id}/members`);
    expect(ofGroup).toHaveLength(Number(total));
    members.push(...ofGroup.map(member => ({...member, group_id: id})));
  }
  expect(members).toEqual([...old.emulator.truth('group_members')]);
  await old.emulator.close();
  expect((await client.get('/manage/v1/group')).status).toBe(404);
});

test('lists of enrolments give those of the levels that are asked for', async () => {
  const [plan] = client.emulator.truth('learning_plans');
  const [course] = client.emulator.truth('courses');
  for (const [path, key] of [
    ['/course/v1/courses/enrollments', 'enrollment_level'],
    [`/course/v1/courses/${course?.['id_course']}/enrollments`, 'level'],
    [`/learningplan/v1/learningplans/${plan?.['learning_plan_id']}/courses/enrollments`, 'enrollment_level'],
  ] as const) {
    const all = await client.all(path);
    const students = await client.all(`${path}?enrollment_level[]=student`);
    expect(students).toEqual(all.filter(record => record[key] === 'student'));
    expect(students.length, path).toBeLessThan(all.length);
    expect(await client.all(`${path}?enrollment_level[0]=student&enrollment_level[1]=instructor`)).toEqual(all);
  }
});

test('enrolments of courses and of learning plans stand in one list', async () => {
  const all = await client.all('/learn/v1/enrollments');
  const inPlans = all.filter(({type}) => type === 'learning_plan');
  expect(inPlans).toHaveLength([...client.emulator.truth('learning_plan_enrollments')].length);
  expect(all.length - inPlans.length).toBe([...client.emulator.truth('course_enrollments')].length);
});
