import {dateText, someMoment} from '../dates.js';
import {type List, lazyList} from '../list.js';
import {dice} from '../random.js';
import {slug} from '../texts.js';
import {type Courses, isEnrolable} from './courses.js';
import type {Enrolments} from './enrolments.js';
import type {Sessions} from './sessions.js';
import type {Users} from './users.js';

/** `GET /learn/v1/enrollment/pending_users`: who asked for a course or a session and waits for an answer. */
export function createPendingApprovals(
  seed: number,
  {users, courses, enrolments, sessions}: {users: Users; courses: Courses; enrolments: Enrolments; sessions: Sessions},
): List {
  return lazyList(Math.ceil(users.count / 25), index => {
    const die = dice(seed, 'pending-approval', index);
    const user = Math.min(users.count - 1, index * 25 + die.below(25));
    const course = chooseCourse(die.below(courses.count), courses.count, enrolments.coursesOf(user));
    const {id, name} = courses.facts(course);
    const count = sessions.count(course);
    const session = count === 0 ? undefined : sessions.facts({course, place: die.below(count)});
    return {
      user_id: users.ids.id(user),
      username: users.username(user),
      course_id: id,
      course_name: name,
      course_slug: slug(name),
      // A course without sessions has none to ask for (tables/API.md#enrollments_pending_approval).
      session_id: session?.id ?? null,
      session_name: session?.name ?? null,
      enrollment_status: die.pick(['to_confirm', 'waiting']),
      subscription_date: dateText(someMoment(die)),
    };
  });
}

/** The next course in which the user is not. */
function chooseCourse(first: number, count: number, taken: readonly number[]): number {
  let course = first;
  while (taken.includes(course) || !isEnrolable(course)) course = (course + 1) % count;
  return course;
}
