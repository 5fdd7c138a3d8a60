import {boolean, defineTable, integer, text} from '../src/table.js';
import {courseDetails} from './course_details.js';
import {courseFields} from './course_fields.js';
import {courses} from './courses.js';

export const courseFieldValues = defineTable({
  name: 'course_field_values',
  area: 'courses',
  description:
    'Values of the additional fields of courses, one row for each course and field. They are taken from the list of courses if it sends all of them, otherwise from the details.',
  routes: [
    // Only some lists send the values. tables/API.md#course_field_values
    {derive: {table: courses, each: 'field_{id}', named: courseFields, bind: {course_id: 'id_course'}}},
    {derive: {table: courseDetails, each: 'additional_fields', bind: {course_id: 'course_id'}}},
  ],
  primaryKey: ['course_id', 'field_id'],
  columns: {
    course_id: integer('Course that the value is of.', {references: courses}),
    field_id: integer('Field that the value is of.', {from: ['id', 'field_id'], references: courseFields}),
    title: text('Label of the field.', {from: ['title', 'name.value', 'name_field.value']}),
    type: text('Kind of field.', {from: ['type', 'type_field']}),
    value: text('Value as sent; NULL if none was given.'),
    mandatory: boolean('Whether a value is required.'),
    visible_to_user: boolean('Whether learners see the field.'),
    settings: text('Settings of the field, as sent.'),
  },
});
