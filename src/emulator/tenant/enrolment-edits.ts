import {arrive, type Change, type Mark} from '../marks.js';
import type {Edits, Order} from '../order.js';
import type {Courses} from './courses.js';
import type {Enrolments} from './enrolments.js';

/** Edits of enrolments. What comes, changes or goes in the list of the whole tenant does so in that of its course too. */
export interface EnrolmentEdits {
  /** Edits by position in the list of the whole tenant, into which those of the first course are inserted, or in that of one course. */
  of(course?: number): Edits;
  /** Adds an enrolment to the end of its course, and at the position, or the end, of the list of the whole tenant. */
  add(course: number, user: number, change?: Change, position?: number): void;
  remove(course: number, user: number): void;
  /** Removes the enrolment, which comes again elsewhere in both lists. */
  renew(course: number, user: number, change?: Change, position?: number): void;
  touch(course: number, user: number, change?: Change): void;
  removeUser(user: number): void;
  removeCourse(course: number): void;
}

export function createEnrolmentEdits(enrolments: Enrolments, courses: Pick<Courses, 'indexes'>): EnrolmentEdits {
  const {order: whole, orderIn, at} = enrolments;
  const courseOf = (index: number): number => at(whole.place(index)).course;
  const put = (own: Order, position: number, index: number, mark?: Mark): void => {
    own.put(position, index, mark);
    const other = own === whole ? orderIn(courseOf(index)) : whole;
    other.put(other.length, index);
  };
  const removeIndex = (index: number): void => {
    for (const order of [whole, orderIn(courseOf(index))]) order.remove(order.positionOf(index));
  };
  const find = (course: number, user: number): number => {
    const index = enrolments.indexOf(course, user);
    if (index === undefined || whole.lacks(index)) throw new RangeError('There is no such enrolment.');
    return index;
  };
  return {
    of(chosen) {
      const own = chosen === undefined ? whole : orderIn(chosen);
      return {
        insert(position, change) {
          own.check(position);
          const course = chosen ?? courses.indexes[0] ?? 0;
          const index = enrolments.make(course, enrolments.newUserIn(course));
          put(own, position, index, change && arrive(change));
        },
        remove: position => removeIndex(own.find(position)),
        move: (from, to) => own.move(from, to),
        touch: (position, change) => own.touch(position, change),
      };
    },
    add(course, user, change, position = whole.length) {
      const known = enrolments.indexOf(course, user);
      if (known !== undefined && !whole.lacks(known)) throw new RangeError('There is such an enrolment already.');
      whole.check(position);
      const touches = known === undefined ? 0 : whole.marks.of(known).touches + 1;
      put(whole, position, known ?? enrolments.make(course, user), arrive(change ?? {}, touches));
    },
    remove: (course, user) => removeIndex(find(course, user)),
    renew(course, user, change = {}, position) {
      const index = find(course, user);
      for (const order of [whole, orderIn(course)]) {
        const before = order.positionOf(index);
        order.remove(before);
        // At the end, unless it was there: then it would be where it was.
        const usual = before < order.length ? order.length : 0;
        order.put(order === whole ? (position ?? usual) : usual, index);
      }
      whole.marks.set(index, arrive(change, whole.marks.of(index).touches + 1));
    },
    touch: (course, user, change) => whole.touchIndex(find(course, user), change),
    removeUser(user) {
      const indexes = enrolments.ofUser(user).filter(index => !whole.lacks(index));
      whole.removeAll(new Set(indexes));
      for (const index of indexes) orderIn(courseOf(index)).removeAll(new Set([index]));
    },
    removeCourse(course) {
      const own = orderIn(course);
      const indexes = new Set(Array.from({length: own.length}, (_, position) => own.at(position).index));
      for (const order of [whole, own]) order.removeAll(indexes);
    },
  };
}
