import {defineTable, integer, json, text} from '../src/table.js';

export const locations = defineTable({
  name: 'locations',
  area: 'instructor_led',
  description: 'Places where sessions are held.',
  routes: [{path: '/learn/v1/location'}],
  primaryKey: ['location_id'],
  columns: {
    location_id: integer('Id of the location.', {from: ['id', 'id_location']}),
    name: text('Name of the location.'),
    address: text('Street address.'),
    country: text('Country, as a name or as JSON.'),
    telephone: text('Telephone number.'),
    email: text('Email address.'),
    directions: text('How to get there.'),
    // One client spells it with a single m. tables/API.md#locations
    accommodations: text('Where to stay.', {from: ['accommodations', 'accomodations']}),
    other_info: text('Anything else.'),
    images: json('Pictures of the location, as sent.'),
  },
});
