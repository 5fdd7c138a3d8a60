import {date, defineTable, integer, text} from '../src/table.js';
import {enrollments} from './enrollments.js';
import {locations} from './locations.js';
import {users} from './users.js';

export const sessionAttendance = defineTable({
  name: 'session_attendance',
  area: 'instructor_led',
  description:
    'Who attended which day of which session: one row for each enrolment, session and day, from the list of enrolments. Whether every tenant fills it in is not known; a report on instructor-led training has the same.',
  routes: [
    {
      derive: {
        table: enrollments,
        each: 'enrolled_sessions[].dates',
        bind: {course_id: 'id', user_id: 'user_id'},
        outer: {session_id: ['id', 'id_session', 'session_id'], session_name: ['name'], session_status: ['status']},
        position: 'date_number',
      },
    },
  ],
  // The days have no id. tables/API.md#session_attendance
  primaryKey: ['course_id', 'user_id', 'session_id', 'date_number'],
  columns: {
    course_id: integer('Course that the session belongs to.'),
    user_id: integer('User enrolled in the session.', {references: users}),
    session_id: integer('Session that the user is enrolled in.'),
    session_name: text('Name of the session.'),
    session_status: text('State of the user in the session.'),
    date_number: integer('Place among the days of the session, from 1.'),
    date: date('Day, in its own time zone.'),
    name: text('Name of the day.'),
    time_begin: text('Time of the beginning, in its own time zone.'),
    time_end: text('Time of the end, in its own time zone.'),
    timezone: text('Time zone.'),
    id_location: integer('Location.', {references: locations}),
    id_classroom: integer('Classroom.'),
    attendance_status: text('Whether the user attended, in words that are not known.'),
  },
});
