import {defineTable, type Exploded, integer, type PageContext, type SentRecord, timestamp} from '../src/table.js';
import {leaderboards} from './leaderboards.js';
import {users} from './users.js';

/** Nothing is known that asks for the positions behind it. tables/API.md#leaderboard_positions */
const limit = 100_000;

export const leaderboardPositions = defineTable({
  name: 'leaderboard_positions',
  area: 'gamification',
  description:
    'Who stands where on which leaderboard. 100,000 positions are asked for; if as many come, the table is not loaded, since there may be more. Whether Docebo sends fewer than it is asked for, although there are more, is not known.',
  routes: [
    {
      path: '/manage/v1/gamification/leaderboards',
      query: {
        id_leaderboard: '{leaderboard_id}',
        limit: String(limit),
        show_inactive: 'true',
        show_anonymous: 'true',
        preview: 'true',
      },
      parent: {table: leaderboards, bind: {leaderboard_id: 'id'}},
      paging: 'single',
      explode: positionsOf,
      tolerate: {404: 'The leaderboard was deleted after the leaderboards were listed.'},
    },
  ],
  // Two users may share a position, and an anonymous one may have no id.
  primaryKey: ['leaderboard_id', 'place'],
  columns: {
    leaderboard_id: integer('Leaderboard.', {references: leaderboards}),
    place: integer('Place in the list, from 1.'),
    position: integer('Position on the leaderboard, as sent.'),
    user_id: integer('User at this position.', {from: ['user_id', 'id_user'], references: users}),
    points: integer('Points of the user.'),
    percentage: integer('Share of the points, as sent.'),
    last_assign: timestamp('When the user last got points.'),
  },
  ignores: {is_me: 'It is about the credential’s user.'},
});

/** The reply is a list of leaderboards, which holds the one that was asked for. */
function positionsOf(body: unknown, {bound}: PageContext): Exploded {
  const listed = membersOf(memberOf(memberOf(body, 'data'), 'items') ?? []);
  const [leaderboard = {}] = listed;
  const id = bound['leaderboard_id'];
  if (listed.length > 1 || String(memberOf(leaderboard, 'id') ?? id) !== id)
    throw new TypeError(`Expected the leaderboard ${id} alone, but saw others`);
  const positions = membersOf(memberOf(leaderboard, 'positions') ?? []);
  if (positions.length >= limit)
    throw new TypeError(`It holds ${positions.length} positions, as many as were asked for, so there may be more`);
  return {listed, records: positions.map((position, index) => ({...objectOf(position), place: index + 1}))};
}

function memberOf(value: unknown, name: string): unknown {
  return objectOf(value)[name];
}

function objectOf(value: unknown): SentRecord {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as SentRecord;
  throw new TypeError(`Expected an object, but saw ${JSON.stringify(value)?.slice(0, 20)}`);
}

/** A list, or the values of a map. */
function membersOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : Object.values(objectOf(value));
}
