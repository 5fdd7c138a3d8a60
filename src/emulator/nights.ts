import {watch} from './edits.js';
import type {Change} from './marks.js';
import type {Tenant} from './tenant/tenant.js';

/** How a record comes. */
export interface Arrival extends Omit<Change, 'isSilent'> {
  /** Where it comes in the list of the whole tenant, from 0. @default the end */
  readonly position?: number;
}

/** What happens to a tenant between two nights, by the ids that its lists send. Every list that sends a record shows what became of it. */
export interface Nights {
  /** Returns the id. */
  addUser(arrival?: Arrival): number;
  touchUser(userId: number, change?: Change): void;
  /** With all enrolments, in courses and in plans. */
  removeUser(userId: number): void;
  /** Returns the id. The course has a detail, learning objects and sessions like any other, which `edit('courses').insert` does not give it. */
  addCourse(arrival?: Arrival): number;
  /** Its detail, its learning objects and its sessions change too. */
  touchCourse(courseId: number, change?: Change): void;
  /** Its enrolments show the new name, though their own dates stay. */
  renameCourse(courseId: number, name: string, change?: Change): void;
  /** With all enrolments, also as a part of plans. */
  removeCourse(courseId: number): void;
  addEnrollment(courseId: number, userId: number, arrival?: Arrival): void;
  touchEnrollment(courseId: number, userId: number, change?: Change): void;
  removeEnrollment(courseId: number, userId: number): void;
  /** The enrolment goes and comes again: the same key, new dates, and another place. @default position the end, or the start if it was last */
  renewEnrollment(courseId: number, userId: number, arrival?: Arrival): void;
}

export function createNights(tenant: Tenant, onEdit: () => void): Nights {
  const {users, courses, enrolmentEdits, learningPlans} = tenant;
  const courseOf = (id: number) => indexOf(courses, id, 'course');
  const userOf = (id: number) => indexOf(users, id, 'user');
  /** Whom the list of users need not hold. */
  const enrolledUser = (id: number) => users.ids.index(id) ?? indexOf(users, id, 'user');
  return {
    addUser: watch(arrival => users.ids.id(add(users, arrival)), onEdit),
    touchUser: watch((id, change) => users.order.touchIndex(userOf(id), change), onEdit),
    removeUser: watch(id => {
      const user = userOf(id);
      users.order.removeAll(new Set([user]));
      enrolmentEdits.removeUser(user);
      learningPlans.removeUser(user);
    }, onEdit),
    addCourse: watch(arrival => {
      const course = add(courses, arrival);
      courses.open(course);
      return courses.ids.id(course);
    }, onEdit),
    touchCourse: watch((id, change) => courses.order.touchIndex(courseOf(id), change), onEdit),
    renameCourse: watch((id, name, change) => courses.order.touchIndex(courseOf(id), change, name), onEdit),
    removeCourse: watch(id => {
      const course = courseOf(id);
      courses.order.removeAll(new Set([course]));
      enrolmentEdits.removeCourse(course);
      learningPlans.removeCourse(course);
    }, onEdit),
    addEnrollment: watch(
      (course, user, arrival) => enrolmentEdits.add(courseOf(course), enrolledUser(user), arrival, arrival?.position),
      onEdit,
    ),
    touchEnrollment: watch(
      (course, user, change) => enrolmentEdits.touch(courseOf(course), enrolledUser(user), change),
      onEdit,
    ),
    removeEnrollment: watch((course, user) => enrolmentEdits.remove(courseOf(course), enrolledUser(user)), onEdit),
    renewEnrollment: watch(
      (course, user, arrival) => enrolmentEdits.renew(courseOf(course), enrolledUser(user), arrival, arrival?.position),
      onEdit,
    ),
  };
}

type Owner = Pick<Tenant['users'], 'ids' | 'order'>;

function add({order}: Owner, {position = order.length, ...change}: Arrival = {}): number {
  return order.insert(position, change);
}

function indexOf({ids, order}: Owner, id: number, what: string): number {
  const index = ids.index(id);
  if (index === undefined || !order.has(index)) throw new RangeError(`There is no ${what} ${id}.`);
  return index;
}
