import {boolean, defineTable, integer, text} from '../src/table.js';

export const categories = defineTable({
  name: 'categories',
  area: 'courses',
  description: 'The tree that courses are filed in, without its root.',
  routes: [
    {
      path: '/learn/v1/categories',
      query: {sort_attr: 'id', sort_dir: 'asc'},
      // Whether the plain list is the whole tree or its first level is not known. tables/API.md#categories
      descend: {param: 'node_id', id: 'id', hasChildren: 'has_child', left: 'i_left', right: 'i_right'},
    },
  ],
  primaryKey: ['id'],
  columns: {
    id: integer('Id of the category.'),
    code: text('Code of the category.'),
    title: text('Name of the category.'),
    title_parent: text('Name of the category above.'),
    has_child: boolean('Whether there are categories below.'),
    lev: integer('Depth in the tree.'),
    i_left: integer('Left bound of the nested set, from which the parent follows.', {from: 'iLeft'}),
    i_right: integer('Right bound of the nested set.', {from: 'iRight'}),
    icon: text('Icon of the category.'),
    counter: integer('Courses in the category.'),
  },
});
