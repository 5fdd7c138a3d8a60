import {defineTable, double, integer, text, timestamp} from '../src/table.js';
import {learningPlans} from './learning_plans.js';
import {users} from './users.js';

export const learningPlanEnrollments = defineTable({
  name: 'learning_plan_enrollments',
  area: 'learning_plans',
  description: 'Who is enrolled in which learning plan, and how far they got.',
  routes: [
    {
      path: '/learningplan/v1/learningplans/enrollments',
      // Status and completion come only if they are asked for. tables/API.md#learning_plan_enrollments
      query: {
        'extra_fields[]': [
          'enrollment_status',
          'enrollment_completion_date',
          'enrollment_completion_percentage',
          'enrollment_time_spent',
        ],
      },
      cursor: true,
    },
  ],
  primaryKey: ['learning_plan_id', 'user_id'],
  // tables/API.md#learning_plan_enrollments
  filters: {
    user_id: {param: 'user_id[]', description: 'Enrolments of these users.'},
    learning_plan_id: {param: 'learning_plan_id[]', description: 'Enrolments in these plans.'},
  },
  columns: {
    learning_plan_id: integer('Plan enrolled in.', {references: learningPlans}),
    user_id: integer('User enrolled.', {references: users}),
    username: text('Name the user signs in with.'),
    learning_plan_name: text('Title of the plan.'),
    learning_plan_code: text('Code of the plan.'),
    enrollment_status: text('not_started, in_progress, completed and the like.'),
    enrollment_completion_percentage: double('Share of the plan that is completed, in percent.'),
    enrollment_completion_date: timestamp('When the user completed the plan.'),
    // Clients count it in seconds; Docebo names no unit. tables/API.md#units
    enrollment_time_spent: integer('Time spent in the plan, in seconds.'),
    enrollment_created_by: integer('User who made the enrolment.', {references: users}),
    enrollment_created_at: timestamp('When the enrolment was made.'),
    enrollment_validity_begin_date: timestamp('When access begins.'),
    enrollment_validity_begin_datetime: timestamp('Moment at which access begins.'),
    enrollment_validity_end_date: timestamp('When access ends.'),
    enrollment_validity_end_datetime: timestamp('Moment at which access ends.'),
    enrollment_date_last_updated: timestamp('When the enrolment last changed.'),
    assignment_type: text('Whether the plan is mandatory for the user.'),
    mandatory_courses_completed_at_completion: integer('Mandatory courses completed when the plan was completed.'),
    mandatory_courses_total_at_completion: integer('Mandatory courses in the plan when it was completed.'),
  },
});
