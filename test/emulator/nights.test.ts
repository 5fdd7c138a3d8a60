import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {Nights} from '../../src/emulator/index.js';
import {type Body, type Client, connect} from './client.js';

let client: Client;
let nights: Nights;
beforeEach(async () => {
  // With the page cache, an edit that forgets to clear it is seen.
  client = await connect({users: 300, seed: 7, pageCache: true});
  nights = client.emulator.nights;
});
afterEach(() => client.emulator.close());

const at = new Date('2026-03-04T05:06:07Z');
const moment = '2026-03-04 05:06:07';
const dated = 'extra_fields[]=enrollment_date_last_updated';

interface Key {
  readonly course: number;
  readonly user: number;
}

/** An enrolment in a course with sessions, neither the first nor the last of its lists, of somebody who is in a plan too. */
async function choose(): Promise<Key> {
  const learn = await client.all('/learn/v1/enrollments');
  const planned = new Set(learn.filter(({type}) => type === 'learning_plan').map(({user_id: user}) => user));
  const found = learn.find(
    ({user_id: user, enrolled_sessions: sessions}, place) =>
      place > 0 && planned.has(user) && Array.isArray(sessions) && sessions.length > 0,
  );
  return {course: Number(found?.['id']), user: Number(found?.['user_id'])};
}

/** The lists that send enrolments in courses, with how each calls the course and the dates. */
const listsOf = (course: number) =>
  [
    ['/course/v1/courses/enrollments', 'course_id', 'enrollment_created_at', 'enrollment_date_last_updated'],
    [
      `/course/v1/courses/${course}/enrollments?${dated}`,
      'course_id',
      'enrollment_date',
      'enrollment_date_last_updated',
    ],
    ['/learn/v1/enrollments', 'id', 'enroll_date_of_enrollment', 'date_last_updated'],
  ] as const;

/** How an edit changes each list of enrolments. */
async function compare(course: number, edit: () => void) {
  const read = () => Promise.all(listsOf(course).map(([path]) => client.all(path)));
  const before = await read();
  edit();
  const after = await read();
  return listsOf(course).map(([, courseKey, created, changed], place) => {
    const is =
      ({course: of, user}: Key) =>
      (record: Body) =>
        record[courseKey] === of && record['user_id'] === user && record['type'] !== 'learning_plan';
    return {before: before[place] ?? [], after: after[place] ?? [], is, courseKey, created, changed};
  });
}

const find = (records: readonly Body[], is: (record: Body) => boolean): Body => records.find(is) ?? {};

describe('an enrolment', () => {
  test('that is touched shows when in each list, and no other changes', async () => {
    const key = await choose();
    const lists = await compare(key.course, () => nights.touchEnrollment(key.course, key.user, {at}));
    for (const {before, after, is, created, changed} of lists) {
      const [old, now] = [find(before, is(key)), find(after, is(key))];
      expect(now[changed]).toBe(moment);
      expect(now[created]).toBe(old[created]);
      expect(after.map(record => (is(key)(record) ? old : record))).toEqual(before);
    }
  });

  test('that is touched in silence keeps its date, though not its values', async () => {
    const key = await choose();
    const lists = await compare(key.course, () => nights.touchEnrollment(key.course, key.user, {isSilent: true}));
    for (const {before, after, is, changed} of lists) {
      const [old, now] = [find(before, is(key)), find(after, is(key))];
      expect(now[changed]).toBe(old[changed]);
      expect(now).not.toEqual(old);
    }
  });

  test('may get other members and other types, in each list as that list has it', async () => {
    const key = await choose();
    const lists = await compare(key.course, () => {
      nights.touchEnrollment(key.course, key.user, {changes: {user_id: String(key.user), brand_new: [1]}});
      nights.touchEnrollment(key.course, key.user, {changes: sent => ({members: Object.keys(sent).length})});
    });
    for (const {before, after, is, courseKey} of lists) {
      const length = Object.keys(find(before, is(key))).length;
      const now = find(after, record => record['user_id'] === String(key.user));
      expect(now).toMatchObject({[courseKey]: key.course, brand_new: [1], members: length + 1});
    }
  });

  test('leaves each list, and the session that it was in', async () => {
    const key = await choose();
    const inSession = () =>
      [...client.emulator.truth('session_enrollments')].filter(
        ({course_id: course, user_id: user}) => course === key.course && user === key.user,
      );
    expect(inSession()).toHaveLength(1);
    const lists = await compare(key.course, () => nights.removeEnrollment(key.course, key.user));
    for (const {before, after, is} of lists) expect(after).toEqual(before.filter(record => !is(key)(record)));
    expect(inSession()).toEqual([]);
    expect(() => nights.removeEnrollment(key.course, key.user)).toThrow(RangeError);
    expect(() => nights.touchEnrollment(key.course, key.user)).toThrow(RangeError);
  });

  test('comes for a user who is there, at a place or at the end', async () => {
    const {course, user} = await choose();
    const taken = (await client.all(`/course/v1/courses/${course}/enrollments`)).map(record => record['user_id']);
    const [first, second] = [...client.emulator.truth('users')]
      .map(record => Number(record['user_id']))
      .filter(id => !taken.includes(id));
    const newcomers = [first ?? 0, second ?? 0];
    const lists = await compare(course, () => {
      nights.addEnrollment(course, newcomers[0] ?? 0, {at});
      nights.addEnrollment(course, newcomers[1] ?? 0, {at, position: 0, changes: {brand_new: true}});
    });
    for (const {before, after, is, created, changed} of lists) {
      for (const newcomer of newcomers)
        expect(find(after, is({course, user: newcomer}))).toMatchObject({[created]: moment, [changed]: moment});
      expect(find(after, is({course, user: newcomers[1] ?? 0}))).toHaveProperty('brand_new', true);
      expect(
        after.filter(({user_id, [created]: date}) => !(newcomers.includes(Number(user_id)) && date === moment)),
      ).toEqual(before);
    }
    const [bulk] = lists;
    expect(bulk?.after.map(record => record['user_id']).at(0)).toBe(newcomers[1]);
    expect(bulk?.after.map(record => record['user_id']).at(-1)).toBe(newcomers[0]);
    expect(() => nights.addEnrollment(course, user)).toThrow(RangeError);
    expect(() => nights.addEnrollment(course, 1)).toThrow(RangeError);
  });

  test('that is renewed has its key, other dates and another place', async () => {
    const key = await choose();
    const lists = await compare(key.course, () => {
      nights.touchEnrollment(key.course, key.user, {changes: {brand_new: true}});
      nights.renewEnrollment(key.course, key.user, {at});
    });
    for (const {before, after, is, created, changed} of lists) {
      const now = after.filter(is(key));
      expect(now).toEqual([expect.objectContaining({[created]: moment, [changed]: moment})]);
      expect(now[0]).not.toHaveProperty('brand_new');
      expect(after.findIndex(is(key))).not.toBe(before.findIndex(is(key)));
      expect(after.filter(record => !is(key)(record))).toEqual(before.filter(record => !is(key)(record)));
    }
    const again = await compare(key.course, () => nights.renewEnrollment(key.course, key.user));
    for (const {before, after, is, changed} of again) {
      expect(after.findIndex(is(key))).not.toBe(before.findIndex(is(key)));
      expect(String(find(after, is(key))[changed]) > moment).toBe(true);
    }
  });

  test('is edited by its position in the list of all and in that of its course alike', async () => {
    const {course} = await choose();
    for (const [edits, own, other] of [
      [client.emulator.edit('course_enrollments'), 0, 1],
      [client.emulator.edit('course_enrollments', course), 1, 0],
    ] as const) {
      const lists = await compare(course, () => {});
      const ofCourse = lists.map(({after, courseKey}) => after.filter(record => record[courseKey] === course));
      const user = ofCourse[own]?.[2]?.['user_id'];
      const position = lists[own]?.after.findIndex(
        record => record['user_id'] === user && record['course_id'] === course,
      );
      edits.touch(position ?? 0, {at});
      const touched = await compare(course, () => edits.remove(position ?? 0));
      const key = {course, user: Number(user)};
      for (const {before, after, is, changed} of touched) {
        expect(find(before, is(key))[changed]).toBe(moment);
        expect(after).toEqual(before.filter(record => !is(key)(record)));
      }
      expect(touched[other]?.after).toHaveLength((touched[other]?.before.length ?? 0) - 1);
    }
  });
});

describe('a user', () => {
  const path = '/manage/v1/user';

  test('shows when it was touched, unless it is in silence', async () => {
    const before = await client.all(path);
    const [first, second] = before.map(({user_id: id}) => Number(id));
    nights.touchUser(first ?? 0, {at, changes: {first_name: 'Ada'}});
    nights.touchUser(second ?? 0, {isSilent: true});
    const after = await client.all(path);
    expect(after[0]).toMatchObject({
      last_update: moment,
      first_name: 'Ada',
      creation_date: before[0]?.['creation_date'],
    });
    expect(after[1]).toMatchObject({last_update: before[1]?.['last_update']});
    expect(after[1]).not.toEqual(before[1]);
    expect(after.slice(2)).toEqual(before.slice(2));
    const [{id} = {}] = await client.all('/manage/v1/orgchart');
    const inBranch = await client.all(`${path}?branch_id=${id}&selection_status=2`);
    expect(inBranch.filter(({user_id}) => user_id === String(first))).toEqual(
      inBranch.some(({user_id}) => user_id === String(first)) ? [after[0]] : [],
    );
  });

  test('comes, and can be enrolled', async () => {
    const before = await client.all(path);
    const {course} = await choose();
    const user = nights.addUser({at, position: 1, changes: {first_name: 'Ada'}});
    nights.addEnrollment(course, user, {at});
    const after = await client.all(path);
    const newcomer = {user_id: String(user), creation_date: moment, last_update: moment, first_name: 'Ada'};
    expect(after[1]).toMatchObject(newcomer);
    expect(after.toSpliced(1, 1)).toEqual(before);
    const [enrolment] = await client.all(`/learn/v1/enrollments?id_user[]=${user}`);
    expect(enrolment).toMatchObject({user_id: user, id: course});
    nights.removeUser(user);
    expect(await client.all(path)).toEqual(before);
    expect(await client.all(`/learn/v1/enrollments?id_user[]=${user}`)).toEqual([]);
  });

  test('goes with all enrolments, in courses and in plans', async () => {
    const {course, user} = await choose();
    const tables = [
      'users',
      'course_enrollments',
      'enrollments',
      'session_enrollments',
      'learning_plan_enrollments',
      'learning_plan_course_enrollments',
    ];
    const read = () => tables.map(table => [...client.emulator.truth(table)]);
    const before = read();
    const lists = await compare(course, () => nights.removeUser(user));
    const isOther = (record: Body) => Number(record['user_id']) !== user;
    for (const list of lists) {
      expect(list.after).toEqual(list.before.filter(isOther));
      expect(list.after.length).toBeLessThan(list.before.length);
    }
    expect(read()).toEqual(before.map(records => records.filter(isOther)));
    for (const records of before) expect(records.some(record => !isOther(record))).toBe(true);
    expect(() => nights.removeUser(user)).toThrow(RangeError);
  });
});

describe('a course', () => {
  /** What is sent of a course beside its enrolments. */
  async function readCourse({body, all}: Client, id: number) {
    const {data: detail} = (await body(`/learn/v1/courses/${id}`)) as {data: Body};
    const {data: objects} = (await body(`/learn/v1/courses/${id}/los`)) as {data: Body};
    const {data: mapped} = (await body(`/learn/v1/courses/${id}/sessions`)) as {data: Body};
    const paged = await all(`/course/v1/courses/${id}/sessions`);
    const catalogued = (await all('/learn/v1/courses')).find(record => record['id_course'] === id);
    const managed = (await all('/course/v1/courses')).find(record => record['id'] === id);
    return {detail, objects, mapped, paged, catalogued, managed};
  }

  test.each([false, true])('changes with all that belongs to it (in silence: %s)', async isSilent => {
    const {course} = await choose();
    const lists = await compare(course, () => {});
    const before = await readCourse(client, course);
    nights.touchCourse(course, {at, isSilent, changes: {brand_new: true}});
    const after = await readCourse(client, course);
    for (const part of ['detail', 'objects', 'mapped', 'paged', 'catalogued', 'managed'] as const)
      expect(after[part], part).not.toEqual(before[part]);
    expect(after.catalogued?.['date_last_updated']).toBe(isSilent ? before.catalogued?.['date_last_updated'] : moment);
    expect(after.managed?.['last_update']).toBe(isSilent ? before.managed?.['last_update'] : moment);
    for (const part of ['detail', 'catalogued', 'managed'] as const) expect(after[part]).toHaveProperty('brand_new');
    // Its enrolments do not.
    expect((await compare(course, () => {})).map(list => list.after)).toEqual(lists.map(list => list.after));
    expect(after.detail).toEqual([...client.emulator.truth('course_details')].find(({id}) => id === course));
    expect(after.paged.map(session => ({...session, course_id: course}))).toEqual(
      [...client.emulator.truth('sessions')].filter(({course_id: id}) => id === course),
    );
  });

  test('has another name wherever it is named, and its enrolments keep their dates', async () => {
    const {course} = await choose();
    const lists = await compare(course, () => nights.renameCourse(course, 'Another name', {at}));
    const {detail, catalogued, managed} = await readCourse(client, course);
    expect(detail).toHaveProperty('name', 'Another name');
    expect(catalogued).toMatchObject({name: 'Another name', date_last_updated: moment});
    expect(managed).toMatchObject({title: 'Another name', last_update: moment});
    for (const {before, after, courseKey, changed} of lists) {
      const isOf = (record: Body) => record[courseKey] === course && record['type'] !== 'learning_plan';
      expect(after.map(record => record[changed])).toEqual(before.map(record => record[changed]));
      expect(after.filter(record => !isOf(record))).toEqual(before.filter(record => !isOf(record)));
      for (const record of after.filter(isOf)) {
        if ('course_name' in record || 'name' in record) expect(Object.values(record)).toContain('Another name');
      }
    }
    expect(lists[2]?.after.filter(({name}) => name === 'Another name').length).toBeGreaterThan(1);
    nights.renameCourse(course, 'A third name', {isSilent: true});
    expect((await readCourse(client, course)).catalogued).toMatchObject({
      name: 'A third name',
      date_last_updated: moment,
    });
  });

  test('goes with its enrolments and its own lists', async () => {
    const [{course_id: id} = {}] = [...client.emulator.truth('learning_plan_course_enrollments')];
    const course = Number(id);
    const tables = ['course_enrollments', 'learning_plan_courses', 'learning_plan_course_enrollments'];
    const idOf = (record: Body) => record['course_id'] ?? record['id'];
    const before = tables.map(table => [...client.emulator.truth(table)]);
    nights.removeCourse(course);
    expect(tables.map(table => [...client.emulator.truth(table)])).toEqual(
      before.map(records => records.filter(record => idOf(record) !== course)),
    );
    for (const records of before) expect(records.some(record => idOf(record) === course)).toBe(true);
    for (const path of ['', '/los', '/sessions'])
      expect((await client.get(`/learn/v1/courses/${course}${path}`)).status).toBe(404);
    for (const [path, key] of [
      ['/learn/v1/courses', 'id_course'],
      ['/course/v1/courses', 'id'],
    ] as const)
      expect((await client.all(path)).map(record => record[key])).not.toContain(course);
    expect(await client.all(`/learn/v1/enrollments?id_course[]=${course}`)).toEqual([]);
    expect(() => nights.touchCourse(course)).toThrow(RangeError);
  });

  test('comes with what belongs to a course', async () => {
    const before = await client.all('/learn/v1/courses');
    const [{user_id: user} = {}] = client.emulator.truth('users');
    const courses = Array.from({length: 12}, () => nights.addCourse({at}));
    const [course = 0] = courses;
    nights.addEnrollment(course, Number(user), {at});
    const after = await client.all('/learn/v1/courses');
    expect(after.slice(0, -12)).toEqual(before);
    expect(after.slice(-12)).toEqual(
      courses.map(id => expect.objectContaining({id_course: id, date_last_updated: moment})),
    );
    const managed = (await client.all('/course/v1/courses')).slice(-12);
    expect(managed).toEqual(courses.map(id => expect.objectContaining({id, creation_date: moment, enrolled_count: 0})));
    expect((await client.get(`/learn/v1/courses/${course}`)).status).toBe(200);
    expect(await client.all(`/course/v1/courses/${course}/enrollments`)).toHaveLength(1);
    for (const table of ['course_details', 'course_learning_objects', 'sessions']) {
      const ids = new Set([...client.emulator.truth(table)].map(record => record['course_id'] ?? record['id']));
      expect(
        courses.some(id => ids.has(id)),
        table,
      ).toBe(true);
    }
  });
});

test('a cursor pages over the lists as they were before a night', async () => {
  const {course, user} = await choose();
  for (const path of ['/manage/v1/user', '/learn/v1/courses', '/learn/v1/enrollments']) {
    const before = await client.all(path);
    const {data} = (await client.body(`${path}?get_cursor=1`)) as {data: Body};
    const again = (await client.body(`${path}?get_cursor=1`)) as {data: Body};
    nights.touchUser(Number([...client.emulator.truth('users')][5]?.['user_id']), {at});
    nights.touchCourse(course, {at, changes: {name: 'Another name'}});
    nights.renewEnrollment(course, user, {at});
    expect(await client.all(`${path}?cursor=${data['cursor']}`)).toEqual(before);
    nights.removeUser(Number([...client.emulator.truth('users')][7]?.['user_id']));
    expect(await client.all(`${path}?cursor=${again.data['cursor']}`)).toEqual(before);
    expect(await client.all(path)).not.toEqual(before);
  }
});
