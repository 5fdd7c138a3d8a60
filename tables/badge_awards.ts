import {defineTable, integer, timestamp} from '../src/table.js';
import {badges} from './badges.js';
import {users} from './users.js';

export const badgeAwards = defineTable({
  name: 'badge_awards',
  area: 'gamification',
  description:
    'Who holds which badge, one row for each holder: if somebody won a badge several times, the points are added up and only the last date is known.',
  routes: [
    {
      path: '/share/v1/gamification/{badge_id}/assigned_users',
      parent: {table: badges, bind: {badge_id: 'id'}},
      tolerate: {404: 'The badge was deleted after the badges were listed.'},
    },
  ],
  primaryKey: ['badge_id', 'user_id'],
  columns: {
    badge_id: integer('Badge that was won.', {references: badges}),
    user_id: integer('User who won it.', {references: users}),
    points_count: integer('Points from this badge, all awards together.'),
    last_achieved_date: timestamp('When the user last won it.'),
  },
});
