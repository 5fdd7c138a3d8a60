import type {Nights} from './nights.js';
import type {Edits} from './order.js';
import {dice} from './random.js';
import type {Tenant} from './tenant/tenant.js';

/** What became of a list in a day. */
export interface Day {
  readonly changed: number;
  readonly added: number;
  readonly removed: number;
}

/** Of so many records one changes in a day, one in ten times as many is new, and another one goes. */
const recordsPerChange = 50;

/**
 * Lets a day pass in a tenant whenever it is called, the same days for the same seed: users, courses and enrolments change, come and go, with the time of the
 * call as their date. Returns what happened, by list.
 */
export function createDays(
  {users, courses, enrolments, enrolmentEdits}: Tenant,
  nights: Pick<Nights, 'removeUser'>,
  {seed, onEdit}: {readonly seed: number; readonly onEdit: () => void},
): () => Readonly<Record<string, Day>> {
  const lists: readonly [name: string, edits: Edits, order: {readonly length: number}][] = [
    ['users', users.order, users.order],
    ['courses', courses.order, courses.order],
    ['enrollments', enrolmentEdits.of(), enrolments.order],
  ];
  let days = 0;
  return () => {
    const die = dice(seed, 'day', days++);
    const at = new Date();
    const day: Record<string, Day> = {};
    for (const [name, edits, order] of lists) {
      const changed = Math.max(1, Math.floor(order.length / recordsPerChange));
      const moved = name === 'courses' ? 0 : Math.max(1, Math.floor(changed / 10));
      for (let left = changed; left > 0; left--) edits.touch(die.below(order.length), {at});
      for (let left = moved; left > 0; left--) {
        edits.insert(order.length, {at});
        const gone = die.below(order.length);
        // With the enrolments, as Docebo deletes users.
        if (name === 'users') nights.removeUser(users.ids.id(users.order.at(gone).index));
        else edits.remove(gone);
      }
      day[name] = {changed, added: moved, removed: moved};
    }
    onEdit();
    return day;
  };
}
