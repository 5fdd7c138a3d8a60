import {defineTable, double, integer, text, timestamp} from '../src/table.js';
import {courses} from './courses.js';
import {learningPlans} from './learning_plans.js';
import {users} from './users.js';

export const learningPlanCourseEnrollments = defineTable({
  name: 'learning_plan_course_enrollments',
  area: 'learning_plans',
  description: 'Enrolments in the courses of each learning plan.',
  routes: [
    {
      // Other clients ask for students only. Instructors are enrolled too, so no level is asked for. tables/API.md#learning_plan_course_enrollments
      path: '/learningplan/v1/learningplans/{learning_plan_id}/courses/enrollments',
      parent: {
        table: learningPlans,
        bind: {learning_plan_id: 'learning_plan_id'},
        skipIfZero: ['assigned_courses_count', 'assigned_enrollments_count'],
      },
      tolerate: {404: 'The plan was deleted after the plans were listed.'},
    },
  ],
  primaryKey: ['learning_plan_id', 'course_id', 'user_id'],
  columns: {
    learning_plan_id: integer('Plan that the course belongs to.'),
    course_id: integer('Course enrolled in.', {references: courses}),
    user_id: integer('User enrolled.', {references: users}),
    username: text('Name the user signs in with.'),
    course_uid: text('Short identifier of the course.'),
    course_code: text('Code of the course.'),
    course_name: text('Title of the course.'),
    course_type: text('elearning, classroom or webinar.'),
    course_begin_date: timestamp('When the course starts.'),
    course_end_date: timestamp('When the course ends.'),
    enrollment_level: text('Role in the course, such as student.'),
    enrollment_status: text('enrolled, waiting, in_progress, completed and the like.'),
    enrollment_created_by: integer('User who made the enrolment.', {references: users}),
    enrollment_created_at: timestamp('When the enrolment was made.'),
    enrollment_validity_begin_date: timestamp('When access begins.'),
    enrollment_validity_end_date: timestamp('When access ends.'),
    enrollment_date_last_updated: timestamp('When the enrolment last changed.'),
    enrollment_completion_date: timestamp('When the user completed the course.'),
    enrollment_score: double('Final score. The highest possible score is not sent.'),
  },
});
