import {boolean, defineTable, integer, text} from '../src/table.js';

export const certifications = defineTable({
  name: 'certifications',
  area: 'courses',
  description: 'Certifications that courses and plans can award. The API does not list here those issued to users.',
  // There is no trailing s, whatever generated clients say. tables/API.md#certifications
  routes: [{path: '/learn/v1/certification'}],
  primaryKey: ['id_cert'],
  columns: {
    id_cert: integer('Id of the certification.'),
    code: text('Code of the certification.'),
    title: text('Title of the certification.'),
    description: text('Description, as HTML.'),
    duration: integer('How long it is valid, counted in duration_unit; 0 is for ever.'),
    duration_unit: text('What the duration is counted in, such as day or year.'),
    allow_same_item: boolean('Whether the same activity may renew it.'),
  },
});
