import {boolean, defineTable, double, integer, json, text, timestamp} from '../src/table.js';
import {catalogs} from './catalogs.js';
import {categories} from './categories.js';

const dependsOnCaller = 'It depends on who asks.';

export const catalogItems = defineTable({
  name: 'catalog_items',
  area: 'catalogs',
  description:
    'Which courses and learning plans are in which catalog. Joins to courses on item_id where item_type is learning_course_type, and to learning_plans where it is learning_plan.',
  routes: [
    {
      derive: {
        table: catalogs,
        each: 'sub_items',
        counted: 'number_items',
        bind: {catalogue_id: 'catalogue_id'},
      },
    },
    {
      path: '/learn/v1/catalog/{catalogue_id}',
      parent: {table: catalogs, bind: {catalogue_id: 'catalogue_id'}, skipIfZero: ['number_items']},
      tolerate: {404: 'The catalog was deleted after the catalogs were listed.'},
    },
  ],
  primaryKey: ['catalogue_id', 'item_type', 'item_id'],
  columns: {
    catalogue_id: integer('Catalog that holds the item.', {references: catalogs}),
    item_type: text('What the item is: learning_course_type or learning_plan.'),
    item_type_int: integer('The same as a number.'),
    item_id: integer('Id of the course or of the learning plan.'),
    item_code: text('Code of the item.'),
    item_name: text('Title of the item.'),
    item_slug: text('Title as used in URLs.'),
    item_description: text('Description, as HTML.'),
    course_type: text('elearning, classroom or webinar; null for learning plans.'),
    item_category: integer('Category of the course.', {references: categories}),
    item_language: text('Language of the course, such as english; null for learning plans.'),
    item_language_code: text('Code of the language.'),
    item_language_label: text('Name of the language.'),
    item_thumbnail: text('Address of the image.'),
    item_price: text('Price, as sent, without the currency; null without the e-commerce app.'),
    price_status: integer('1 free, 2 paid; null for learning plans.'),
    affiliate_price: text('Price for affiliates, as sent, without the currency.'),
    is_affiliate: boolean('Whether the course is sold through affiliates.'),
    partner_fields: json('Fields of the affiliate partner.'),
    item_rating: double('Average rating; null for learning plans.'),
    item_rating_option: text('Who may rate the course.'),
    item_visibility: integer('Who sees the item: 0 everyone, 1 users who signed in, 2 users who are enrolled.'),
    item_policy: integer('When users may enrol: 0 never, 1 always, 2 within dates.'),
    item_can_enroll: integer('Who may enrol: 0 admins only, 1 with approval, 2 everyone.'),
    is_opened: boolean('Whether the course is open for enrolment; null for learning plans.'),
    access_status: integer('1 enabled, 2 disabled, 3 expired; null for learning plans.'),
    number_of_courses: integer('Courses in the learning plan; null for courses.'),
    // A client takes it for seconds, as in other lists of /learn/v1. tables/API.md#catalog_items
    duration: integer('Duration as set for the course. Whether in seconds or in minutes is not known.'),
    item_create_date: timestamp('When the item was created.'),
    item_date_end: timestamp('When the course ends.'),
  },
  ignores: {
    is_new: dependsOnCaller,
    is_user_enrolled: dependsOnCaller,
    is_user_subscribed: dependsOnCaller,
    waiting: dependsOnCaller,
  },
});
