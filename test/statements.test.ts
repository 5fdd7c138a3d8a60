import {describe, expect, test} from 'vitest';
import {pageOf, serve} from './helpers/served.js';

const object = (id: number, poll: number) => `{"id_org":${id},"id_resource":${poll},"object_type":"poll"}`;

describe('a poll that stands twice in a course', () => {
  const load = async () => {
    const served = await serve((path, query) => {
      if (path === '/learn/v1/courses') return pageOf('{"id_course":1}', '{"id_course":2}');
      if (path === '/learn/v1/courses/1/los') return `{"data":[${object(10, 7)},${object(11, 7)}]}`;
      if (path === '/learn/v1/courses/2/los') return `{"data":[${object(20, 7)}]}`;
      const answer = `{"date":"2026-01-01 00:00:00","answers":{"5":["in ${query.get('id_course')}"]}}`;
      return `{"data":{"questions":{"5":{}},"answers":[${answer}],"total_pages":1}}`;
    });
    const {exitCode} = await served.load(['polls', 'survey_answers']);
    return {...served, exitCode};
  };

  test('has a row for each place', async () => {
    const {exitCode, query} = await load();
    expect({exitCode, rows: await query('SELECT course_id, id_org, poll_id FROM polls ORDER BY ALL')}).toEqual({
      exitCode: 0,
      rows: [
        ['1', '10', '7'],
        ['1', '11', '7'],
        ['2', '20', '7'],
      ],
    });
  });

  test('is asked for its answers once in each course', async () => {
    const {asked, query} = await load();
    const surveys = asked
      .filter(path => path.includes('/survey/7/answer'))
      .map(path => path.match(/id_course=\d/)?.[0]);
    expect(surveys.sort()).toEqual(['id_course=1', 'id_course=2']);
    const rows = await query('SELECT course_id, poll_id, answer FROM survey_answers ORDER BY ALL');
    expect(rows).toEqual([
      ['1', '7', 'in 1'],
      ['2', '7', 'in 2'],
    ]);
  });
});

test('submissions that are sent again in another order, with their keys in another order, are read once', async () => {
  let turn = 0;
  const shuffle = <T>(parts: readonly T[]) => [
    ...parts.slice(++turn % parts.length),
    ...parts.slice(0, turn % parts.length),
  ];
  const submission = (text: string) =>
    `{${shuffle(['"date":"2026-01-01 00:00:00"', `"answers":{${shuffle([`"5":["${text}"]`, '"6":["no"]']).join()}}`, '"x":1']).join()}}`;
  const served = await serve(path => {
    if (path === '/learn/v1/courses') return pageOf('{"id_course":1}');
    if (path === '/learn/v1/courses/1/los') return `{"data":[${object(10, 7)}]}`;
    const answers = shuffle([submission('a'), submission('b'), submission('c')]);
    return `{"data":{"questions":{"5":{},"6":{}},"answers":[${answers.join()}]}}`;
  });
  const {exitCode} = await served.load(['survey_answers']);
  const rows = await served.query(`SELECT answer FROM survey_answers WHERE question_id = 5 ORDER BY ALL`);
  expect({exitCode, rows}).toEqual({exitCode: 0, rows: [['a'], ['b'], ['c']]});
});
