import {defineTable, integer, text} from '../src/table.js';
import {courseDetails} from './course_details.js';
import {courses} from './courses.js';
import {users} from './users.js';

export const courseInstructors = defineTable({
  name: 'course_instructors',
  area: 'courses',
  description: 'Who teaches which course, from the details of the courses.',
  routes: [
    {
      derive: {
        table: courseDetails,
        each: 'instructors',
        bind: {course_id: 'course_id'},
        position: 'instructor_number',
      },
    },
  ],
  // Whether a course may name somebody twice is not known. tables/API.md#course_instructors
  primaryKey: ['course_id', 'instructor_number'],
  columns: {
    course_id: integer('Course taught.', {references: courses}),
    instructor_number: integer('Place among the instructors of the course, from 1.'),
    instructor_id: integer('User who teaches.', {references: users}),
    username: text('Name the instructor signs in with.'),
    firstname: text('First name.'),
    lastname: text('Last name.'),
    avatar_url: text('Address of the picture.'),
  },
});
