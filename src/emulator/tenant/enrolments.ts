import {type List, mapList, partHolding, prefixSums} from '../list.js';
import {Order, type Place} from '../order.js';
import {dice} from '../random.js';
import {isEnrolable} from './courses.js';

/**
 * Who is enrolled in what. A user's courses are a pure function of the user, so the list of the whole tenant needs one number per user.
 * The list of one course comes from an inverted index, which is made on first use.
 */
export interface Enrolments {
  /** The enrolments of the whole tenant. */
  readonly all: List<Enrolment>;
  readonly order: Order;
  at(place: Place): Enrolment;
  coursesOf(user: number): readonly number[];
  countIn(course: number): number;
  inCourse(course: number): List<Enrolment>;
  /** Edits the list of one course; the list of all enrolments stays as it is. */
  orderIn(course: number): Order;
}

export interface Enrolment {
  readonly user: number;
  readonly course: number;
  /** How often the enrolment was changed since. */
  readonly touches: number;
}

export function createEnrolments(seed: number, users: number, courses: number): Enrolments {
  const enrolable = Uint32Array.from(Array.from({length: courses}, (_, index) => index).filter(isEnrolable));
  const most = Math.min(12, Math.floor(enrolable.length / 2));
  let starts: Uint32Array | undefined;
  let byCourse: {starts: Uint32Array; users: Uint32Array} | undefined;
  let last: {user: number; courses: readonly number[]} = {user: -1, courses: []};

  const countOf = (user: number): number => {
    const die = dice(seed, 'enrolment-count', user);
    return Math.min(most, die.chance(0.2) ? 0 : 1 + die.below(die.chance(0.1) ? 12 : 8));
  };
  const coursesOf = (user: number): readonly number[] => {
    if (last.user !== user) last = {user, courses: chooseCourses(user, countOf(user))};
    return last.courses;
  };
  /** Popularity has a heavy tail: the first of a thousand courses gets a tenth of all enrolments. */
  const chooseCourses = (user: number, count: number): readonly number[] => {
    const die = dice(seed, 'enrolment', user);
    const chosen: number[] = [];
    while (chosen.length < count) {
      const unit = die.below(1 << 30) / (1 << 30);
      let place = Math.floor(unit ** 3 * enrolable.length);
      while (chosen.includes(enrolable[place] ?? 0)) place = (place + 1) % enrolable.length;
      chosen.push(enrolable[place] ?? 0);
    }
    return chosen;
  };
  const userStarts = (): Uint32Array => {
    starts ??= prefixSums(Uint32Array.from({length: users}, (_, user) => countOf(user)));
    return starts;
  };
  const index = (): {starts: Uint32Array; users: Uint32Array} => {
    byCourse ??= invert(users, courses, coursesOf);
    return byCourse;
  };
  const length = (): number => userStarts()[users] ?? 0;
  const at = ({index: position, touches}: Place): Enrolment => {
    // Indexes above the last belong to enrolments that an edit inserts, which are those of new users in a course that everybody takes.
    if (position >= length()) return {user: users + position - length(), course: 0, touches};
    const user = partHolding(userStarts(), position);
    const course = coursesOf(user)[position - (userStarts()[user] ?? 0)];
    if (course === undefined) throw new RangeError(`There is no enrolment ${position}.`);
    return {user, course, touches};
  };
  const countIn = (course: number): number => (index().starts[course + 1] ?? 0) - (index().starts[course] ?? 0);
  const userIn = (course: number, position: number): number =>
    position >= countIn(course)
      ? users + position - countIn(course)
      : (index().users[(index().starts[course] ?? 0) + position] ?? 0);
  const order = new Order(length);
  const orders = new Map<number, Order>();
  const orderIn = (course: number): Order => {
    const known = orders.get(course) ?? new Order(() => countIn(course));
    orders.set(course, known);
    return known;
  };
  return {
    order,
    at,
    coursesOf,
    all: mapList(order, at),
    countIn,
    orderIn,
    inCourse: course =>
      mapList(orderIn(course), place => ({user: userIn(course, place.index), course, touches: place.touches})),
  };
}

function invert(users: number, courses: number, coursesOf: (user: number) => readonly number[]) {
  const counts = new Uint32Array(courses);
  for (let user = 0; user < users; user += 1) {
    for (const course of coursesOf(user)) counts[course] = (counts[course] ?? 0) + 1;
  }
  const starts = prefixSums(counts);
  const next = starts.slice();
  const byCourse = new Uint32Array(starts[courses] ?? 0);
  for (let user = 0; user < users; user += 1) {
    for (const course of coursesOf(user)) {
      const place = next[course] ?? 0;
      byCourse[place] = user;
      next[course] = place + 1;
    }
  }
  return {starts, users: byCourse};
}
