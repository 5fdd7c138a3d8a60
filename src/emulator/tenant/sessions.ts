import {dateText, laterMoment, oddDateText, someMoment} from '../dates.js';
import {type List, lazyList, type SentRecord} from '../list.js';
import {dice} from '../random.js';
import {city, html, slug, title} from '../texts.js';
import {typeOf} from './courses.js';

export interface Sessions {
  count(course: number): number;
  /** As in the pages of `GET /course/v1/courses/{id}/sessions`. */
  paged(course: number): List;
  /** As in the map of `GET /learn/v1/courses/{id}/sessions` (tables/API.md#other-shapes). */
  mapped(course: number): List;
}

export function createSessions(seed: number): Sessions {
  const count = (course: number): number => {
    if (typeOf(course) === 'elearning' || course % 20 === 9) return 0;
    return course === 203 ? 230 : 1 + dice(seed, 'session-count', course).below(course % 20 === 7 ? 3 : 9);
  };
  const sessionId = (course: number, place: number): number => 1000 * (course + 1) + place;
  return {
    count,
    paged: course => lazyList(count(course), place => pagedRecord(seed, sessionId(course, place))),
    mapped: course => lazyList(count(course), place => mappedRecord(seed, sessionId(course, place))),
  };
}

function facts(seed: number, id: number) {
  const die = dice(seed, 'session', id);
  const starts = someMoment(die);
  return {die, name: title(die), starts, ends: laterMoment(die, starts, 3), town: city(die)};
}

/** Counts are strings (tables/API.md#sessions). */
function pagedRecord(seed: number, id: number): SentRecord {
  const {die, name, starts, ends, town} = facts(seed, id);
  return {
    id,
    code: die.chance(0.4) ? '' : `S-${id}`,
    name,
    date_start: oddDateText(die, starts),
    date_end: oddDateText(die, ends),
    hours: String(1 + die.below(16)),
    events: String(1 + die.below(4)),
    events_with_sync_failed: '0',
    instructors: String(die.below(3)),
    instructors_emails_number: die.below(3),
    waiting: '0',
    enrolled: String(die.below(30)),
    max_enroll: die.chance(0.3) ? '' : String(10 + die.below(30)),
    created_by: 'Jane Doe',
    uid_session: `S-${die.hex(6).toUpperCase()}`,
    externally_managed: false,
    additional_fields: [
      {id: 4, name: 'Room', value: die.chance(0.5) ? null : 'A1', mandatory: false, type: 'textfield'},
    ],
    attendance_details: {onsite: die.below(20), online: 0, flexible: 0},
    location: {id: die.below(50), name: town, address: `1 Via Roma, ${town}`, count: 1},
    attendance_type: 'onsite',
  };
}

function mappedRecord(seed: number, id: number): SentRecord {
  const {die, name, starts, ends} = facts(seed, id);
  return {
    id,
    name,
    slug_name: slug(name),
    start_date: oddDateText(die, starts),
    end_date: oddDateText(die, ends),
    begin_day: dateText(starts).slice(0, 10),
    begin_time: dateText(starts).slice(11),
    begin_timezone: 'Europe/Rome',
    end_time: dateText(ends).slice(11),
    end_timezone: 'Europe/Rome',
    description: html(die),
    evaluation_type: die.below(2),
    evaluation: {},
    score: die.chance(0.7) ? null : die.below(101),
    score_base: 100,
    min_dates_for_completion: 0,
    dates: [],
    can_manage: true,
  };
}
