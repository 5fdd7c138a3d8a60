import {describe, expect, test} from 'vitest';
import {pageOf, serve} from '../helpers/served.js';
import {tableOf} from './outcome.js';

const course = (id: number, sessions: number | null) => {
  const count = sessions === null ? '' : `,"sessions_count":${sessions}`;
  return `{"id_course":${id},"course_type":"classroom"${count}}`;
};

describe('a refusal that stands for no sessions', () => {
  const load = async (status: number, ...counts: readonly (number | null)[]) => {
    const served = await serve(path => {
      if (path === '/learn/v1/courses') return pageOf(...counts.map((count, index) => course(index + 1, count)));
      if (path === '/course/v1/courses/1/sessions') return pageOf('{"id":10}');
      return {status, body: '{"name":"Error","message":["No sessions"]}'};
    });
    const {exitCode, ...report} = await served.load(['sessions']);
    return {exitCode, sessions: tableOf({exitCode, ...report}, 'sessions')};
  };

  test.each([400, 404])('is believed of a course that does not say: %i', async status => {
    const {exitCode, sessions} = await load(status, 1, null, null);
    expect(exitCode).toBe(0);
    expect(sessions).toMatchObject({rows: 1, tolerated: [{status, count: 2}]});
  });

  test('is a failure where the course counts some', async () => {
    const {exitCode, sessions} = await load(400, 1, 5, null, null);
    expect(exitCode).toBe(5);
    expect(sessions).toMatchObject({
      status: 'not_loaded',
      error: {
        exitCode: 5,
        message:
          'GET /course/v1/courses/2/sessions?page=1&page_size=200&get_total_count=1 was answered with 400, as if it were empty, but sessions_count of its row in courses says that it is not.',
        missing: ['GET /course/v1/courses/2/sessions?page=1&page_size=200&get_total_count=1'],
      },
    });
  });

  test('is a deletion where the course counts some and is not found', async () => {
    const {exitCode, sessions} = await load(404, 1, 5, 1, null);
    expect(exitCode).toBe(7);
    expect(sessions.error?.message).toMatch(/^2 of the 4 parents of sessions could not be read/);
    const {sessions: one} = await load(404, 1, 5, null, null);
    expect(one).toMatchObject({
      rows: 1,
      tolerated: [
        {status: 404, count: 2, reason: expect.stringContaining('without sessions')},
        {status: 404, count: 1, reason: expect.stringContaining('deleted after')},
      ],
    });
  });
});

test('a course that counts sessions and sends none is warned of', async () => {
  const served = await serve(path => {
    if (path === '/learn/v1/courses') return pageOf(course(1, 1), course(2, 5), course(3, null));
    return path === '/course/v1/courses/1/sessions' ? pageOf('{"id":10}') : pageOf();
  });
  const {tables, exitCode} = await served.load(['sessions']);
  expect(exitCode).toBe(0);
  expect(tables[0]).toMatchObject({
    rows: 1,
    warnings: ['1 of its lists came empty, though sessions_count in courses counts some.'],
  });
});

describe('parents that are said to be gone', () => {
  const load = async (parents: number, gone: number) => {
    const ids = Array.from({length: parents}, (_, index) => index + 1);
    const served = await serve(path => {
      if (path === '/learn/v1/courses') return pageOf(...ids.map(id => course(id, null)));
      const [, id] = /^\/learn\/v1\/courses\/(\d+)\/los$/.exec(path) ?? [];
      return Number(id) > parents - gone ? undefined : '{"data":[{"id_org":1}]}';
    });
    return served.load(['course_learning_objects']);
  };

  test.each([
    [2, 1],
    [3, 1],
    [6, 2],
    [9, 3],
    [29, 3],
    [40, 4],
  ])('by chance: of %i parents %i', async (parents, gone) => {
    const {exitCode, tables} = await load(parents, gone);
    expect(exitCode).toBe(0);
    expect(tables[0]).toMatchObject({rows: parents - gone, tolerated: [{status: 404, count: gone}]});
  });

  test.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 2],
    [4, 3],
    [5, 2],
    [8, 3],
    [39, 4],
  ])('more of them than chance takes: of %i parents %i', async (parents, gone) => {
    const {tables} = await load(parents, gone);
    expect(tables[0]?.error).toMatchObject({
      exitCode: 7,
      message: `${gone} of the ${parents} parents of course_learning_objects could not be read: 404 × ${gone}.`,
    });
  });
});

test.each([
  '{"data":[],"name":"Internal Server Error","status":500}',
  '{"data":{"items":[]},"success":"false"}',
  '{"data":{"items":[],"total_count":0,"error":"db down"}}',
])('an error beside an empty list leaves the table as it was: %s', async body => {
  let isBroken = false;
  const served = await serve(() => (isBroken ? body : pageOf('{"user_id":1}')));
  expect((await served.load(['users'])).exitCode).toBe(0);
  isBroken = true;
  const report = await served.load(['users'], {allowEmpty: true});
  expect(tableOf(report, 'users')).toMatchObject({status: 'kept', error: {exitCode: 5}});
  expect(tableOf(report, 'users').error?.message).toContain('an error in a success');
  expect(await served.query('SELECT user_id FROM users')).toEqual([['1']]);
});

test.each(['..', '%2e%2e', '5/../6', ''])('a parent with the id %j is not asked for as another path', async id => {
  const served = await serve(path => {
    if (path === '/learn/v1/courses') return pageOf(`{"id_course":"${id}"}`, '{"id_course":1}');
    return '{"data":[{"id_org":1}]}';
  });
  const report = await served.load(['course_learning_objects']);
  // What is no whole number is NULL in the column, and so is nobody's id.
  expect(tableOf(report, 'course_learning_objects').error?.message).toContain(
    '1 of 2 rows of courses have no id_course',
  );
  expect(served.asked.filter(path => !path.startsWith('/learn/v1/courses?'))).toEqual([]);
});
