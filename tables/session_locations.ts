import {defineTable, integer, text} from '../src/table.js';
import {courseDetails} from './course_details.js';
import {courses} from './courses.js';
import {locations} from './locations.js';

export const sessionLocations = defineTable({
  name: 'session_locations',
  area: 'instructor_led',
  description:
    'Where sessions take place, from the details of the courses. Whether Docebo sends past sessions there is not known.',
  routes: [
    {
      derive: {
        table: courseDetails,
        each: 'sessions[].locations',
        bind: {course_id: 'course_id'},
        outer: {session_id: ['id_session', 'id', 'session_id']},
        position: 'location_number',
      },
    },
  ],
  // Whether a session names a location once for each of its days is not known. tables/API.md#session_locations
  primaryKey: ['course_id', 'session_id', 'location_number'],
  columns: {
    course_id: integer('Course that the session belongs to.', {references: courses}),
    session_id: integer('Session that takes place there.'),
    location_number: integer('Place among the locations of the session, from 1.'),
    id_location: integer('Location.', {references: locations}),
    name: text('Name of the location.'),
    address: text('Street address.'),
    id_country: integer('Id of the country.'),
    name_country: text('Name of the country.'),
    iso_code_country: text('ISO code of the country.'),
    id_zone: integer('Id of the zone.'),
    telephone: text('Telephone number.'),
    email: text('Email address.'),
    reaching_info: text('How to get there.'),
    accommodation: text('Where to stay.'),
    other_info: text('Anything else.'),
  },
});
