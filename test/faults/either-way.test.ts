import {describe, expect, test} from 'vitest';
import {pageOf, serve} from '../helpers/served.js';
import {tableOf} from './outcome.js';

/** Points on which the evidence is silent (tables/API.md): whichever way Docebo does it, the tables are right. */
describe('what is not known of Docebo works either way', () => {
  const sessionTables = ['session_dates', 'session_instructors', 'session_locations'];
  const loadDetails = async (...details: readonly object[]) => {
    const served = await serve(path => {
      if (path === '/learn/v1/courses') return pageOf(...details.map((_, index) => `{"id_course":${index + 1}}`));
      const id = Number(path.split('/').at(-1));
      return JSON.stringify({data: {id: String(id), type: 'classroom', ...details[id - 1]}});
    });
    return {served, report: await served.load([...sessionTables, 'course_partners', 'course_instructors'])};
  };

  test('sessions are a list or a map with gaps, partners a list or one object, and empty is written in any way', async () => {
    const dates = [{date: '2025-09-15', id_date: 4}, {date: '2025-09-15'}];
    const {served, report} = await loadDetails(
      {sessions: [{id: 11, dates, instructors: [{username: 'a'}, {username: 'a'}]}], partner_data: {id: 3}},
      {sessions: {4: {id_session: '12', dates: {1: {date: '0000-00-00'}}, locations: null}}, partner_data: [{id: 3}]},
      {sessions: [], partner_data: [], instructors: {}},
      {sessions: null, instructors: [{instructor_id: '5'}]},
      {sessions: {}, partner_data: ''},
    );
    expect(report.exitCode).toBe(0);
    const rows = await served.query(
      'SELECT course_id, session_id, date_number, id_date FROM session_dates ORDER BY ALL',
    );
    expect(rows).toEqual([
      ['1', '11', '1', '4'],
      ['1', '11', '2', null],
      ['2', '12', '1', null],
    ]);
    expect(await served.query('SELECT course_id, partner_id FROM course_partners ORDER BY ALL')).toEqual([
      ['1', '3'],
      ['2', '3'],
    ]);
    expect(await served.query('SELECT session_id, instructor_number FROM session_instructors ORDER BY ALL')).toEqual([
      ['11', '1'],
      ['11', '2'],
    ]);
    expect(await served.query('SELECT course_id, instructor_id FROM course_instructors')).toEqual([['4', '5']]);
  });

  test('a member that nothing holds gives an empty table that says so', async () => {
    const {report} = await loadDetails({instructors: []}, {instructors: []});
    expect(report.exitCode).toBe(0);
    for (const name of sessionTables) {
      expect(tableOf(report, name)).toMatchObject({
        rows: 0,
        warnings: [expect.stringMatching(/^It is empty: no record of course_details holds sessions\[\]/)],
      });
    }
    expect(tableOf(report, 'course_instructors').warnings).toEqual([]);
  });

  test('attendance is empty, and says so, if enrolments do not have their sessions', async () => {
    const served = await serve(() =>
      pageOf('{"type":"classroom","id":1,"user_id":2}', '{"type":"webinar","id":2,"user_id":2}'),
    );
    const report = await served.load(['session_attendance']);
    expect(tableOf(report, 'session_attendance')).toMatchObject({
      status: 'published',
      rows: 0,
      warnings: ['It is empty: no record of enrollments holds enrolled_sessions[].dates.'],
    });
  });
});
