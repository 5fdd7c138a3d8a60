import {defineTable, integer, text, timestamp} from '../src/table.js';
import {courses} from './courses.js';
import {sessions} from './sessions.js';
import {users} from './users.js';

export const sessionEnrollments = defineTable({
  name: 'session_enrollments',
  area: 'instructor_led',
  description:
    'Who is enrolled in which session, at a call or more for each session with anybody in it: the dearest table. enrollments has the sessions of each enrolment too.',
  routes: [
    {
      path: '/course/v1/sessions/{session_id}/enrollments',
      parent: {
        table: sessions,
        bind: {session_id: 'session_id', course_id: 'course_id'},
        skipIfZero: ['enrolled'],
      },
      tolerate: {404: 'The session was deleted after the sessions were listed.'},
    },
  ],
  primaryKey: ['session_id', 'user_id'],
  columns: {
    course_id: integer('Course that the session belongs to.', {references: courses}),
    session_id: integer('Session enrolled in.'),
    user_id: integer('User enrolled.', {references: users}),
    username: text('Name the user signs in with.'),
    email: text('Email address of the user.'),
    // Clients meet both spellings. tables/API.md#session_enrollments
    first_name: text('First name of the user.', {from: ['first_name', 'firstname']}),
    last_name: text('Last name of the user.', {from: ['last_name', 'lastname']}),
    enrollment_date: timestamp('When the user was enrolled in the session.'),
    completion_date: timestamp('When the user completed the session.'),
    status: text('State of the user in the session.'),
    status_id: integer('Id of the state.'),
    user_status: text('State of the user’s account.'),
    user_status_id: integer('Id of the state of the user’s account.'),
  },
});
