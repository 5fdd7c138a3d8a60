import {defineTable, integer, text} from '../src/table.js';
import {courseDetails} from './course_details.js';
import {courses} from './courses.js';
import {users} from './users.js';

export const sessionInstructors = defineTable({
  name: 'session_instructors',
  area: 'instructor_led',
  description:
    'Who teaches which session, from the details of the courses. Whether Docebo sends past sessions there is not known.',
  routes: [
    {
      derive: {
        table: courseDetails,
        each: 'sessions[].instructors',
        bind: {course_id: 'course_id'},
        outer: {session_id: ['id_session', 'id', 'session_id']},
        position: 'instructor_number',
      },
    },
  ],
  // Not every client meets instructor_id. tables/API.md#session_instructors
  primaryKey: ['course_id', 'session_id', 'instructor_number'],
  columns: {
    course_id: integer('Course that the session belongs to.', {references: courses}),
    session_id: integer('Session taught.'),
    instructor_number: integer('Place among the instructors of the session, from 1.'),
    instructor_id: integer('User who teaches; NULL where it is not sent.', {references: users}),
    username: text('Name the instructor signs in with.'),
    firstname: text('First name.'),
    lastname: text('Last name.'),
    avatar_url: text('Address of the picture.'),
  },
});
