import {defineTable, integer, text} from '../src/table.js';

export const badges = defineTable({
  name: 'badges',
  area: 'gamification',
  description: 'Badges that can be won.',
  // The one client that is known to ask for them sends an empty search. tables/API.md#badges
  routes: [{path: '/share/v1/gamification/badges', query: {search_text: ''}}],
  primaryKey: ['id'],
  columns: {
    id: integer('Id of the badge.'),
    code: text('Code of the badge.'),
    name: text('Name of the badge.'),
    points: integer('Points that the badge gives.'),
  },
});
