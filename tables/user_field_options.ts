import {defineTable, integer, json, text} from '../src/table.js';
import {userFields} from './user_fields.js';

export const userFieldOptions = defineTable({
  name: 'user_field_options',
  area: 'people',
  description: 'Choices of the dropdowns among the additional fields of users.',
  routes: [
    {derive: {table: userFields, where: {type: ['dropdown']}, each: 'options', bind: {field_id: 'id'}}},
    {
      path: '/manage/v1/user_fields/{field_id}',
      parent: {table: userFields, bind: {field_id: 'id'}, where: {type: ['dropdown']}},
      recordsAt: ['data.dropdown_options'],
      paging: 'single',
      tolerate: {404: 'The field was deleted after the fields were listed.'},
    },
  ],
  primaryKey: ['field_id', 'option_id'],
  columns: {
    field_id: integer('Dropdown that the choice belongs to.', {references: userFields}),
    option_id: integer('Id of the choice.', {from: ['option_id', 'id']}),
    label: text('Text of the choice: the English one if there are several languages.', {
      from: ['label', 'translations.english'],
    }),
    translations: json('Text of the choice by language.'),
  },
});
