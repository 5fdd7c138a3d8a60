import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {type Body, type Client, connect} from './client.js';

let client: Client;
const answered: [string, number][] = [];
let onAnswered: (path: string) => void;
beforeEach(async () => {
  onAnswered = () => {};
  answered.length = 0;
  client = await connect({
    users: 300,
    pageCache: true,
    onAnswered: (path, status) => {
      answered.push([path, status]);
      onAnswered(path);
    },
  });
});
afterEach(() => client.emulator.close());

const ids = (records: Iterable<Body>, key: string): unknown[] => [...records].map(record => record[key]);

describe.each([
  ['users', '/manage/v1/user', 'user_id', 'last_update'],
  ['courses', '/learn/v1/courses', 'id_course', 'date_last_updated'],
  ['course_enrollments', '/course/v1/courses/enrollments', 'user_id', 'enrollment_date_last_updated'],
])('the list of %s', (table, path, key, saved) => {
  const sent = async (): Promise<unknown[]> => ids(await client.all(path), key);
  const truth = (): unknown[] => ids(client.emulator.truth(table), key);

  test('loses a record', async () => {
    const before = await sent();
    client.emulator.edit(table).remove(2);
    expect(await sent()).toEqual(before.toSpliced(2, 1));
    expect(truth()).toEqual(await sent());
  });

  test('gains a record that was not there before, anywhere', async () => {
    const before = await sent();
    const edits = client.emulator.edit(table);
    edits.insert(0);
    edits.insert(before.length + 1);
    const after = await sent();
    expect(after.slice(1, -1)).toEqual(before);
    expect(new Set([...before, after[0], after.at(-1)]).size).toBe(new Set(before).size + 2);
    expect(truth()).toEqual(after);
  });

  test('changes its order', async () => {
    const before = await sent();
    client.emulator.edit(table).move(0, 5);
    expect(await sent()).toEqual([...before.slice(1, 6), before[0], ...before.slice(6)]);
    expect(truth()).toEqual(await sent());
  });

  test('holds a record that was saved again, later each time', async () => {
    const before = await client.all(path);
    const edits = client.emulator.edit(table);
    edits.touch(3);
    const once = await client.all(path);
    expect(once.filter((record, place) => JSON.stringify(record) !== JSON.stringify(before[place]))).toHaveLength(1);
    expect(String(once[3]?.[saved]) > String(before[3]?.[saved])).toBe(true);
    edits.touch(3);
    expect(String((await client.all(path))[3]?.[saved]) > String(once[3]?.[saved])).toBe(true);
  });

  test.each([-1, 1_000_000])('has no position %s', position => {
    const edits = client.emulator.edit(table);
    expect(() => edits.insert(position)).toThrow(RangeError);
    expect(() => edits.remove(position)).toThrow(RangeError);
    expect(() => edits.touch(position)).toThrow(RangeError);
    expect(() => edits.move(0, position)).toThrow(RangeError);
    expect(() => edits.move(position, 0)).toThrow(RangeError);
  });
});

test('both lists of courses change together', async () => {
  client.emulator.edit('courses').move(1, 3);
  expect(ids(await client.all('/course/v1/courses'), 'id')).toEqual(
    ids(await client.all('/learn/v1/courses'), 'id_course'),
  );
});

test('a course that is gone has no children', async () => {
  const [, , , course] = client.emulator.truth('courses');
  const id = course?.['id_course'];
  const children = ['los', 'sessions'].map(name => `/${name === 'los' ? 'learn' : 'course'}/v1/courses/${id}/${name}`);
  for (const path of children) expect((await client.get(path)).status).toBe(200);
  client.emulator.edit('courses').remove(3);
  for (const path of children) expect((await client.get(path)).status).toBe(404);
  for (const table of ['course_learning_objects', 'sessions', 'survey_answers']) {
    expect(ids(client.emulator.truth(table), 'course_id')).not.toContain(id);
  }
});

test('the enrolments of one course are edited on their own', async () => {
  const own = await connect({users: 300, bulkEnrollments: false});
  const [course] = own.emulator.truth('courses');
  const id = Number(course?.['id_course']);
  const path = `/course/v1/courses/${id}/enrollments`;
  const before = ids(await own.all(path), 'user_id');
  const edits = own.emulator.edit('course_enrollments', id);
  edits.remove(0);
  edits.insert(1);
  edits.touch(2);
  const after = await own.all(path);
  expect(ids(after, 'user_id')).toEqual([before[1], after[1]?.['user_id'], ...before.slice(2)]);
  expect(before).not.toContain(after[1]?.['user_id']);
  const truth = [...own.emulator.truth('course_enrollments')].filter(({course_id: of}) => of === id);
  expect(ids(truth, 'user_id')).toEqual(ids(after, 'user_id'));
  await own.emulator.close();
});

test('what cannot be edited says what can', () => {
  expect(() => client.emulator.edit('polls')).toThrow(/polls cannot be edited; users, courses/);
  expect(() => client.emulator.edit('course_enrollments', 1)).toThrow(RangeError);
});

describe('a reader', () => {
  test('can be told of each answer before the next', async () => {
    await client.get('/manage/v1/user?page=1');
    await client.get('/manage/v1/nothing');
    // The token is no request for data.
    expect(answered).toEqual([
      ['/manage/v1/user?page=1', 200],
      ['/manage/v1/nothing', 404],
    ]);
  });

  test('misses a record when an earlier one goes between two pages', async () => {
    const before = ids(client.emulator.truth('users'), 'user_id');
    onAnswered = path => {
      if (path.includes('page=1')) client.emulator.edit('users').remove(0);
    };
    const read = ids(await client.all('/manage/v1/user?x=1'), 'user_id');
    expect(read).not.toContain(before[200]);
    expect(ids(client.emulator.truth('users'), 'user_id')).toContain(before[200]);
  });

  test('meets a record twice when one comes before it', async () => {
    onAnswered = path => {
      if (path.includes('page=1')) client.emulator.edit('users').insert(0);
    };
    const read = ids(await client.all('/manage/v1/user'), 'user_id');
    expect(read).toHaveLength(301);
    expect(new Set(read).size).toBe(300);
  });
});
