import {describe, expect, test} from 'vitest';
import {exitCodes} from '../src/errors.js';
import {type Answer, pageOf, serve} from './helpers/served.js';

const blanks: readonly (readonly [string, ReturnType<Answer>])[] = [
  ['204', {status: 204}],
  ['null', 'null'],
  ['data of null', '{"data":null}'],
  ['data of nothing', '{"data":{}}'],
  ['items of null at the root', '{"items":null,"total_count":0}'],
  ['items of null', '{"data":{"items":null,"has_more_data":false}}'],
  ['a count of none, without items', '{"data":{"total_count":0,"has_more_data":false}}'],
];

const courses = pageOf('{"id_course":1,"course_type":"classroom"}', '{"id_course":2,"course_type":"classroom"}');
const reason = 'The reply held no list, which was taken for an empty one.';

describe.each(blanks)('a reply without a list: %s', (_, blank) => {
  test('is a child list without rows, counted in the report', async () => {
    const served = await serve(path => {
      if (path === '/learn/v1/courses') return courses;
      if (path === '/learn/v1/courses/1/los') return blank;
      return '{"data":[{"id_org":5,"object_type":"video"}]}';
    });
    const {exitCode, tables} = await served.load(['course_learning_objects']);
    const status = typeof blank === 'object' && 'status' in blank ? blank.status : 200;
    expect({exitCode, tolerated: tables[0]?.tolerated}).toEqual({
      exitCode: exitCodes.ok,
      tolerated: [{status, reason, count: 1, requests: ['GET /learn/v1/courses/1/los']}],
    });
    expect(served.asked.filter(path => path.includes('/1/los'))).toHaveLength(1);
    expect(await served.query('SELECT course_id, id_org FROM course_learning_objects')).toEqual([['2', '5']]);
  });

  test('is a whole list without rows only if it comes twice', async () => {
    let replies = 0;
    const served = await serve(() => (++replies === 1 ? blank : pageOf('{"id":1,"title":"a"}')));
    const {exitCode} = await served.load(['user_fields']);
    expect({exitCode, rows: await served.query('SELECT id FROM user_fields')}).toEqual({exitCode: 0, rows: [['1']]});
  });

  test('never empties a table that had rows', async () => {
    let isBlank = false;
    const served = await serve(() => (isBlank ? blank : pageOf('{"id":1,"title":"a"}')));
    await served.load(['user_fields']);
    isBlank = true;
    const {exitCode} = await served.load(['user_fields']);
    expect({exitCode, rows: await served.query('SELECT id FROM user_fields')}).toEqual({
      exitCode: exitCodes.incomplete,
      rows: [['1']],
    });
    const {tables} = await served.load(['user_fields'], {allowEmpty: true});
    expect(tables[0]?.warnings).toContain(`${reason} It came twice.`);
    expect(await served.query('SELECT id FROM user_fields')).toEqual([]);
  });
});

test.each([
  ['null', '{"data":null}'],
  ['an empty list in the place of a map', '{"data":[]}'],
  ['nothing', '{"data":{"sessions":null}}'],
])('a map of records that is %s is none', async (_, blank) => {
  const served = await serve(path => {
    if (path === '/learn/v1/courses') return courses;
    if (path.startsWith('/course/v1/')) return {status: 403, body: '{"message":["no"]}'};
    return path.includes('/1/') ? '{"data":{"sessions":{"7":{"id":7}}}}' : blank;
  });
  const {exitCode} = await served.load(['sessions']);
  expect({exitCode, rows: await served.query('SELECT course_id, session_id FROM sessions')}).toEqual({
    exitCode: 0,
    rows: [['1', '7']],
  });
});

test.each([['{"data":null}'], ['{"data":{}}'], ['{"data":{"questions":{},"answers":null}}']])(
  'a survey answered by %s has no answers',
  async blank => {
    const served = await serve(path => {
      if (path === '/learn/v1/courses') return pageOf('{"id_course":1}');
      return path.endsWith('/los') ? '{"data":[{"id_org":1,"id_resource":2,"object_type":"poll"}]}' : blank;
    });
    const {exitCode} = await served.load(['survey_answers']);
    expect({exitCode, rows: await served.query('SELECT * FROM survey_answers')}).toEqual({exitCode: 0, rows: []});
  },
);

test('a reply without a list is refused where the parent counts children', async () => {
  const served = await serve(path => {
    if (path === '/learn/v1/courses') return {status: 403, body: '{"message":["no"]}'};
    if (path === '/course/v1/courses') return pageOf('{"id":1,"type":"classroom","sessions_count":5}');
    return '{"data":null}';
  });
  const {exitCode, tables} = await served.load(['sessions']);
  expect({exitCode, message: tables[0]?.error?.message}).toEqual({
    exitCode: exitCodes.incomplete,
    message: expect.stringMatching(/as if it were empty, but sessions_count of its row in courses says/),
  });
});

test.each([['{"data":{"entries":[{"id":1}]}}'], ['{"status":"ok"}'], ['{"items":null,"total_count":5}']])(
  'what may hold rows is no empty list: %s',
  async body => {
    const served = await serve(() => body);
    const {exitCode} = await served.load(['user_fields']);
    expect([exitCodes.rejected, exitCodes.incomplete]).toContain(exitCode);
  },
);
