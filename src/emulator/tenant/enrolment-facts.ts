import {dateText, impossibleDate, laterMoment, oddDateText, parseDate, someMoment, zeroDate} from '../dates.js';
import {dice} from '../random.js';
import type {CourseFacts, Courses} from './courses.js';
import type {Enrolment} from './enrolments.js';
import type {Users} from './users.js';

/** What is true of an enrolment in a course, whatever the shape in which it is sent. */
export interface EnrolmentFacts {
  level(enrolment: Enrolment): 'student' | 'instructor';
  status(enrolment: Enrolment): Status;
  of(enrolment: Enrolment): Facts;
  /** When it was made and last changed, which costs less than all facts. NaN for what is no date. */
  created(enrolment: Enrolment): number;
  changed(enrolment: Enrolment): number;
}

/** The words that clients meet (tables/API.md#course_enrollments). */
const statuses = ['enrolled', 'in_progress', 'completed', 'completed', 'waiting'] as const;

type Status = (typeof statuses)[number];

export const statusIds = {enrolled: 0, in_progress: 1, completed: 2, waiting: -2} as const;

interface Facts {
  readonly userId: number;
  readonly username: string;
  readonly course: CourseFacts;
  readonly status: Status;
  readonly level: 'student' | 'instructor';
  readonly enrolledAt: string | null;
  readonly updatedAt: string;
  readonly completedAt: string | null;
  readonly beginsAt: string | null;
  readonly endsAt: string | null;
  readonly percent: number;
  readonly score: number;
  readonly seconds: number;
  readonly assignment: string | null;
}

const deadlineSeconds = 90 * 86_400;

export function createEnrolmentFacts(seed: number, users: Users, courses: Courses): EnrolmentFacts {
  const dieOf = (kind: string, {user, course}: Enrolment) => dice(seed ^ Math.imul(course + 1, 0x27d4eb2f), kind, user);
  // Drawn separately, because lists are filtered by them: the other facts cost as much as the whole record.
  const level = (enrolment: Enrolment) => (dieOf('enrolment-level', enrolment).chance(0.03) ? 'instructor' : 'student');
  const status = (enrolment: Enrolment) => dieOf('enrolment-status', enrolment).pick(statuses);
  const drawDates = (enrolment: Enrolment) => {
    const die = dieOf('enrolment-facts', enrolment);
    const drawn = someMoment(die);
    const updated = laterMoment(die, drawn, 200);
    const {created} = enrolment.mark;
    return {die, enrolled: created ?? drawn, updated: created ?? updated};
  };
  /** What is drawn first, with the die for the rest. */
  const begin = (enrolment: Enrolment) => {
    const {die, enrolled, updated} = drawDates(enrolment);
    const assignment = die.pick(['mandatory', 'optional', null]);
    const hasDeadline = die.chance(assignment === 'mandatory' ? 0.9 : 0.1);
    const drawnAt = oddDateText(die, enrolled);
    const enrolledAt = enrolment.mark.created === undefined ? drawnAt : dateText(enrolled);
    return {die, enrolled, updated, assignment, hasDeadline, enrolledAt};
  };
  return {
    level,
    status,
    changed: enrolment => enrolment.mark.changed ?? drawDates(enrolment).updated,
    created: enrolment => parseDate(begin(enrolment).enrolledAt),
    of(enrolment) {
      const {user, course, mark} = enrolment;
      const reached = status(enrolment);
      const {die, enrolled, updated, assignment, hasDeadline, enrolledAt} = begin(enrolment);
      return {
        userId: users.ids.id(user),
        username: users.username(user),
        course: courses.facts(course),
        status: reached,
        level: level(enrolment),
        enrolledAt,
        updatedAt: dateText(mark.changed ?? updated),
        completedAt: reached === 'completed' ? (oddDateText(die, updated) ?? zeroDate) : null,
        beginsAt: die.chance(0.9) ? null : oddDateText(die, enrolled),
        endsAt: !hasDeadline ? null : die.chance(0.02) ? impossibleDate : oddDateText(die, enrolled + deadlineSeconds),
        percent: {enrolled: 0, waiting: 0, in_progress: 1 + die.below(99), completed: 100}[reached],
        // Not every list has the date of the change, so the score shows it too.
        score: (reached === 'completed' ? die.below(1001) / 10 : 0) + mark.touches,
        seconds: die.below(20_000),
        assignment,
      };
    },
  };
}
