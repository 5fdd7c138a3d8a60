import {defineTable, integer, text} from '../src/table.js';
import {users} from './users.js';

const perManager = {
  parent: {table: users, bind: {manager_id: 'user_id'}, where: {is_manager: ['true', '1']}},
  tolerate: {404: 'The manager was deleted after the users were listed.'},
} as const;

export const managerSubordinates = defineTable({
  name: 'manager_subordinates',
  area: 'people',
  description: 'The direct reports of each manager, as Docebo lists them. user_managers has them without a call.',
  routes: [
    {
      path: '/manage/v1/user/{manager_id}/subordinates',
      query: {hierarchy: '1', sort_attr: 'id', sort_dir: 'asc'},
      ...perManager,
    },
    {path: '/manage/v1/managers/{manager_id}/subordinates', ...perManager},
  ],
  primaryKey: ['manager_id', 'user_id'],
  columns: {
    manager_id: integer('User who manages.', {references: users}),
    user_id: integer('User who is managed.', {from: ['user_id', 'id'], references: users}),
    username: text('Name the user signs in with.'),
    first_name: text('First name.', {from: ['name', 'firstname', 'first_name']}),
    last_name: text('Last name.', {from: ['surname', 'lastname', 'last_name']}),
    fullname: text('First and last name as Docebo shows them.'),
    email: text('Email address.'),
  },
});
