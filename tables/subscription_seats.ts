import {defineTable, integer, text, timestamp} from '../src/table.js';
import {subscriptionRecords} from './subscription_records.js';
import {users} from './users.js';

export const subscriptionSeats = defineTable({
  name: 'subscription_seats',
  area: 'subscriptions',
  description: 'Who has a seat in which subscription.',
  routes: [{path: '/learn/v1/sub_seat_association', query: {sort_attr: 'id', sort_dir: 'asc'}}],
  primaryKey: ['id'],
  columns: {
    id: integer('Id of the seat.'),
    record_id: integer('Subscription that the seat belongs to.', {references: subscriptionRecords}),
    record_name: text('Name of the subscription.'),
    user_id: integer('User who has the seat.', {references: users}),
    assignment_date: timestamp('When the user got the seat.'),
    seat_end_date: timestamp('When the user loses the seat.'),
    status: integer('1 in use, 2 expired, 3 cancelled.'),
    mode: integer('How the seat was given, as sent.'),
  },
});
