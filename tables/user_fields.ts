import {boolean, defineTable, integer, json, text} from '../src/table.js';

export const userFields = defineTable({
  name: 'user_fields',
  area: 'people',
  description: 'Additional fields of users: the N of a column field_N is an id here.',
  routes: [
    // A bare list that holds the choices of dropdowns, which the paged one lacks. tables/API.md#user_fields
    {path: '/manage/v1/user_fields', query: {as_array: '1'}, paging: 'single'},
    {path: '/manage/v1/user_fields', query: {sort_attr: 'id', sort_dir: 'asc'}},
  ],
  primaryKey: ['id'],
  columns: {
    // The specification of 2017 calls it id_field. tables/API.md#user_fields
    id: integer('Id of the field.', {from: ['id', 'id_field']}),
    title: text('Label of the field.'),
    type: text('Kind of field, such as textfield, dropdown, date or yesno.'),
    mandatory: boolean('Whether a value is required.'),
    invisible_to_user: boolean('Whether the field is hidden from users.'),
    enabled: boolean('Whether the field is in use.'),
    inherited: boolean('Whether branches below inherit the field.'),
    system_field: text('Whether the field is one of Docebo’s own, as sent.'),
    sequence: integer('Position among the fields.'),
    settings: json('Settings of the field.'),
    options: json('Choices of a dropdown.', {from: ['options', 'dropdown_options']}),
  },
});
