import {oddDateText, someMoment} from '../dates.js';
import {type List, lazyList, mapList, type SentRecord} from '../list.js';
import {dice, type Ids, spreadIds, uuid} from '../random.js';
import {city, sentence} from '../texts.js';
import type {Users} from './users.js';

export interface Groups {
  readonly list: List;
  index(uuid: string): number | undefined;
  members(index: number): List;
  /** The same groups by number, with the keys that ingestr declares (tables/API.md#groups). */
  readonly numbered: List;
  readonly numbers: Ids;
  numberedMembers(index: number): List;
}

export function createGroups(seed: number, users: Users): Groups {
  const count = Math.min(500, Math.max(6, Math.round(Math.sqrt(users.count) / 2)));
  const numbers = spreadIds(11_500, 2, seed, 'group', count);
  const uuids = Array.from({length: count}, (_, index) => uuid(dice(seed, 'group-uuid', index)));
  const indexes = new Map(uuids.map((id, index) => [id, index]));
  return {
    list: lazyList(count, index => groupRecord(seed, index, uuids[index] ?? '', users)),
    index: id => indexes.get(id),
    members: index => membersOf(seed, index, users),
    numbers,
    numbered: lazyList(count, index => {
      const {name, description} = groupRecord(seed, index, '', users);
      return {group_id: numbers.id(index), name, description, total_members: membersOf(seed, index, users).length};
    }),
    numberedMembers: index =>
      mapList(membersOf(seed, index, users), ({idst, username}) => ({user_id: String(idst), username})),
  };
}

/** One group in six is empty, the others get smaller. Members are a fixed step apart, so none occurs twice. */
function membersOf(seed: number, group: number, users: Users): List {
  const size = group % 6 === 5 ? 0 : Math.floor((users.count * 0.4) / (group + 1) ** 1.1);
  const step = size === 0 ? 1 : Math.floor(users.count / size);
  const offset = dice(seed, 'group-offset', group).below(step);
  return lazyList(size, member => {
    const user = offset + member * step;
    return {
      idst: users.ids.id(user),
      username: users.username(user),
      relation_type: member % 3 === 0 ? 'manual' : 'automatic',
    };
  });
}

/** Columns as in tables/API.md#groups, where `uuid` is the only known identity. */
function groupRecord(seed: number, index: number, id: string, users: Users): SentRecord {
  const die = dice(seed, 'group', index);
  const hasRules = die.chance(0.5);
  return {
    uuid: id,
    name: `${city(die)} team${die.chance(0.2) ? ' ⭐' : ''}`,
    description: die.chance(0.3) ? '' : sentence(die),
    type: hasRules ? 'automatic' : 'manual',
    rule_set_operator: 'AND',
    rule_set_status: 'idle',
    rule_sets: hasRules ? [{id: 100 + index, rules: [], rules_operator: 'OR'}] : [],
    exclude_deactivated_users: die.chance(0.5),
    created_by: {idst: users.ids.id(0)},
    updated_by: {idst: users.ids.id(0)},
    updated_at: oddDateText(die, someMoment(die)),
    labels: die.chance(0.3) ? ['hr', 'été'] : [],
  };
}
