import {defineTable, integer, text} from '../src/table.js';
import {branches} from './branches.js';
import {users} from './users.js';

// No list gives pairs of user and branch, so each branch is asked for its own members. Those of the branches below stand in their own lists.
const perBranch = {
  parent: {table: branches, bind: {branch_id: 'id'}},
  tolerate: {404: 'The branch was deleted after the branches were listed.'},
} as const;

export const userBranches = defineTable({
  name: 'user_branches',
  area: 'organisation',
  description:
    'Which users are in which branch, each branch without those below it. Users in no other branch stand in the root; if the tenant does not name its root (see branches), they are missing.',
  routes: [
    {
      // selection_status=2 would give the members of the branches below as well. tables/API.md#user_branches
      path: '/manage/v1/user',
      query: {branch_id: '{branch_id}', selection_status: '1', sort_attr: 'username', sort_dir: 'asc'},
      cursor: true,
      ...perBranch,
    },
    {path: '/manage/v1/orgchart/{branch_id}/users', query: {only_first_level: '1'}, ...perBranch},
  ],
  primaryKey: ['branch_id', 'user_id'],
  ignores: {'*': 'The list of a branch repeats what users holds.'},
  columns: {
    branch_id: integer('Branch the user is in.', {references: branches}),
    user_id: integer('User who is in the branch.', {references: users}),
    username: text('Name the user signs in with.'),
  },
});
