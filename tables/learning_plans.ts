import {boolean, defineTable, double, integer, json, text, timestamp} from '../src/table.js';

export const learningPlans = defineTable({
  name: 'learning_plans',
  area: 'learning_plans',
  description: 'Learning plans, which are sequences of courses.',
  routes: [
    // Left unsorted: a tenant rejected sort_attr. tables/API.md#learning_plans
    {path: '/learningplan/v1/learningplans'},
    {path: '/learn/v1/lp', query: {sort_attr: 'last_update', sort_dir: 'asc'}, recordsAt: ['data.items', 'items']},
  ],
  primaryKey: ['learning_plan_id'],
  // tables/API.md#learning_plans
  filters: {search_text: {param: 'search_text', description: 'Plans whose title holds the text.'}},
  columns: {
    learning_plan_id: integer('Id of the plan.', {from: ['learning_plan_id', 'id']}),
    uuid: text('UUID of the plan.'),
    code: text('Code of the plan.'),
    title: text('Title of the plan.', {from: ['title', 'name']}),
    description: text('Description, as HTML.'),
    thumbnail_url: text('Address of the image.', {from: ['thumbnail_url', 'image']}),
    price: text('Price, as sent, without the currency.'),
    credits: double('Credits earned.'),
    is_published: boolean('Whether the plan is published.'),
    is_publishable: boolean('Whether the plan can be published.'),
    assigned_courses_count: integer('Courses in the plan.'),
    assigned_enrollments_count: integer('Users enrolled in the plan.'),
    assigned_catalogs_count: integer('Catalogs that hold the plan.'),
    assigned_channels_count: integer('Channels that hold the plan.'),
    created_on: timestamp('When the plan was created.', {from: ['created_on', 'create_date']}),
    created_by: json('Who created the plan.'),
    updated_on: timestamp('When the plan was last changed.', {from: ['updated_on', 'date_last_updated']}),
    updated_by: json('Who last changed the plan.'),
    updated_by_fullname: text('Full name of the user who last changed the plan.', {from: 'updated_by.fullname'}),
  },
});
