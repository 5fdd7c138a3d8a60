import {boolean, defineTable, integer, json, text} from '../src/table.js';

// Without flattened the reply holds only the root's children. Whether every tenant honours it is not known. tables/API.md#branches
const descend = {
  param: 'node_id',
  id: 'id',
  hasChildren: 'has_children',
  parentId: 'parent_id',
  left: 'i_left',
  right: 'i_right',
  root: 'extra_data',
  path: {column: 'path', of: 'title'},
} as const;

export const branches = defineTable({
  name: 'branches',
  area: 'organisation',
  description:
    'The organisation chart, one row for each branch, and one for the root that is above them all if Docebo names it. Without that row, user_branches lacks the users who are in no branch.',
  routes: [
    {path: '/manage/v1/orgchart', query: {flattened: 'true'}, descend, cursor: true},
    {path: '/manage/v1/orgchart', descend, cursor: true},
  ],
  primaryKey: ['id'],
  ignores: {
    title_parent: 'Nothing is above the root.',
    root_node_id: 'It is the id of the row with is_root.',
  },
  columns: {
    id: integer('Id of the branch.'),
    code: text('Code of the branch.'),
    title: text('Name of the branch.'),
    path: text('Names from the topmost branch down to this one, with “ / ” between them.', {from: []}),
    parent_id: integer('Branch above.', {from: ['parent_id', 'id_parent']}),
    parent_code: text('Code of the branch above.'),
    is_root: boolean('Whether it is the root; only the root says so.'),
    lev: integer('Depth in the tree.'),
    i_left: integer('Left bound of the nested set.', {from: 'iLeft'}),
    i_right: integer('Right bound of the nested set.', {from: 'iRight'}),
    has_children: boolean('Whether there are branches below.'),
    can_manage: boolean('Whether the credential may manage the branch.'),
    selectable: boolean('Whether the branch can be selected.'),
    selected: boolean('Whether the branch is selected.'),
    selection_status: integer('How the branch is selected: 1 alone, 2 with those below.'),
    icon: text('Icon of the branch.'),
    color: text('Colour of the branch.'),
    tooltip: text('Hint shown with the branch.'),
    actions: json('What the credential may do with the branch.'),
  },
});
