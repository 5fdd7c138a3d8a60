import {type Column, columnOf, createSieve, joinColumns, type Sieve} from '../columns.js';
import type {Order, Place} from '../order.js';
import {type Courses, typeOf} from './courses.js';
import type {EnrolmentFacts} from './enrolment-facts.js';
import type {Enrolments} from './enrolments.js';
import type {LearningPlans} from './learning-plans.js';
import type {Users} from './users.js';

interface Parts {
  readonly users: Users;
  readonly courses: Courses;
  readonly enrolments: Enrolments;
  readonly enrolmentFacts: EnrolmentFacts;
  readonly learningPlans: LearningPlans;
}

/** The kinds of `/learn/v1/enrollments`, in the order of their numbers in its column. */
export const learnTypes: readonly string[] = ['elearning', 'classroom', 'webinar', 'learning_plan'];

/** What the lists that take filters are filtered by. */
export interface Sieves {
  readonly users: Sieve<'changed' | 'created'>;
  readonly courses: Sieve<'changed' | 'created'>;
  /** Courses and users by index; the course of a plan is -1. */
  readonly enrollments: Sieve<'changed' | 'created' | 'type' | 'course' | 'user'>;
}

export function createSieves({users, courses, enrolments, enrolmentFacts, learningPlans}: Parts): Sieves {
  const byDate = (of: {readonly order: Order; created(place: Place): number; changed(place: Place): number}) => ({
    created: columnOf(of.order, of.created),
    changed: columnOf(of.order, of.changed),
  });
  const inCourses = {
    ...byDate({
      order: enrolments.order,
      created: place => enrolmentFacts.created(enrolments.at(place)),
      changed: place => enrolmentFacts.changed(enrolments.at(place)),
    }),
    type: columnOf(enrolments.order, place => learnTypes.indexOf(typeOf(enrolments.at(place).course))),
    course: columnOf(enrolments.order, place => enrolments.at(place).course),
    user: columnOf(enrolments.order, place => enrolments.at(place).user),
  };
  const inPlans: Record<keyof typeof inCourses, Column> = {
    ...byDate(learningPlans),
    type: columnOf(learningPlans.order, () => learnTypes.indexOf('learning_plan')),
    course: columnOf(learningPlans.order, () => -1),
    user: columnOf(learningPlans.order, ({index}) => learningPlans.userOf(index)),
  };
  const join = (name: keyof typeof inCourses) => joinColumns(inCourses[name], inPlans[name]);
  return {
    users: createSieve(byDate(users)),
    courses: createSieve(byDate(courses)),
    enrollments: createSieve({
      changed: join('changed'),
      created: join('created'),
      type: join('type'),
      course: join('course'),
      user: join('user'),
    }),
  };
}
