import {boolean, defineTable, integer, text} from '../src/table.js';
import {courses} from './courses.js';
import {sessions} from './sessions.js';

export const sessionFieldValues = defineTable({
  name: 'session_field_values',
  area: 'instructor_led',
  description: 'Values of the additional fields of sessions, one row for each session and field.',
  routes: [
    {
      derive: {
        table: sessions,
        each: 'additional_fields',
        bind: {course_id: 'course_id', session_id: 'session_id'},
      },
    },
  ],
  primaryKey: ['course_id', 'session_id', 'field_id'],
  columns: {
    course_id: integer('Course that the session belongs to.', {references: courses}),
    session_id: integer('Session that the value is of.'),
    field_id: integer('Field that the value is of.', {from: ['id', 'field_id']}),
    name: text('Label of the field.', {from: ['name', 'title']}),
    type: text('Kind of field.'),
    value: text('Value as sent; NULL if none was given.'),
    mandatory: boolean('Whether a value is required.'),
  },
});
