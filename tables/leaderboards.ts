import {boolean, defineTable, integer, json, text} from '../src/table.js';

export const leaderboards = defineTable({
  name: 'leaderboards',
  area: 'gamification',
  description: 'Rankings of users by their points, as the credential’s user sees them.',
  routes: [{path: '/manage/v1/gamification/leaderboards', query: {show_inactive: 'true'}}],
  primaryKey: ['id'],
  ignores: {positions: 'They are rows of leaderboard_positions.'},
  columns: {
    id: integer('Id of the leaderboard.'),
    name: text('Name of the leaderboard.'),
    is_active: boolean('Whether it is in use.'),
    is_visible: boolean('Whether learners see it.'),
    anonymity: json('Whether names are hidden, as sent.'),
    defaults: json('Whether it is the default, as sent.'),
    visible_by: json('Who sees it.'),
  },
});
