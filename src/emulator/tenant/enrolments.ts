import {partHolding, prefixSums} from '../list.js';
import {dice} from '../random.js';
import {isEnrolable} from './courses.js';

/**
 * Who is enrolled in what. A user's courses are a pure function of the user, so the list of the whole tenant needs one number
 * per user, and the list of one course is read out of an inverted index that is made when it is first asked for.
 */
export interface Enrolments {
  readonly length: number;
  at(index: number): Enrolment;
  countIn(course: number): number;
  inCourse(course: number, index: number): Enrolment;
}

export interface Enrolment {
  readonly user: number;
  readonly course: number;
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
  /** Popularity has a heavy tail: the first course of a thousand gets a tenth of all enrolments. */
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
  return {
    get length() {
      return userStarts()[users] ?? 0;
    },
    at(position) {
      const user = partHolding(userStarts(), position);
      const course = coursesOf(user)[position - (userStarts()[user] ?? 0)];
      if (course === undefined) throw new RangeError(`There is no enrolment ${position}.`);
      return {user, course};
    },
    countIn: course => (index().starts[course + 1] ?? 0) - (index().starts[course] ?? 0),
    inCourse: (course, position) => ({user: index().users[(index().starts[course] ?? 0) + position] ?? 0, course}),
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
