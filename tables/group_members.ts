import {defineTable, integer, text} from '../src/table.js';
import {groups} from './groups.js';
import {users} from './users.js';

const tolerate = {404: 'The group was deleted after the groups were listed.'};

export const groupMembers = defineTable({
  name: 'group_members',
  area: 'organisation',
  description: 'Which users belong to which group.',
  routes: [
    {
      path: '/audiences/v1/audience/{group_id}/users',
      parent: {table: groups, bind: {group_id: 'group_id'}},
      tolerate,
    },
    {
      path: '/manage/v1/group/{id}/members',
      parent: {table: groups, bind: {id: 'id', group_id: 'group_id'}},
      tolerate,
    },
    // For groups without a number. tables/API.md#group_members
    {
      path: '/manage/v1/group/{uuid}/members',
      parent: {table: groups, bind: {uuid: 'uuid', group_id: 'group_id'}},
      tolerate,
    },
  ],
  primaryKey: ['group_id', 'user_id'],
  columns: {
    group_id: text('Group the user belongs to.'),
    // Audiences call the user idst. tables/API.md#group_members
    user_id: integer('User who belongs to the group.', {from: ['user_id', 'idst', 'id'], references: users}),
    username: text('Name the user signs in with.'),
    relation_type: text('How the user came to belong to the group.'),
  },
});
