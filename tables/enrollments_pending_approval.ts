import {defineTable, integer, text, timestamp} from '../src/table.js';
import {courses} from './courses.js';
import {users} from './users.js';

export const enrollmentsPendingApproval = defineTable({
  name: 'enrollments_pending_approval',
  area: 'enrolments',
  description: 'Who asked for a course or a session and waits for approval.',
  routes: [{path: '/learn/v1/enrollment/pending_users'}],
  // Only a course with sessions has a session to ask for. tables/API.md#enrollments_pending_approval
  primaryKey: ['course_id', 'user_id', 'asked_for'],
  columns: {
    course_id: integer('Course asked for.', {references: courses}),
    user_id: integer('User who asked.', {references: users}),
    asked_for: text(
      'Session asked for, or the name of the user if it is the course itself: so that the key is never null.',
      {
        from: ['session_id', 'username', 'user_id'],
      },
    ),
    username: text('Name the user signs in with.'),
    course_name: text('Title of the course.'),
    course_slug: text('Title of the course as used in URLs.'),
    session_id: integer('Session asked for; NULL if it is the course itself.'),
    session_name: text('Name of the session.'),
    enrollment_status: text('State of the request, such as to_confirm or waiting.'),
    subscription_date: timestamp('When the user asked.'),
  },
});
