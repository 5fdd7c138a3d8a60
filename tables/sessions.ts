import {boolean, date, defineTable, double, integer, json, text, timestamp} from '../src/table.js';
import {courses} from './courses.js';

const parent = {
  table: courses,
  bind: {course_id: 'id_course'},
  // A call for each course is expensive, and only instructor-led courses have sessions. tables/API.md#sessions
  where: {course_type: ['classroom', 'webinar', 'ilt']},
  skipIfZero: ['sessions_count'],
  // A session counts its users, which the date of the course does not tell. The managed list of courses counts them too.
  unchangedWhen: [
    'date_last_updated',
    'available_seats',
    'enrolled_count',
    'waiting_list',
    'session_waiting_list',
    'users_without_session_count',
  ],
  countedBy: 'sessions_count',
} as const;

const emptyOn = {
  400: 'A course that cannot have sessions answers with an error.',
  404: 'A course without sessions may answer like one that was deleted meanwhile.',
};
const tolerate = {404: 'The course was deleted after the courses were listed.'};

export const sessions = defineTable({
  name: 'sessions',
  area: 'instructor_led',
  description:
    'Sessions of classroom and webinar courses. Columns that only the map of sessions sends, such as begin_day and score, are NULL if the tenant serves pages, which are read first.',
  routes: [
    {path: '/course/v1/courses/{course_id}/sessions', parent, emptyOn, tolerate},
    // Here sessions are a map keyed by their id. tables/API.md#other-shapes
    {
      path: '/learn/v1/courses/{course_id}/sessions',
      parent,
      paging: 'single',
      recordsAt: ['data.sessions'],
      emptyOn,
      tolerate,
    },
  ],
  primaryKey: ['course_id', 'session_id'],
  columns: {
    course_id: integer('Course the session belongs to.'),
    session_id: integer('Id of the session.', {from: ['id', 'session_id', 'id_session']}),
    uid_session: text('Short identifier of the session.'),
    code: text('Code of the session.'),
    name: text('Name of the session.'),
    slug_name: text('Name as used in URLs.'),
    description: text('Description, as HTML.'),
    date_start: timestamp('When the session starts.', {from: ['date_start', 'start_date']}),
    date_end: timestamp('When the session ends.', {from: ['date_end', 'end_date']}),
    begin_day: date('Day on which the session begins, in its own time zone.'),
    begin_time: text('Time at which the session begins, in its own time zone.'),
    begin_timezone: text('Time zone in which the session begins.'),
    end_time: text('Time at which the session ends, in its own time zone.'),
    end_timezone: text('Time zone in which the session ends.'),
    hours: double('Instruction, in hours.'),
    events: integer('Events in the session.'),
    events_with_sync_failed: integer('Events that could not be synchronised with the webinar tool.'),
    min_dates_for_completion: integer('Events to attend for completion.'),
    dates: json('Events of the session as sent.'),
    instructors: integer('Instructors assigned.'),
    instructors_emails_number: integer('Instructors with an email address.'),
    enrolled: integer('Users enrolled.'),
    waiting: integer('Users on the waiting list.'),
    max_enroll: integer('Users that may enrol.'),
    evaluation_type: text('0 for evaluation by hand, 1 for an online test.'),
    evaluation: json('Evaluation of the caller.'),
    score: double('Score of the caller, at most score_base.'),
    score_base: double('Highest score.'),
    attendance_type: text('onsite, online or flexible.'),
    attendance_details: json('Users by kind of attendance as sent.'),
    attendance_onsite: integer('Users who attend on site.', {from: 'attendance_details.onsite'}),
    attendance_online: integer('Users who attend online.', {from: 'attendance_details.online'}),
    attendance_flexible: integer('Users who may attend either way.', {from: 'attendance_details.flexible'}),
    location: json('Where the session takes place as sent.'),
    location_id: integer('Id of the location.', {from: 'location.id'}),
    location_name: text('Name of the location.', {from: 'location.name'}),
    location_address: text('Address of the location.', {from: 'location.address'}),
    created_by: text('Who created the session.'),
    externally_managed: boolean('Whether another system manages the session.'),
    can_manage: boolean('Whether the credential may manage the session.'),
    additional_fields: json('Additional fields of the session with their values.'),
  },
});
