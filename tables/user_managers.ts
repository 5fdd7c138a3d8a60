import {defineTable, integer, text} from '../src/table.js';
import {users} from './users.js';

export const userManagers = defineTable({
  name: 'user_managers',
  area: 'people',
  description:
    'Who manages whom, in which way. A kind of manager that a user has nobody for may come as a row without a manager.',
  routes: [
    {
      derive: {
        table: users,
        each: 'manager_names',
        key: 'manager_type_id',
        position: 'position',
        bind: {user_id: 'user_id'},
      },
    },
  ],
  // That a user has one manager of each type is only inferred. tables/API.md#user_managers
  primaryKey: ['user_id', 'position'],
  columns: {
    user_id: integer('User who is managed.', {references: users}),
    position: integer('Place among the user’s managers as sent, from 1.'),
    manager_type_id: integer('Kind of manager; see manager_types.'),
    manager_title: text('Name of the kind of manager.'),
    manager_id: integer('User who manages. Not every tenant is known to send it.', {references: users}),
    manager_username: text('Name the manager signs in with.'),
    manager_name: text('First and last name of the manager.'),
  },
});
