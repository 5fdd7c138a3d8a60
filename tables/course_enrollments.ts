import {defineTable, describedBy, double, integer, text, timestamp} from '../src/table.js';
import {courses} from './courses.js';
import {enrollmentFields} from './enrollment_fields.js';
import {users} from './users.js';

/** Only the route for merges sends it. */
const inEnrollments = 'The table enrollments has it.';

const courseTypes = ['elearning', 'classroom', 'webinar'] as const;

const perCourse = {
  path: '/course/v1/courses/{course_id}/enrollments',
  parent: {table: courses, bind: {course_id: 'id_course'}},
  tolerate: {404: 'The course was deleted after the courses were listed.'},
} as const;

export const courseEnrollments = defineTable({
  name: 'course_enrollments',
  area: 'enrolments',
  description:
    'Who is enrolled in which course, and how far they got. The API does not list archived enrolments. Columns that only the list of one course sends, such as email and user_status, are NULL if the tenant serves the list of all enrolments, which is read first.',
  routes: [
    {path: '/course/v1/courses/enrollments', query: {'extra_fields[]': ['enrollment_time_spent']}, cursor: true},
    {
      ...perCourse,
      query: {'extra_fields[]': ['enrollment_status', 'enrollment_completion_date', 'enrollment_time_spent']},
    },
    // For a tenant that refuses the other extras: this one is known to work. tables/API.md#course_enrollments
    {...perCourse, query: {'extra_fields[]': ['enrollment_status']}},
    // The only list of enrolments that can be asked for what has changed, for merges. tables/API.md#enrollments
    {
      path: '/learn/v1/enrollments',
      query: {'type[]': courseTypes},
      only: {type: courseTypes},
      cursor: true,
      changes: {
        from: 'updated_from',
        to: 'updated_to',
        column: 'enrollment_date_last_updated',
        evidence: 'A',
        goesWith: {
          course_id: {table: courses, param: 'id_course[]'},
          user_id: {table: users, param: 'id_user[]'},
        },
        copies: ['username', 'course_uid', 'course_code', 'course_name', 'course_begin_date', 'course_end_date'],
      },
    },
  ],
  primaryKey: ['course_id', 'user_id'],
  // The list of one course drops the prefix enrollment_, hence the second names. tables/API.md#course_enrollments
  customFields: describedBy(enrollmentFields, {title: 'title', type: 'type'}),
  ignores: {
    complete_percent: inEnrollments,
    soft_deadline: inEnrollments,
    slug: inEnrollments,
    slug_name: inEnrollments,
    description: inEnrollments,
    lang_code: inEnrollments,
    duration: inEnrollments,
    courses_count: inEnrollments,
    enrolled_sessions: inEnrollments,
    session_date_begin: inEnrollments,
    session_time_begin: inEnrollments,
    session_timezone: inEnrollments,
    location_name: inEnrollments,
    webinar_tool: inEnrollments,
    enrollment_fields: inEnrollments,
    subscription: inEnrollments,
    outdated: inEnrollments,
    rating: inEnrollments,
    rating_option: inEnrollments,
    is_new: inEnrollments,
    hidden: inEnrollments,
    can_enter: inEnrollments,
    can_enter_reason: inEnrollments,
    image_url: inEnrollments,
    url: inEnrollments,
  },
  // tables/API.md#course_enrollments
  filters: {
    user_id: {param: 'user_id[]', description: 'Enrolments of these users.'},
    course_id: {param: 'course_id[]', description: 'Enrolments in these courses.'},
  },
  columns: {
    course_id: integer('Course enrolled in.', {from: ['course_id', 'id']}),
    user_id: integer('User enrolled.', {references: users}),
    username: text('Name the user signs in with.'),
    email: text('Email address of the user.'),
    first_name: text('First name of the user.'),
    last_name: text('Last name of the user.'),
    course_uid: text('Short identifier of the course.', {from: ['course_uid', 'uidCourse']}),
    course_code: text('Code of the course.', {from: ['course_code', 'code']}),
    course_name: text('Title of the course.', {from: ['course_name', 'name']}),
    course_type: text('elearning, classroom or webinar.', {from: ['course_type', 'type']}),
    course_begin_date: timestamp('When the course starts.'),
    course_end_date: timestamp('When the course ends.'),
    enrollment_level: text('Role in the course, such as student.', {from: ['enrollment_level', 'level']}),
    level_id: integer('Id of the role in the course.'),
    enrollment_status: text('enrolled, waiting, in_progress, completed and the like.', {
      from: ['enrollment_status', 'status'],
    }),
    status_id: integer('Id of the status.'),
    user_status: text('State of the user’s account.'),
    user_status_id: integer('Id of the state of the user’s account.'),
    enrollment_created_by: integer('User who made the enrolment.', {
      from: ['enrollment_created_by', 'subscribed_by'],
      references: users,
    }),
    enrollment_created_at: timestamp('When the enrolment was made.', {
      from: ['enrollment_created_at', 'enrollment_date', 'enroll_date_of_enrollment'],
    }),
    enrollment_validity_begin_date: timestamp('When access begins.', {
      from: ['enrollment_validity_begin_date', 'active_from', 'enroll_begin_date'],
    }),
    enrollment_validity_end_date: timestamp('When access ends.', {
      from: ['enrollment_validity_end_date', 'active_until', 'enroll_end_date'],
    }),
    enrollment_validity_begin_datetime: timestamp('Moment at which access begins.'),
    enrollment_validity_end_datetime: timestamp('Moment at which access ends.'),
    enrollment_date_last_updated: timestamp('When the enrolment last changed.', {
      from: ['enrollment_date_last_updated', 'date_last_updated'],
    }),
    enrollment_completion_date: timestamp('When the user completed the course.', {
      from: ['enrollment_completion_date', 'completion_date', 'course_complete_date'],
    }),
    enrollment_score: double('Final score. The highest possible score is not sent.', {
      from: ['enrollment_score', 'score_given', 'score'],
    }),
    // Clients count it in seconds; Docebo names no unit. tables/API.md#units
    enrollment_time_spent: integer('Time spent in the course, in seconds.', {
      from: ['enrollment_time_spent', 'total_time'],
    }),
    assignment_type: text('Whether the course is mandatory for the user.'),
  },
});
