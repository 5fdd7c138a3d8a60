import {boolean, defineTable, integer, text, timestamp} from '../src/table.js';
import {courseDetails} from './course_details.js';
import {courses} from './courses.js';
import {users} from './users.js';

export const coursePartners = defineTable({
  name: 'course_partners',
  area: 'courses',
  description: 'Partners through whom courses are sold, from the details of the courses.',
  routes: [
    {
      derive: {table: courseDetails, each: 'partner_data', bind: {course_id: 'course_id'}, position: 'partner_number'},
    },
  ],
  primaryKey: ['course_id', 'partner_number'],
  columns: {
    course_id: integer('Course that is sold.', {references: courses}),
    partner_number: integer('Place among the partners of the course, from 1.'),
    partner_id: integer('Id of the partner.', {from: 'id'}),
    referral_id: text('Referral number of the partner.', {from: ['referral_id', 'referral_code']}),
    name: text('Name of the partner.'),
    description: text('Description of the partner.'),
    address: text('Street address.'),
    city: text('City.'),
    state: text('State.'),
    country: text('Country.'),
    phone: text('Telephone number.'),
    email: text('Email address.'),
    website: text('Address of the website.'),
    discount: text('Discount as sent. Whether a share or an amount is not known.'),
    affiliate_code: text('Code of the affiliate.'),
    enable_affiliate: boolean('Whether selling through affiliates is on.'),
    catalog_visible: boolean('Whether the partner is shown in the catalog.'),
    course_visible: boolean('Whether the partner is shown with the course.'),
    active: boolean('Whether the partner is active.'),
    updated_at: timestamp('When the partner was last changed.'),
    updated_by: integer('User who last changed the partner.', {references: users}),
    logo_full_path: text('Address of the logo.'),
  },
});
