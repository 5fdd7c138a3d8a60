import {boolean, defineTable, integer, text} from '../src/table.js';

export const enrollmentFields = defineTable({
  name: 'enrollment_fields',
  area: 'enrolments',
  description: 'Additional fields of enrolments. The path is known only from a specification of 2017.',
  routes: [{path: '/manage/v1/enrollment_fields', query: {sort_attr: 'id', sort_dir: 'asc'}}],
  primaryKey: ['id'],
  columns: {
    id: integer('Id of the field.', {from: ['id', 'id_field']}),
    title: text('Label of the field.'),
    type: text('Kind of field.'),
    mandatory: boolean('Whether a value is required.'),
    visible_to_user: boolean('Whether learners see the field.'),
    sequence: integer('Position of the field among the others.'),
    courses: text('Courses that the field belongs to, as sent.'),
  },
});
