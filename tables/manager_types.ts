import {defineTable, integer, text} from '../src/table.js';

export const managerTypes = defineTable({
  name: 'manager_types',
  area: 'people',
  description: 'Kinds of manager that a user may have, such as the direct one.',
  routes: [{path: '/manage/v1/managers', query: {as_array: '1'}}],
  primaryKey: ['id'],
  columns: {
    id: integer('Id of the kind.'),
    title: text('Name of the kind.'),
  },
});
