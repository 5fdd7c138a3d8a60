import {defineTable, double, integer, json, text} from '../src/table.js';
import {subscriptionBundles} from './subscription_bundles.js';

export const subscriptionPlans = defineTable({
  name: 'subscription_plans',
  area: 'subscriptions',
  description: 'Terms on which a bundle is sold: price, length and renewal.',
  routes: [{path: '/learn/v1/sub_plan', query: {sort_attr: 'id', sort_dir: 'asc'}}],
  primaryKey: ['plan_id'],
  columns: {
    plan_id: integer('Id of the plan.', {from: ['plan_id', 'id']}),
    plan_name: text('Name of the plan.', {from: ['plan_name', 'name']}),
    code: text('Code of the plan.'),
    bundle_id: integer('Bundle that is sold.', {references: subscriptionBundles}),
    bundle_code: text('Code of the bundle.'),
    bundle_title: text('Name of the bundle.'),
    bundle_description: text('What the bundle is about.'),
    bundle_type: text('Kind of bundle, in words.'),
    bundle_type_id: integer('Number of the kind of bundle; which number stands for what is not known.'),
    plan_price: double('Price, without its currency.', {from: ['plan_price', 'price']}),
    duration: text('How long the subscription lasts, in words.'),
    validity_period: integer('How long the subscription lasts, in validity_units.'),
    validity_units: integer('1 days, 2 months, 3 years.'),
    renewal_type: text('How the subscription is renewed.'),
    availability: integer('How many can be sold.'),
    enforce_limit: integer('Whether no more than that can be sold, as sent.'),
    actions: json('What the credential may do with the plan.'),
  },
});
