import {defineTable, integer, text} from '../src/table.js';

export const catalogs = defineTable({
  name: 'catalogs',
  area: 'catalogs',
  description: 'Catalogs of courses and learning plans that the credential may administrate.',
  routes: [
    {
      // With the items of all catalogs, so that catalog_items takes no call. tables/API.md#catalogs
      path: '/learn/v1/catalog',
      query: {show_item_list: '1', items_per_catalog: '100000', sort_attr: 'id', sort_dir: 'asc'},
      holds: {
        catalogue_id:
          'the items of all catalogs came in one list, without their catalogs, as Docebo sends them to callers who may only browse.',
      },
    },
  ],
  primaryKey: ['catalogue_id'],
  columns: {
    catalogue_id: integer('Id of the catalog.'),
    catalogue_code: text('Code of the catalog.'),
    catalogue_name: text('Name of the catalog.'),
    catalogue_description: text('Description, as HTML.'),
    catalogue_sort_attr: text('By what the catalog sorts its items, such as item_id.'),
    catalogue_sort_dir: text('In which direction the catalog sorts its items: asc or desc.'),
    number_items: integer('Courses and learning plans in the catalog.'),
    items_count: integer('Items that came with the catalog.'),
  },
  ignores: {sub_items: 'They are the rows of catalog_items.'},
});
