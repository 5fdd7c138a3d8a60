import {dice} from '../random.js';
import type {EnrolmentFacts} from './enrolment-facts.js';
import type {Enrolment, Enrolments} from './enrolments.js';
import type {Session, Sessions} from './sessions.js';

/** Which of a course's learners are in which of its sessions. */
export interface SessionRosters {
  in(session: Session): readonly Enrolment[];
  sessionOf(enrolment: Enrolment): Session | undefined;
}

export function createSessionRosters(
  seed: number,
  sessions: Sessions,
  enrolments: Enrolments,
  facts: EnrolmentFacts,
): SessionRosters {
  /** By course, until an edit. */
  const rosters = new Map<number, {readonly version: number; readonly parts: readonly (readonly Enrolment[])[]}>();
  /** Who waits for the course is in no session, and neither are some who have not chosen one. */
  const sessionOf = (enrolment: Enrolment): Session | undefined => {
    const {user, course} = enrolment;
    const count = sessions.count(course);
    if (count === 0 || facts.status(enrolment) === 'waiting') return undefined;
    const die = dice(seed ^ Math.imul(course + 1, 0x27d4eb2f), 'session-place', user);
    // The last of several is new, and nobody is in it yet.
    return die.chance(0.1) ? undefined : {course, place: die.below(count > 2 ? count - 1 : count)};
  };
  const divide = (course: number): readonly (readonly Enrolment[])[] => {
    const parts: Enrolment[][] = Array.from({length: sessions.count(course)}, () => []);
    const whole = enrolments.inCourse(course);
    for (let index = 0; index < whole.length; index += 1) {
      const enrolment = whole.at(index);
      parts[sessionOf(enrolment)?.place ?? -1]?.push(enrolment);
    }
    return parts;
  };
  return {
    sessionOf,
    in({course, place}) {
      const {version} = enrolments.orderIn(course);
      const known = rosters.get(course);
      const parts = known?.version === version ? known.parts : divide(course);
      rosters.set(course, {version, parts});
      return parts[place] ?? [];
    },
  };
}
