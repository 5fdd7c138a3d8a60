import {dateText, oddDateText, someMoment} from '../dates.js';
import {type List, lazyList, type SentRecord} from '../list.js';
import {dice, type Ids, spreadIds} from '../random.js';
import {title} from '../texts.js';
import type {Users} from './users.js';

export interface Gamification {
  readonly badges: List;
  readonly badgeIds: Ids;
  /** Who holds a badge, one record for each user. */
  holders(badge: number): List;
  readonly leaderboards: List;
  readonly leaderboardIds: Ids;
  /** The best first. */
  positions(leaderboard: number): List;
}

const mostRanked = 500;

export function createGamification(seed: number, users: Users): Gamification {
  const badgeCount = Math.min(80, Math.max(5, Math.round(Math.sqrt(users.count) / 3)));
  const badgeIds = spreadIds(3, 4, seed, 'badge', badgeCount);
  const pointsOf = (badge: number) => 5 * (1 + dice(seed, 'badge-points', badge).below(10));
  const leaderboardCount = Math.min(6, Math.max(2, Math.round(Math.log10(users.count))));
  const leaderboardIds = spreadIds(1, 3, seed, 'leaderboard', leaderboardCount);
  return {
    badges: lazyList(badgeCount, index => {
      const die = dice(seed, 'badge', index);
      const id = badgeIds.id(index);
      return {id, code: die.chance(0.3) ? '' : `BADGE-${id}`, name: title(die), points: pointsOf(index)};
    }),
    badgeIds,
    // Nobody has won the last one.
    holders: badge => {
      const size = badge === badgeCount - 1 ? 0 : Math.ceil((users.count * 0.4) / (badge + 1));
      return spread(size, users.count, dice(seed, 'badge-offset', badge).below(7), (user, place) => {
        const die = dice(seed, 'badge-award', badge * users.count + place);
        const times = die.chance(0.2) ? 2 + die.below(3) : 1;
        return {
          user_id: users.ids.id(user),
          points_count: times * pointsOf(badge),
          last_achieved_date: oddDateText(die, someMoment(die)),
        };
      });
    },
    leaderboards: lazyList(leaderboardCount, index => leaderboardRecord(seed, index, leaderboardIds.id(index))),
    leaderboardIds,
    positions: leaderboard => {
      const size = Math.min(mostRanked, Math.ceil(users.count / (leaderboard + 1)));
      return spread(size, users.count, leaderboard, (user, place) => {
        const die = dice(seed, 'leaderboard-position', leaderboard * users.count + place);
        // Every other one has as many points as the one before.
        const rank = place - (place % 2);
        return {
          position: rank + 1,
          user_id: users.ids.id(user),
          points: 10 * (size - rank),
          percentage: Math.round((100 * (size - rank)) / size),
          last_assign: die.chance(0.1) ? null : dateText(someMoment(die)),
          is_me: false,
        };
      });
    },
  };
}

/** `size` different users of `count`. */
function spread(size: number, count: number, first: number, record: (user: number, place: number) => SentRecord): List {
  const step = size === 0 ? 1 : Math.floor(count / size);
  return lazyList(size, place => record((first + place * step) % count, place));
}

function leaderboardRecord(seed: number, index: number, id: number): SentRecord {
  const die = dice(seed, 'leaderboard', index);
  return {
    id,
    name: index === 0 ? 'Everybody' : title(die),
    is_active: index !== 1,
    is_visible: die.chance(0.8),
    anonymity: die.chance(0.3) ? 1 : 0,
    defaults: index === 0 ? 1 : 0,
    visible_by: index === 0 ? [] : {branches: [die.below(20)], groups: []},
  };
}
