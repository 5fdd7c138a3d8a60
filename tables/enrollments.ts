import {boolean, date, defineTable, describedBy, double, integer, json, text, timestamp} from '../src/table.js';
import {enrollmentFields} from './enrollment_fields.js';
import {users} from './users.js';

export const enrollments = defineTable({
  name: 'enrollments',
  area: 'enrolments',
  description:
    'Who is enrolled in which course or learning plan: progress, time, score and dates, in one list. Where type is learning_plan, id is the plan, otherwise the course. The API does not list archived enrolments.',
  // Left unsorted: what sort_by takes is not known. tables/API.md#enrollments
  routes: [
    {
      path: '/learn/v1/enrollments',
      cursor: true,
      changes: {
        from: 'updated_from',
        to: 'updated_to',
        column: 'date_last_updated',
        evidence: 'A',
        goesWith: {user_id: {table: users, param: 'id_user[]'}},
      },
    },
  ],
  primaryKey: ['type', 'id', 'user_id'],
  customFields: describedBy(enrollmentFields, {title: 'title', type: 'type'}),
  // tables/API.md#enrollments
  filters: {
    user_id: {param: 'id_user[]', description: 'Enrolments of these users.'},
    course_id: {param: 'id_course[]', description: 'Enrolments in these courses.'},
    status: {param: 'status[]', description: 'Enrolments with one of these statuses.'},
    type: {param: 'type[]', description: 'elearning, classroom, webinar or learning_plan.'},
  },
  columns: {
    type: text('elearning, classroom, webinar or learning_plan.'),
    id: integer('Id of the course, or of the plan if type is learning_plan.'),
    user_id: integer('User enrolled.', {references: users}),
    username: text('Name the user signs in with.'),
    status: text('enrolled, waiting, in_progress or completed; not_started for plans.'),
    level: text('Role in the course, such as student; NULL for plans.'),
    complete_percent: double('Progress, in percent.'),
    // The unit is inferred. tables/API.md#units
    total_time: integer('Time spent, in seconds.'),
    score: double('Score; NULL for plans. The highest possible score is not sent.'),
    enroll_date_of_enrollment: timestamp('When the enrolment was made.'),
    enroll_begin_date: timestamp('When access begins.'),
    enroll_end_date: timestamp('When access ends.'),
    soft_deadline: boolean('Whether the user may go on after access has ended.'),
    course_complete_date: timestamp('When the user completed the course or plan.'),
    date_last_updated: timestamp('When the enrolment last changed.'),
    subscribed_by: integer('User who made the enrolment.', {references: users}),
    name: text('Title of the course or plan.'),
    code: text('Code of the course or plan.'),
    uid_course: text('Short identifier of the course.', {from: 'uidCourse'}),
    slug: text('Title as used in URLs.', {from: ['slug', 'slug_name']}),
    description: text('Description, as HTML.'),
    lang_code: text('Language of the course.'),
    duration: integer('Duration as set for the course, in seconds.'),
    courses_count: integer('Courses in the plan; NULL for courses.'),
    course_begin_date: timestamp('When the course starts.'),
    course_end_date: timestamp('When the course ends.'),
    enrolled_sessions: json('Sessions that the user is enrolled in, with their dates and attendance, as sent.'),
    session_date_begin: date('Day on which the session begins, in its own time zone.'),
    session_time_begin: text('Time at which the session begins, in its own time zone.'),
    session_timezone: text('Time zone in which the session begins.'),
    location_name: text('Where the session takes place.'),
    webinar_tool: text('Tool by which the webinar is held.'),
    // A list or a map. tables/API.md#enrollments
    enrollment_fields: json('Additional fields of the enrolment as sent.'),
    subscription: json('Subscription by which the user has the course, as sent.'),
    outdated: json('Users enrolled in an outdated version, as sent.'),
    rating: double('Rating. Whether it is the user’s own or the average is not known.'),
    rating_option: text('Who may rate the course.'),
    is_new: boolean('Whether the course is marked as new.'),
    hidden: boolean('Whether the course is hidden from the user.'),
    can_enter: boolean('Whether the user may enter the course.'),
    can_enter_reason: text('Why the user may not enter the course.'),
    image_url: text('Address of the image.'),
    url: text('Address of the course or plan.'),
  },
});
