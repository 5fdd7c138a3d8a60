import {type List, mapList, partHolding, prefixSums} from '../list.js';
import {type Mark, Marks} from '../marks.js';
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
  /** By user, before any edit. */
  coursesOf(user: number): readonly number[];
  /** Before any edit. */
  countIn(course: number): number;
  inCourse(course: number): List<Enrolment>;
  /** Of the list of one course; its records have the indexes that they have in the list of the whole tenant. */
  orderIn(course: number): Order;
  /** The index of an enrolment, there or gone; undefined if it never was. */
  indexOf(course: number, user: number): number | undefined;
  /** All that the user ever had, by index. */
  ofUser(user: number): readonly number[];
  /** The index of an enrolment that never was. */
  make(course: number, user: number): number;
  /** A user who is not in the course and whom no list of users holds. */
  newUserIn(course: number): number;
}

export interface Enrolment {
  readonly user: number;
  readonly course: number;
  readonly mark: Mark;
}

/** `times`: how many times the usual number of courses a user is in. */
export function createEnrolments(seed: number, users: number, courses: number, times: number): Enrolments {
  const enrolable = Uint32Array.from(Array.from({length: courses}, (_, index) => index).filter(isEnrolable));
  const most = Math.min(12 * times, Math.floor(enrolable.length / 2));
  let starts: Uint32Array | undefined;
  let byCourse: {starts: Uint32Array; indexes: Uint32Array} | undefined;
  let last: {user: number; courses: readonly number[]} = {user: -1, courses: []};
  /** Those that edits insert, which have the indexes above the others. */
  const added: {readonly user: number; readonly course: number}[] = [];
  const addedIndexes = new Map<string, number>();

  const countOf = (user: number): number => {
    const die = dice(seed, 'enrolment-count', user);
    return Math.min(most, times * (die.chance(0.2) ? 0 : 1 + die.below(die.chance(0.1) ? 12 : 8)));
  };
  const coursesOf = (user: number): readonly number[] => {
    if (last.user !== user) last = {user, courses: user < users ? chooseCourses(user, countOf(user)) : []};
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
  const inverted = (): {starts: Uint32Array; indexes: Uint32Array} => {
    byCourse ??= invert(users, courses, coursesOf);
    return byCourse;
  };
  const length = (): number => userStarts()[users] ?? 0;
  const at = ({index, mark}: Place): Enrolment => {
    const late = added[index - length()];
    if (late !== undefined) return {...late, mark};
    const user = partHolding(userStarts(), index);
    const course = coursesOf(user)[index - (userStarts()[user] ?? 0)];
    if (course === undefined) throw new RangeError(`There is no enrolment ${index}.`);
    return {user, course, mark};
  };
  const startOf = (course: number): number => inverted().starts[Math.min(course, courses)] ?? 0;
  const countIn = (course: number): number => startOf(course + 1) - startOf(course);

  const marks = new Marks();
  const order = new Order({count: length, marks});
  const orders = new Map<number, Order>();
  const orderIn = (course: number): Order => {
    const indexAt = (position: number) => inverted().indexes[startOf(course) + position] ?? 0;
    const known = orders.get(course) ?? new Order({count: () => countIn(course), indexAt, marks});
    orders.set(course, known);
    return known;
  };
  const indexOf = (course: number, user: number): number | undefined => {
    const place = coursesOf(user).indexOf(course);
    return place < 0 ? addedIndexes.get(`${course} ${user}`) : (userStarts()[user] ?? 0) + place;
  };
  return {
    order,
    at,
    coursesOf,
    all: mapList(order, at),
    countIn,
    orderIn,
    inCourse: course => mapList(orderIn(course), at),
    indexOf,
    ofUser(user) {
      const late = added.flatMap((each, place) => (each.user === user ? [length() + place] : []));
      return [...coursesOf(user).map((_, place) => (userStarts()[user] ?? 0) + place), ...late];
    },
    make(course, user) {
      const index = length() + added.length;
      added.push({user, course});
      addedIndexes.set(`${course} ${user}`, index);
      return index;
    },
    newUserIn(course) {
      let user = users;
      while (indexOf(course, user) !== undefined) user += 1;
      return user;
    },
  };
}

function invert(users: number, courses: number, coursesOf: (user: number) => readonly number[]) {
  const counts = new Uint32Array(courses);
  for (let user = 0; user < users; user += 1) {
    for (const course of coursesOf(user)) counts[course] = (counts[course] ?? 0) + 1;
  }
  const starts = prefixSums(counts);
  const next = starts.slice();
  const indexes = new Uint32Array(starts[courses] ?? 0);
  let index = 0;
  for (let user = 0; user < users; user += 1) {
    for (const course of coursesOf(user)) {
      const place = next[course] ?? 0;
      indexes[place] = index;
      next[course] = place + 1;
      index += 1;
    }
  }
  return {starts, indexes};
}
