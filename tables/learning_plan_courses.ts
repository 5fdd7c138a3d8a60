import {boolean, defineTable, integer, json, text, timestamp} from '../src/table.js';
import {courses} from './courses.js';
import {learningPlans} from './learning_plans.js';

export const learningPlanCourses = defineTable({
  name: 'learning_plan_courses',
  area: 'learning_plans',
  description: 'Which courses each learning plan holds, in which order, and which of them it requires.',
  routes: [
    {
      path: '/learningplan/v1/learningplans/{learning_plan_id}/courses',
      parent: {
        table: learningPlans,
        bind: {learning_plan_id: 'learning_plan_id'},
        skipIfZero: ['assigned_courses_count'],
      },
      tolerate: {404: 'The plan was deleted after the plans were listed.'},
    },
  ],
  primaryKey: ['learning_plan_id', 'course_id'],
  columns: {
    learning_plan_id: integer('Plan that holds the course.'),
    course_id: integer('Course in the plan.', {from: ['id', 'course_id', 'id_course'], references: courses}),
    sequence: integer('Place of the course in the plan.'),
    is_required: boolean('Whether the course has to be completed for the plan.'),
    prerequisites_count: integer('Courses of the plan that have to be completed before this one.'),
    all_courses: json('Whether all of those have to be completed, as sent.'),
    courses_to_be_completed: integer('How many of those have to be completed.'),
    postpone_access: boolean('Whether the course opens later than the plan.'),
    time: integer('How much later, in time_unit.'),
    time_unit: text('Unit of time, as sent.'),
    title: text('Title of the course.'),
    code: text('Code of the course.'),
    uid: text('Short identifier of the course.'),
    type: text('elearning, classroom or webinar.'),
    category: json('Category of the course as sent.'),
    is_published: boolean('Whether the course is published.'),
    create_date: timestamp('When the course was made or put into the plan; which of the two is not known.'),
    language_code: text('Language of the course.'),
    language_browser_code: text('Language of the course as browsers write it.'),
    language_name: text('Name of the language.'),
  },
});
