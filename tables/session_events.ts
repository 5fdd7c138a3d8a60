import {date, defineTable, integer, json, text} from '../src/table.js';
import {courses} from './courses.js';
import {sessions} from './sessions.js';

export const sessionEvents = defineTable({
  name: 'session_events',
  area: 'instructor_led',
  description:
    'Events of sessions with the number of those who attended, at a call for each session. session_dates has the same events at a call for each course.',
  routes: [
    {
      path: '/course/v1/sessions/{session_id}/events',
      parent: {
        table: sessions,
        bind: {session_id: 'session_id', course_id: 'course_id'},
        skipIfZero: ['events'],
      },
      tolerate: {404: 'The session was deleted after the sessions were listed.'},
    },
  ],
  primaryKey: ['session_id', 'event_id'],
  columns: {
    course_id: integer('Course that the session belongs to.', {references: courses}),
    session_id: integer('Session that the event belongs to.'),
    event_id: integer('Id of the event.', {from: ['id', 'event_id']}),
    name: text('Name of the event.'),
    date: date('Day, in its own time zone.'),
    time: text('Hours as sent, in its own time zone.'),
    timezone: text('Time zone.', {from: ['timezone', 'schedule.timezone']}),
    duration: text('Length as sent.'),
    type: text('Kind of event, such as classroom or webinar.'),
    enrolled: integer('Users enrolled.'),
    attendance: text('Attendance as counted by Docebo, as sent.'),
    schedule: json('Day, time, time zone and offset as sent.'),
  },
});
