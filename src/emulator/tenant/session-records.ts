import {dateText, oddDateText} from '../dates.js';
import {type List, lazyList, listOf, type SentRecord} from '../list.js';
import {dice} from '../random.js';
import {html, slug} from '../texts.js';
import type {Courses} from './courses.js';
import {type EnrolmentFacts, statusIds} from './enrolment-facts.js';
import type {Enrolment} from './enrolments.js';
import type {Locations} from './locations.js';
import type {SessionRosters} from './session-rosters.js';
import {eventHours, type Session, type SessionEvent, type SessionFacts, type Sessions, timezone} from './sessions.js';
import type {Users} from './users.js';

/** Sessions, and who and what is in them, in the shapes the API gives them. */
export interface SessionRecords {
  /** As in the pages of `GET /course/v1/courses/{id}/sessions`. */
  paged(course: number): List;
  /** As in the map of `GET /learn/v1/courses/{id}/sessions` (tables/API.md#other-shapes). */
  mapped(course: number): List;
  /** As in the detail of a course (tables/API.md#session_dates). */
  detailed(course: number): List;
  /** `GET /course/v1/sessions/{id}/enrollments` */
  enrolments(session: Session): List;
  /** `GET /course/v1/sessions/{id}/events` */
  events(session: Session): List;
  /** What an enrolment in `GET /learn/v1/enrollments` says of its session (tables/API.md#session_attendance). */
  enrolled(enrolment: Enrolment): SentRecord;
}

interface Parts {
  readonly users: Users;
  readonly courses: Pick<Courses, 'order'>;
  readonly sessions: Sessions;
  readonly rosters: SessionRosters;
  readonly enrolmentFacts: EnrolmentFacts;
  readonly locations: Locations;
}

export function createSessionRecords(seed: number, parts: Parts): SessionRecords {
  const {users, courses, sessions, rosters, enrolmentFacts, locations} = parts;
  const list = (course: number, record: (session: Session, facts: SessionFacts) => SentRecord): List =>
    lazyList(sessions.count(course), place => record({course, place}, sessions.facts({course, place})));
  // What a session shows of an edit of its course, where no enrolment shows it.
  const touches = (course: number) => courses.order.marks.of(course).touches;
  const place = ({location}: SessionFacts) => ({
    id_location: location === undefined ? null : locations.ids.id(location),
    id_classroom: location === undefined ? null : location + 1,
  });
  return {
    paged: course =>
      list(course, (session, facts) => ({
        ...pagedRecord(seed, facts, rosters.in(session).length, locations),
        waiting: String(touches(course)),
      })),
    mapped: course =>
      list(course, (_, facts) => ({...mappedRecord(seed, facts), min_dates_for_completion: touches(course)})),
    detailed: course =>
      list(course, (_, facts) => ({
        id_session: facts.id,
        name: facts.name,
        date_begin: dateText(facts.starts),
        date_end: dateText(facts.ends),
        dates: facts.events.map(event => ({
          ...place(facts),
          ...detailedEvent(event, facts.location),
          description: touches(course) === 0 ? '' : `Revision ${touches(course)}`,
          instructors: facts.instructors.map(user => describeInstructor(users, user)),
        })),
        instructors: facts.instructors.map(user => describeInstructor(users, user)),
        locations: facts.location === undefined ? [] : [locations.inCourse(facts.location)],
      })),
    enrolments: session =>
      listOf(rosters.in(session).map(enrolment => rosterRecord(enrolment, enrolmentFacts.of(enrolment), users))),
    events(session) {
      const facts = sessions.facts(session);
      const enrolled = rosters.in(session);
      return listOf(
        facts.events.map((event, index) => ({
          id: event.id,
          name: event.name,
          date: event.date,
          time: `${event.begins.slice(0, 5)} - ${event.ends.slice(0, 5)}`,
          duration: String(eventHours * 60),
          type: facts.location === undefined ? 'webinar' : 'classroom',
          attendance: String(enrolled.filter(each => attends(seed, each, index, enrolmentFacts) === 'present').length),
          enrolled: String(enrolled.length),
          schedule: {date: event.date, time_begin: event.begins, timezone, offset: '+01:00'},
        })),
      );
    },
    enrolled(enrolment) {
      const session = rosters.sessionOf(enrolment);
      if (session === undefined) return {enrolled_sessions: []};
      const facts = sessions.facts(session);
      const [first] = facts.events;
      return {
        location_name: facts.location === undefined ? '' : locations.list.at(facts.location)['name'],
        webinar_tool: facts.location === undefined ? 'custom' : '',
        session_date_begin: first?.date,
        session_time_begin: first?.begins,
        session_timezone: timezone,
        enrolled_sessions: [
          {
            id: facts.id,
            name: facts.name,
            description: '',
            other_info: '',
            date_begin: dateText(facts.starts),
            date_end: dateText(facts.ends),
            min_enrollments: 0,
            max_enrollments: 0,
            score_base: 100,
            tool: facts.location === undefined ? 'custom' : '',
            status: enrolmentFacts.status(enrolment),
            dates: facts.events.map(({name, date, begins, ends}, index) => ({
              ...place(facts),
              date,
              name,
              time_begin: begins,
              time_end: ends,
              timezone,
              attendance_status: attends(seed, enrolment, index, enrolmentFacts),
            })),
          },
        ],
      };
    },
  };
}

export function describeInstructor(users: Users, user: number): SentRecord {
  const {firstName, lastName, username} = users.person(user);
  return {
    instructor_id: users.ids.id(user),
    username,
    firstname: firstName,
    lastname: lastName,
    avatar_url: user % 2 === 0 ? '' : `//cdn.example.com/avatar/${user}.jpeg`,
  };
}

/** Which words Docebo uses is not known (tables/API.md#session_attendance). */
function attends(seed: number, enrolment: Enrolment, event: number, facts: EnrolmentFacts): string | null {
  const {course, user} = enrolment;
  const isPresent = dice(seed ^ Math.imul(course + 1, 0x27d4eb2f), `attendance-${event}`, user).chance(0.85);
  switch (facts.status(enrolment)) {
    case 'completed':
      return event === 0 || isPresent ? 'present' : 'absent';
    case 'in_progress':
      return isPresent ? 'present' : 'absent';
    default:
      return null;
  }
}

/** Counts are strings (tables/API.md#sessions). */
function pagedRecord(seed: number, facts: SessionFacts, enrolled: number, locations: Locations): SentRecord {
  const {id, name, starts, ends, events, instructors, location} = facts;
  const die = dice(seed, 'session-page', id);
  const isOnline = location === undefined;
  return {
    id,
    code: die.chance(0.4) ? '' : `S-${id}`,
    name,
    date_start: oddDateText(die, starts),
    date_end: oddDateText(die, ends),
    hours: String(events.length * eventHours),
    events: String(events.length),
    events_with_sync_failed: '0',
    instructors: String(instructors.length),
    instructors_emails_number: instructors.length,
    enrolled: String(enrolled),
    max_enroll: die.chance(0.3) ? '' : String(10 * Math.ceil((enrolled + 1) / 10)),
    created_by: 'Jane Doe',
    uid_session: `S-${die.hex(6).toUpperCase()}`,
    externally_managed: false,
    additional_fields: [
      {id: '4', name: 'Room', value: die.chance(0.5) ? null : 'A1', mandatory: false, type: 'textfield'},
      {id: '6', name: 'Catering', value: die.pick(['Lunch', 'None', '']), mandatory: true, type: 'dropdown'},
    ],
    attendance_details: {onsite: isOnline ? 0 : enrolled, online: isOnline ? enrolled : 0, flexible: 0},
    location: isOnline ? null : locations.inSession(location),
    attendance_type: isOnline ? 'online' : 'onsite',
  };
}

function mappedRecord(seed: number, {id, name, starts, ends, events}: SessionFacts): SentRecord {
  const die = dice(seed, 'session-map', id);
  const [first, last] = [events[0], events.at(-1)];
  return {
    id,
    name,
    slug_name: slug(name),
    start_date: oddDateText(die, starts),
    end_date: oddDateText(die, ends),
    begin_day: first?.date,
    begin_time: first?.begins,
    begin_timezone: timezone,
    end_time: last?.ends,
    end_timezone: timezone,
    description: html(die),
    evaluation_type: die.below(2),
    evaluation: {},
    score: die.chance(0.7) ? null : die.below(101),
    score_base: 100,
    dates: [],
    can_manage: true,
  };
}

function detailedEvent({id, name, date, begins, ends}: SessionEvent, location: number | undefined): SentRecord {
  const isOnline = location === undefined;
  return {
    id_date: id,
    date,
    name,
    start_hour: begins,
    end_hour: ends,
    timezone,
    gmt: '(GMT +01:00)',
    duration: '07:00:00',
    effective_duration: eventHours * 60,
    classroom_name: isOnline ? '' : `Room ${location + 1}`,
    webinar_tool: isOnline ? 'custom' : '',
    collaboration_tool: isOnline ? 'zoom' : '',
  };
}

function rosterRecord(
  {user}: Enrolment,
  {userId, username, enrolledAt, completedAt, status}: ReturnType<EnrolmentFacts['of']>,
  users: Users,
): SentRecord {
  const {firstName, lastName} = users.person(user);
  const isActive = users.isActive(user);
  return {
    user_id: userId,
    username,
    email: username,
    first_name: firstName,
    last_name: lastName,
    enrollment_date: enrolledAt,
    completion_date: completedAt,
    status,
    status_id: statusIds[status],
    user_status: isActive ? 'active' : 'suspended',
    user_status_id: isActive ? 1 : 0,
  };
}
