import {date, defineTable, integer, json, text} from '../src/table.js';
import {courseDetails} from './course_details.js';
import {courses} from './courses.js';
import {locations} from './locations.js';

export const sessionDates = defineTable({
  name: 'session_dates',
  area: 'instructor_led',
  description:
    'Days of sessions with their hours, from the details of the courses. Whether Docebo sends past sessions there is not known: compare with the table sessions. session_events has the same days, at a call for each session.',
  routes: [
    {
      derive: {
        table: courseDetails,
        each: 'sessions[].dates',
        bind: {course_id: 'course_id'},
        outer: {session_id: ['id_session', 'id', 'session_id']},
        position: 'date_number',
      },
    },
  ],
  ignores: {is_instructor: 'It says whether the user of the credential teaches.'},
  // Not every client meets id_date. tables/API.md#session_dates
  primaryKey: ['course_id', 'session_id', 'date_number'],
  columns: {
    course_id: integer('Course that the session belongs to.', {references: courses}),
    session_id: integer('Session that takes place on the day.'),
    date_number: integer('Place among the days of the session, from 1.'),
    id_date: integer('Id of the day, which session_events calls event_id; NULL where it is not sent.'),
    name: text('Name of the day.'),
    description: text('Description of the day.'),
    date: date('Day, in its own time zone.'),
    start_hour: text('Time of the beginning, in its own time zone.'),
    end_hour: text('Time of the end, in its own time zone.'),
    timezone: text('Time zone.'),
    gmt: text('Offset from UTC as shown to users.'),
    duration: text('Length as sent.'),
    effective_duration: integer('Length without breaks. That it is in minutes is inferred.'),
    id_location: integer('Location.', {references: locations}),
    id_classroom: integer('Classroom.'),
    classroom_name: text('Name of the classroom.'),
    webinar_tool: text('Tool by which the webinar is held.'),
    collaboration_tool: text('Tool for working together.'),
    instructors: json('Instructors of the day, as sent.'),
  },
});
