import {boolean, defineTable, integer, json, text} from '../src/table.js';

export const subscriptionBundles = defineTable({
  name: 'subscription_bundles',
  area: 'subscriptions',
  description: 'Bundles of content that are sold as subscriptions.',
  routes: [{path: '/learn/v1/sub_bundle', query: {sort_attr: 'id', sort_dir: 'asc'}}],
  primaryKey: ['id'],
  columns: {
    id: integer('Id of the bundle.'),
    code: text('Code of the bundle.'),
    name: text('Name of the bundle.'),
    description: text('What the bundle is about.'),
    type: text('Kind of bundle, in words.'),
    // The specification numbers the kinds in two ways, so the number is not translated. tables/API.md#subscription_bundles
    type_id: integer('Number of the kind of bundle; which number stands for what is not known.'),
    published: boolean('Whether the bundle is published.'),
    sub_items: json('Content of the bundle.'),
    plans: json('Plans by which the bundle is sold.'),
    visibility: json('Branches and groups that see the bundle.'),
    actions: json('What the credential may do with the bundle.'),
  },
});
