import {dateText, someMoment} from '../dates.js';
import {dice} from '../random.js';
import {title} from '../texts.js';
import {typeOf} from './courses.js';
import type {Locations} from './locations.js';
import type {Users} from './users.js';

export interface Sessions {
  count(course: number): number;
  find(id: number): Session | undefined;
  facts(session: Session): SessionFacts;
}

export interface Session {
  readonly course: number;
  readonly place: number;
}

export interface SessionFacts {
  readonly id: number;
  readonly name: string;
  readonly starts: number;
  readonly ends: number;
  /** One event a day. */
  readonly events: readonly SessionEvent[];
  readonly location: number | undefined;
  /** Indexes of users. */
  readonly instructors: readonly number[];
}

/** Day and hours are local (tables/API.md#dates). */
export interface SessionEvent {
  readonly id: number;
  readonly name: string;
  readonly date: string;
  readonly begins: string;
  readonly ends: string;
}

export const eventHours = 7;
/** One hour ahead of UTC in summer too. */
export const timezone = 'Africa/Lagos';
const zoneSeconds = 3600;
const daySeconds = 86_400;

export function createSessions(seed: number, users: Users, locations: Locations): Sessions {
  const count = (course: number): number => {
    if (typeOf(course) === 'elearning' || course % 20 === 9) return 0;
    return course === 203 ? 230 : 1 + dice(seed, 'session-count', course).below(course % 20 === 7 ? 3 : 9);
  };
  return {
    count,
    find(id) {
      const session = {course: Math.floor(id / 1000) - 1, place: id % 1000};
      return session.course >= 0 && session.place < count(session.course) ? session : undefined;
    },
    facts({course, place}) {
      const id = 1000 * (course + 1) + place;
      const die = dice(seed, 'session', id);
      const starts = daySeconds * Math.floor(someMoment(die) / daySeconds) + 3600 * (6 + die.below(4));
      const events = Array.from({length: 1 + die.below(4)}, (_, index) => makeEvent(id, index, starts));
      return {
        id,
        name: title(die),
        starts,
        ends: starts + (events.length - 1) * daySeconds + eventHours * 3600,
        events,
        location: typeOf(course) === 'webinar' ? undefined : die.below(locations.count),
        instructors: [...new Set(Array.from({length: die.below(3)}, () => die.below(users.count)))],
      };
    },
  };
}

function makeEvent(session: number, index: number, starts: number): SessionEvent {
  const begins = starts + index * daySeconds + zoneSeconds;
  const [date = '', time = ''] = dateText(begins).split(' ');
  const ends = dateText(begins + eventHours * 3600).slice(11);
  return {id: session * 10 + index, name: `Day ${index + 1}`, date, begins: time, ends};
}
