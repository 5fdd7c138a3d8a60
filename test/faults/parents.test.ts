import {expect, test} from 'vitest';
import type {Rehearsal} from '../helpers/rehearsal.js';
import {pageOf, serve} from '../helpers/served.js';
import {rehearseEarlier, rehearseOverEarlier, statusOf, tableOf} from './outcome.js';

const forever = Number.POSITIVE_INFINITY;
const courseList = /^\/learn\/v1\/courses\?/;
const groupList = /^\/audiences\/v1\/audience\?/;

async function expectTruth({published, truth}: Rehearsal, ...names: readonly string[]): Promise<void> {
  for (const name of names) expect(await published(name)).toEqual(truth(name));
}

async function expectEarlier({published}: Rehearsal, ...names: readonly string[]): Promise<void> {
  const {rows} = await rehearseEarlier();
  for (const name of names) expect(await published(name)).toEqual(rows[name]);
}

test('a parent without an id: neither it nor its children are published', async () => {
  const rehearsal = await rehearseOverEarlier();
  rehearsal.emulator.setFaults([{match: courseList, kind: 'null-value', key: 'id_course', record: 2, times: forever}]);
  const report = await rehearsal.load(['users', 'courses', 'course_learning_objects']);
  await expectTruth(rehearsal, 'users');
  await expectEarlier(rehearsal, 'courses', 'course_learning_objects');
  expect(tableOf(report, 'courses').error).toMatchObject({
    exitCode: 7,
    message: expect.stringContaining('id_course is null in 1 row'),
  });
  expect(tableOf(report, 'course_learning_objects').error).toMatchObject({
    exitCode: 7,
    message: expect.stringMatching(/1 of \d+ rows of courses have no id_course/),
  });
});

test('parents that vanished: their children are left out, counted and named', async () => {
  const rehearsal = await rehearseOverEarlier();
  const {emulator, truth} = rehearsal;
  const gone = [...emulator.truth('courses')].map(course => course['id_course']).slice(2, 4);
  emulator.setFaults([
    {match: new RegExp(`courses/(${gone.join('|')})/los`), kind: 'status', status: 404, times: forever},
  ]);
  const report = await rehearsal.load(['courses', 'course_learning_objects']);
  expect(report.exitCode).toBe(0);
  expect(tableOf(report, 'course_learning_objects').tolerated).toEqual([
    {
      status: 404,
      reason: expect.stringContaining('deleted'),
      count: 2,
      requests: expect.arrayContaining(gone.map(id => `GET /learn/v1/courses/${id}/los`)),
    },
  ]);
  const left = truth('course_learning_objects').filter(row => !gone.some(id => row.includes(`"course_id":"${id}"`)));
  expect(await rehearsal.published('course_learning_objects')).toEqual(left);
});

test('parents most of which are said to be gone: their children stay as they were', async () => {
  const rehearsal = await rehearseOverEarlier();
  rehearsal.emulator.setFaults([{match: /courses\/\d+\/los/, kind: 'status', status: 404, after: 1, times: forever}]);
  const report = await rehearsal.load(['courses', 'course_learning_objects']);
  expect(tableOf(report, 'course_learning_objects').error).toMatchObject({
    exitCode: 7,
    message: expect.stringMatching(/\d+ of the \d+ parents of course_learning_objects could not be read: 404 × \d+/),
  });
  await expectTruth(rehearsal, 'courses');
  await expectEarlier(rehearsal, 'course_learning_objects');
});

test('parents that all say by an error that they have no children: the table is empty, once that is allowed', async () => {
  const rehearsal = await rehearseOverEarlier();
  await rehearsal.load(['sessions']);
  rehearsal.emulator.setFaults([{match: /courses\/\d+\/sessions/, kind: 'status', status: 404, times: forever}]);
  expect(tableOf(await rehearsal.load(['sessions']), 'sessions').error?.message).toMatch(/no rows came/);
  const report = await rehearsal.load(['sessions'], {}, {allowEmpty: true});
  expect(tableOf(report, 'sessions')).toMatchObject({rows: 0, tolerated: [{status: 404}]});
  expect(await rehearsal.published('sessions')).toEqual([]);
});

test.each([
  {list: courseList, names: ['courses', 'course_learning_objects']},
  {list: courseList, names: ['course_learning_objects']},
  {list: groupList, names: ['groups', 'group_members']},
  {list: groupList, names: ['group_members']},
])('parents that came twice in the place of others once: $names are whole', async ({list, names}) => {
  const rehearsal = await rehearseOverEarlier();
  rehearsal.emulator.setFaults([{match: list, kind: 'duplicates', count: 2, instead: true}]);
  const report = await rehearsal.load(names);
  expect(report.tables.map(({error}) => error)).toEqual(names.map(() => undefined));
  await expectTruth(rehearsal, ...names);
});

test.each([
  {list: courseList, names: ['courses', 'course_learning_objects']},
  {list: courseList, names: ['course_learning_objects', 'polls']},
  {list: groupList, names: ['groups', 'group_members']},
  {list: groupList, names: ['group_members']},
])('parents that come twice in the place of others for ever: $names stay as they were', async ({list, names}) => {
  const rehearsal = await rehearseOverEarlier();
  rehearsal.emulator.setFaults([{match: list, kind: 'duplicates', count: 2, instead: true, times: forever}]);
  const report = await rehearsal.load(['users', ...names]);
  expect(names.map(name => statusOf(report, name))).toEqual(
    // Of polls there is no earlier table.
    names.map(name => (name === 'polls' ? 'not_loaded' : 'kept')),
  );
  expect(names.map(name => tableOf(report, name).error?.exitCode)).toEqual(names.map(() => 7));
  await expectTruth(rehearsal, 'users');
  await expectEarlier(rehearsal, ...names.filter(name => name !== 'polls'));
  expect(rehearsal.asked().length).toBeLessThan(120);
});

test('children of which some came twice in the place of others: what is derived from them stays as it was', async () => {
  const rehearsal = await rehearseOverEarlier();
  const courses = [...rehearsal.emulator.truth('courses')].map(course => course['id_course']);
  const odd = courses.filter((_, index) => index % 2 === 1).join('|');
  rehearsal.emulator.setFaults([
    {match: new RegExp(`courses/(${odd})/los`), kind: 'duplicates', count: 2, instead: true, times: forever},
  ]);
  const report = await rehearsal.load(['course_learning_objects', 'polls']);
  expect(report.tables.map(({status}) => status)).toEqual(['kept', 'not_loaded']);
});

test('parents whose count changes while they are read: their children are asked for once and are whole', async () => {
  const rehearsal = await rehearseOverEarlier();
  rehearsal.emulator.setFaults([{match: courseList, kind: 'wrong-total', by: 1}]);
  const report = await rehearsal.load(['courses', 'course_learning_objects'], {pageSize: 5});
  expect(report.tables.map(({error}) => error)).toEqual([undefined, undefined]);
  await expectTruth(rehearsal, 'courses', 'course_learning_objects');
  const children = rehearsal.asked().filter(path => path.endsWith('/los'));
  expect(children.length).toBe(new Set(children).size);
});

test.each([
  [[1, 2, 3], 7],
  [[2], 0],
] as const)(
  'lists that are the same for all parents are refused where only a filter tells them apart: %j',
  async (same, exitCode) => {
    let calls = 0;
    const branch = (id: number) => `{"id":${id},"title":"b${id}","has_children":false}`;
    const served = await serve((path, query) => {
      if (path === '/manage/v1/orgchart') return pageOf(branch(1), branch(2), branch(3));
      return pageOf(
        ...(same.some(id => String(id) === query.get('branch_id'))
          ? [`{"user_id":"5","seen":${calls++}}`, '{"user_id":"6"}']
          : []),
      );
    });
    const report = await served.load(['user_branches']);
    expect(report.exitCode).toBe(exitCode);
    const says = 'The 3 lists of user_branches that hold any records are all the same';
    expect(report.tables[0]?.error?.message ?? '').toContain(exitCode === 0 ? '' : says);
  },
);
