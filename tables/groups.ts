import {boolean, defineTable, integer, json, text, timestamp} from '../src/table.js';
import {users} from './users.js';

export const groups = defineTable({
  name: 'groups',
  area: 'organisation',
  description: 'Groups of users, which Docebo also calls audiences.',
  routes: [{path: '/audiences/v1/audience'}, {path: '/manage/v1/group'}],
  primaryKey: ['group_id'],
  columns: {
    // Audiences have a uuid; whether they have a number too is not known. tables/API.md#groups
    group_id: text('What identifies the group: its UUID, or its number if it has none.', {
      from: ['uuid', 'group_id', 'id', 'idst'],
    }),
    uuid: text('UUID of the group.'),
    id: integer('Id of the group.', {from: ['id', 'group_id', 'idst']}),
    name: text('Name of the group.'),
    description: text('What the group is for.'),
    type: text('Whether members are chosen by hand or by rules.'),
    rule_set_operator: text('How rule sets are combined.'),
    rule_set_status: text('State of the rule sets.'),
    rule_sets: json('Rules that choose the members.'),
    exclude_deactivated_users: boolean('Whether deactivated users are left out.'),
    labels: json('Labels of the group.'),
    // Sent for groups with numbers. tables/API.md#groups
    total_members: integer('Users who belong to the group.'),
    created_by: json('Who created the group.'),
    created_by_idst: integer('Id of the user who created the group.', {from: 'created_by.idst', references: users}),
    updated_by: json('Who last changed the group.'),
    updated_by_idst: integer('Id of the user who last changed the group.', {
      from: 'updated_by.idst',
      references: users,
    }),
    updated_at: timestamp('When the group was last changed.'),
  },
});
