import {type Column, columnOf, createSieve, joinColumns, type Sieve} from '../columns.js';
import {parseDate} from '../dates.js';
import type {SentRecord} from '../list.js';
import type {Order, Place} from '../order.js';
import {type Courses, catalogueDates, typeOf} from './courses.js';
import type {EnrolmentFacts} from './enrolment-facts.js';
import type {EnrolmentRecords} from './enrolment-records.js';
import type {Enrolments} from './enrolments.js';
import type {LearningPlans} from './learning-plans.js';
import {type Users, userDates} from './users.js';

interface Dated {
  readonly order: Order;
  created(place: Place): number;
  changed(place: Place): number;
  sent(place: Place): SentRecord;
  /** How the record calls the dates. */
  readonly names: {readonly created?: string; readonly changed?: string};
}

interface Parts {
  readonly users: Users;
  readonly courses: Courses;
  readonly enrolments: Enrolments;
  readonly enrolmentFacts: EnrolmentFacts;
  readonly enrolmentRecords: EnrolmentRecords;
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

export function createSieves({
  users,
  courses,
  enrolments,
  enrolmentFacts,
  enrolmentRecords,
  learningPlans,
}: Parts): Sieves {
  const byDate = ({order, created, changed, sent, names}: Dated) => {
    // What an edit made of a date counts as it is sent, date or not.
    const tell = (date: 'created' | 'changed', usual: (place: Place) => number) => (place: Place) => {
      const name = names[date];
      return place.mark.changes.length === 0 || name === undefined ? usual(place) : parseDate(sent(place)[name]);
    };
    return {created: columnOf(order, tell('created', created)), changed: columnOf(order, tell('changed', changed))};
  };
  const inCourses = {
    ...byDate({
      order: enrolments.order,
      created: place => enrolmentFacts.created(enrolments.at(place)),
      changed: place => enrolmentFacts.changed(enrolments.at(place)),
      sent: place => enrolmentRecords.learn(enrolments.at(place)),
      names: {created: 'enroll_date_of_enrollment', changed: 'date_last_updated'},
    }),
    type: columnOf(enrolments.order, place => learnTypes.indexOf(typeOf(enrolments.at(place).course))),
    course: columnOf(enrolments.order, place => enrolments.at(place).course),
    user: columnOf(enrolments.order, place => enrolments.at(place).user),
  };
  const inPlans: Record<keyof typeof inCourses, Column> = {
    ...byDate({...learningPlans, sent: () => ({}), names: {}}),
    type: columnOf(learningPlans.order, () => learnTypes.indexOf('learning_plan')),
    course: columnOf(learningPlans.order, () => -1),
    user: columnOf(learningPlans.order, ({index}) => learningPlans.userOf(index)),
  };
  const join = (name: keyof typeof inCourses) => joinColumns(inCourses[name], inPlans[name]);
  return {
    users: createSieve(byDate({...users, names: userDates})),
    courses: createSieve(byDate({...courses, names: catalogueDates})),
    enrollments: createSieve({
      changed: join('changed'),
      created: join('created'),
      type: join('type'),
      course: join('course'),
      user: join('user'),
    }),
  };
}
