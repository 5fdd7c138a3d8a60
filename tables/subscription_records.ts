import {defineTable, double, integer, json, text, timestamp} from '../src/table.js';
import {subscriptionBundles} from './subscription_bundles.js';
import {subscriptionPlans} from './subscription_plans.js';
import {users} from './users.js';

export const subscriptionRecords = defineTable({
  name: 'subscription_records',
  area: 'subscriptions',
  description: 'Subscriptions that were sold: to whom, for how long and how much of them is used.',
  routes: [{path: '/learn/v1/sub_record', query: {sort_attr: 'record_id', sort_dir: 'asc'}}],
  primaryKey: ['record_id'],
  columns: {
    record_id: integer('Id of the subscription.'),
    record_name: text('Name of the subscription.', {from: ['record_name', 'name']}),
    code: text('Code of the subscription.'),
    bundle_id: integer('Bundle that was sold.', {references: subscriptionBundles}),
    plan_id: integer('Plan by which it was sold.', {references: subscriptionPlans}),
    parent_id: integer('Subscription that this one renews.'),
    object_id: integer('Branch, group or user that it was sold to.'),
    object_type: integer('Which of these object_id is, as sent.'),
    sold_to_name: text('Name of whom it was sold to.'),
    selection_status: integer('If it was sold to a branch: 1 alone, 2 with those below.'),
    record_type: integer('How it was sold: 1 in the shop, 2 by an administrator.'),
    // The specification numbers the kinds in two ways, so the number is not translated. tables/API.md#subscription_bundles
    type: integer('Number of the kind of bundle; which number stands for what is not known.'),
    status: integer('1 active, 2 inactive.'),
    start_date: timestamp('When it begins.'),
    end_date: timestamp('When it ends.'),
    availability: integer('How many were bought.'),
    remaining: integer('How many of them are left.'),
    users_associated: integer('Users who have a part in it.'),
    enrollments_done: integer('Enrolments made by it.'),
    renewal_type: integer('How it is renewed: 1 not at all, 2 by hand, 3 by itself.'),
    price: double('Price, without its currency.'),
    notes: text('Notes about it.'),
    sub_items: json('Content that was sold.'),
    created_by: integer('User who made it.', {references: users}),
    created_on: timestamp('When it was made.'),
  },
});
