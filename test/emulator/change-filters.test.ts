import {describe, expect, onTestFinished, test} from 'vitest';
import type {ChangeFilter, EmulatorOptions} from '../../src/emulator/index.js';
import {type Body, type Client, connect} from './client.js';

async function open(changeFilter: Partial<ChangeFilter> = {}, options: EmulatorOptions = {}): Promise<Client> {
  const client = await connect({users: 300, seed: 7, changeFilter, ...options});
  onTestFinished(() => client.emulator.close());
  return client;
}

const lists = [
  ['users', '/manage/v1/user', 'last_update'],
  ['courses', '/learn/v1/courses', 'date_last_updated'],
  ['enrollments', '/learn/v1/enrollments', 'date_last_updated'],
] as const;

const since = (path: string, from?: string, to?: string, more: Record<string, string> = {}): string =>
  `${path}?${new URLSearchParams({...(from && {updated_from: from}), ...(to && {updated_to: to}), ...more})}`;

/** Two dates on which records were changed, so that who leaves out the bounds is seen. */
function boundsOf(records: readonly Body[], key: string): [from: string, to: string] {
  const dates = records.map(record => String(record[key])).toSorted();
  return [dates[Math.floor(dates.length / 4)] ?? '', dates[Math.floor(dates.length / 2)] ?? ''];
}

const within = (records: readonly Body[], key: string, from: string, to: string): Body[] =>
  records.filter(record => String(record[key]) >= from && String(record[key]) <= to);

function shift(text: string, hours: number): string {
  const moment = new Date(Date.parse(`${text.replace(' ', 'T')}Z`) + hours * 3_600_000);
  return moment.toISOString().slice(0, 19).replace('T', ' ');
}

async function askCount(client: Client, path: string): Promise<Body> {
  const {data} = (await client.body(`${path}&get_total_count=1&page_size=1`)) as {data: Body};
  return data;
}

describe.each(lists)('the list of %s', (name, path, changed) => {
  test('gives what changed from one moment to another, both included, and says how much that is', async () => {
    const client = await open();
    const all = await client.all(path);
    const [from, to] = boundsOf(all, changed);
    const expected = within(all, changed, from, to);
    expect(await client.all(since(path, from, to))).toEqual(expected);
    expect(await askCount(client, since(path, from, to))).toMatchObject({
      count: 1,
      total_count: expected.length,
      total_page_count: expected.length,
    });
    expect(await client.all(since(path, from))).toEqual(within(all, changed, from, '9'));
    expect(await client.all(since(path, undefined, to))).toEqual(within(all, changed, '', to));
    expect(await client.all(since(path, from.slice(0, 10)))).toEqual(within(all, changed, from.slice(0, 10), '9'));
    expect(expected.length).toBeGreaterThan(1);
  });

  test('pages over what changed by a cursor, as it was', async () => {
    const client = await open();
    const all = await client.all(path);
    const [from, to] = boundsOf(all, changed);
    const {data} = (await client.body(since(path, from, to, {get_cursor: '1'}))) as {data: Body};
    const edits = client.emulator.edit(name === 'enrollments' ? 'course_enrollments' : name);
    const [first, second] = within(all, changed, from, to).map(record => all.indexOf(record));
    edits.touch(second ?? 0);
    edits.remove(first ?? 0);
    expect(await client.all(`${path}?cursor=${data['cursor']}`)).toEqual(within(all, changed, from, to));
    expect(await client.all(since(path, from, to))).toEqual(within(await client.all(path), changed, from, to));
    expect(await client.all(since(path, from, to))).not.toEqual(within(all, changed, from, to));
  });

  test.each([
    ['ignores the filter', {kind: 'ignored'}],
    ['is not among those that take it', {lists: lists.map(([other]) => other).filter(other => other !== name)}],
  ] as const)('is whole where it %s', async (_, changeFilter) => {
    const client = await open(changeFilter);
    const all = await client.all(path);
    const [from, to] = boundsOf(all, changed);
    expect(await client.all(since(path, from, to))).toEqual(all);
    expect(await askCount(client, since(path, from, to))).toMatchObject({total_count: all.length});
  });

  test('is refused with the filter, and served without', async () => {
    const client = await open({kind: 'refused'});
    expect((await client.get(since(path, '2020-01-01 00:00:00'))).status).toBe(400);
    expect((await client.get(since(path, undefined, '2020-01-01 00:00:00'))).status).toBe(400);
    expect((await client.get(path)).status).toBe(200);
  });

  test.each(['yesterday', '2023-02-30 10:00:00', '2023-01-01T00:00:00Z'])('refuses the bound %s', async bound => {
    const client = await open();
    expect((await client.get(since(path, bound))).status).toBe(400);
    expect((await client.get(since(path, undefined, bound))).status).toBe(400);
  });

  test('gives whole days', async () => {
    const client = await open({kind: 'days'});
    const all = await client.all(path);
    const [from, to] = boundsOf(all, changed);
    const sent = await client.all(since(path, from, to));
    expect(sent).toEqual(within(all, changed, from.slice(0, 10), `${to.slice(0, 10)} 23:59:59`));
  });

  test('leaves out what changed at the very bounds', async () => {
    const client = await open({kind: 'exclusive'});
    const all = await client.all(path);
    const [from, to] = boundsOf(all, changed);
    const sent = await client.all(since(path, from, to));
    const inside = within(all, changed, from, to);
    expect(sent).toEqual(inside.filter(record => record[changed] !== from && record[changed] !== to));
    expect(inside.length - sent.length).toBeGreaterThanOrEqual(2);
  });

  test.each([-12, 14])('goes by a clock that is %i hours ahead', async zoneHours => {
    const client = await open({zoneHours});
    const all = await client.all(path);
    const [from, to] = boundsOf(all, changed).map(bound => shift(bound, zoneHours));
    const inside = within(all, changed, shift(from ?? '', -zoneHours), shift(to ?? '', -zoneHours));
    expect(await client.all(since(path, from, to))).toEqual(inside);
    expect(inside.length).toBeGreaterThan(1);
  });

  test('comes in another order with the filter', async () => {
    const client = await open({isSorted: false});
    const all = await client.all(path);
    const [from, to] = boundsOf(all, changed);
    const inside = within(all, changed, from, to);
    for (let i = 0; i < 2; i += 1) expect(await client.all(since(path, from, to))).toEqual(inside.toReversed());
    expect(await client.all(path)).toEqual(all);
  });

  test('does not say how much changed, by no member of the reply', async () => {
    const client = await open({isCounted: false});
    const all = await client.all(path);
    const [from, to] = boundsOf(all, changed);
    const {data} = (await client.body(since(path, from, to, {get_cursor: '1'}))) as {data: Body};
    for (const query of [since(path, from, to), `${path}?cursor=${data['cursor']}`]) {
      const reply = await client.body(`${query}&get_total_count=1&page_size=1`);
      expect(reply).toMatchObject({data: {has_more_data: true, count: 1}, _links: []});
      expect(reply['data']).not.toHaveProperty('total_count');
      expect(reply['data']).not.toHaveProperty('total_page_count');
    }
    expect(await client.all(since(path, from, to))).toEqual(within(all, changed, from, to));
    expect(await askCount(client, `${path}?x=1`)).toMatchObject({total_count: all.length});
  });

  test('may know only one of the bounds', async () => {
    const client = await open({bounds: 'from', isCounted: false});
    const all = await client.all(path);
    const [from, to] = boundsOf(all, changed);
    expect(await client.all(since(path, from, to))).toEqual(within(all, changed, from, '9'));
    expect(await client.all(since(path, undefined, to))).toEqual(all);
    expect(await askCount(client, since(path, undefined, to))).toMatchObject({total_count: all.length});
  });
});

test.each([
  ['users', '/manage/v1/user', 'creation_date'],
  ['enrollments', '/learn/v1/enrollments', 'enroll_date_of_enrollment'],
])('the list of %s may go by when a record was made', async (_, path, key) => {
  const client = await open({kind: 'created'});
  const all = await client.all(path);
  const dated = all.filter(record => isDate(record[key]));
  const [from, to] = boundsOf(dated, key);
  expect(await client.all(since(path, from, to))).toEqual(within(dated, key, from, to));
  // Dates that are none are let in by no bound.
  expect(dated.length).toBeLessThan(all.length);
  expect(await client.all(since(path, '0001-01-01 00:00:00'))).toEqual(dated);
  expect(await client.all(since(path, undefined, '9999-01-01 00:00:00'))).toEqual(dated);
});

function isDate(date: unknown): boolean {
  return typeof date === 'string' && /^2/.test(date) && !date.startsWith('2023-02-30');
}

test('courses may be filtered by when they were made', async () => {
  const client = await open({kind: 'created'});
  // Only the management list says when that was, and not of all courses.
  const made = new Map((await client.all('/course/v1/courses')).map(({id, creation_date: date}) => [id, date]));
  const all = await client.all('/learn/v1/courses');
  const since2021 = await client.all(since('/learn/v1/courses', '2021-01-01 00:00:00'));
  const known = (records: readonly Body[]) => records.filter(({id_course: id}) => isDate(made.get(id)));
  expect(known(since2021)).toEqual(known(all).filter(({id_course: id}) => String(made.get(id)) >= '2021'));
  expect(since2021.length).toBeLessThan(all.length);
});

describe('the list of enrolments of courses and plans', () => {
  const path = '/learn/v1/enrollments';
  const ofTypes = 'type[]=elearning&type[]=webinar';

  test('gives the types that are asked for, within bounds or without', async () => {
    const client = await open();
    const all = await client.all(path);
    const chosen = all.filter(({type}) => type === 'elearning' || type === 'webinar');
    expect(await client.all(`${path}?${ofTypes}`)).toEqual(chosen);
    expect(await client.all(`${path}?type[]=learning_plan`)).toEqual(all.filter(({type}) => type === 'learning_plan'));
    expect(await client.all(`${path}?type[]=unknown`)).toEqual([]);
    const [from, to] = boundsOf(all, 'date_last_updated');
    expect(await client.all(`${since(path, from, to)}&${ofTypes}`)).toEqual(
      within(chosen, 'date_last_updated', from, to),
    );
    expect(new Set(chosen.map(({type}) => type)).size).toBe(2);
  });

  test('may ignore the types, though not the bounds', async () => {
    const client = await open({}, {typeFilter: false});
    const all = await client.all(path);
    expect(await client.all(`${path}?${ofTypes}`)).toEqual(all);
    const [from, to] = boundsOf(all, 'date_last_updated');
    expect(await client.all(`${since(path, from, to)}&${ofTypes}`)).toEqual(within(all, 'date_last_updated', from, to));
  });

  test('gives the courses and users that are asked for', async () => {
    const client = await open();
    const all = await client.all(path);
    const [first, second] = all.filter(({type}) => type !== 'learning_plan');
    const [course, user] = [first?.['id'], second?.['user_id']];
    const ofCourse = all.filter(({id, type}) => id === course && type !== 'learning_plan');
    const ofUser = all.filter(({user_id: id}) => id === user);
    expect(await client.all(`${path}?id_course[]=${course}`)).toEqual(ofCourse);
    expect(await client.all(`${path}?id_user[]=${user}`)).toEqual(ofUser);
    expect(await client.all(`${path}?id_user[0]=${user}&id_course[0]=${course}`)).toEqual(
      ofUser.filter(record => ofCourse.includes(record)),
    );
    expect(await client.all(`${path}?id_course[]=1`)).toEqual([]);
    expect(ofCourse.length).toBeGreaterThan(1);
  });
});
