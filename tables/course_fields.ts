import {boolean, defineTable, integer, json, text} from '../src/table.js';

export const courseFields = defineTable({
  name: 'course_fields',
  area: 'courses',
  description: 'Additional fields of courses: the N of a column field_N is an id here.',
  routes: [{path: '/learn/v1/courses/field'}],
  primaryKey: ['id'],
  columns: {
    id: integer('Id of the field.', {from: ['id', 'field_id']}),
    // Unlike the label of a user field, this is an object. tables/API.md#course_fields
    name: json('Label of the field as sent.', {from: ['name', 'name_field']}),
    name_value: text('Label of the field.', {from: 'name.value'}),
    type: text('Kind of field.', {from: ['type', 'type_field']}),
    mandatory: boolean('Whether a value is required.'),
    visible_to_user: boolean('Whether learners see the field.'),
    settings: json('Settings of the field.'),
  },
});
