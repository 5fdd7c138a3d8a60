import {envelop, slicePage} from '../http/envelope.js';
import {Refusal} from '../http/reply.js';
import {listOf} from '../list.js';
import {type Call, get, type Route} from './route.js';

export const gamificationRoutes: readonly Route[] = [
  get('/share/v1/gamification/badges', call => envelop(call.tenant.gamification.badges, call)),
  get('/share/v1/gamification/{id}/assigned_users', call => {
    const {badgeIds, holders} = call.tenant.gamification;
    const badge = badgeIds.index(Number(call.id));
    if (badge === undefined) throw new Refusal(404, 'The badge does not exist.');
    return envelop(holders(badge), call);
  }),
  get('/manage/v1/gamification/leaderboards', listLeaderboards),
];

const usualLimit = 15;

/** One leaderboard is asked for with the best of it, all without (tables/API.md#leaderboard_positions). */
function listLeaderboards(call: Call): unknown {
  const {leaderboards, leaderboardIds, positions} = call.tenant.gamification;
  const id = call.query.get('id_leaderboard');
  if (id === null) return envelop(leaderboards, call);
  const index = leaderboardIds.index(Number(id));
  if (index === undefined) return envelop(listOf([]), call);
  const size = Number(call.query.get('limit') ?? usualLimit);
  const best = slicePage(positions(index), {number: 1, size});
  return envelop(listOf([{...leaderboards.at(index), positions: best}]), call);
}
