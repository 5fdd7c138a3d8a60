import {oddDateText, someMoment} from '../dates.js';
import {type List, lazyList} from '../list.js';
import {dice, spreadIds} from '../random.js';
import {firstName, lastName, slug} from '../texts.js';
import {additionalFields} from './users.js';

/** People who asked for an account. Members as in tables/API.md#pending_users. */
export function createPendingUsers(seed: number, users: number): List {
  const count = Math.max(4, Math.round(users / 80));
  // Above the numbers of all users.
  const ids = spreadIds(3_000_000, 2, seed, 'pending-user', count);
  return lazyList(count, index => {
    const die = dice(seed, 'pending-user', index);
    const [first, last] = [firstName(die), lastName(die)];
    const email = `${slug(`${first} ${last}`)}.${index}@example.org`;
    return {
      user_id: ids.id(index),
      username: email,
      first_name: first,
      last_name: last,
      email: die.chance(0.1) ? '' : email,
      avatar: die.chance(0.5) ? '' : `/avatars/${index}.png`,
      confirmed: die.chance(0.6) ? '1' : '0',
      request_on: oddDateText(die, someMoment(die)),
      create_by_admin: die.below(2),
      actions: ['edit', 'delete'],
      ...additionalFields(die),
    };
  });
}
