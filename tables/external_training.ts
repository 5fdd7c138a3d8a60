import {defineTable, double, integer, json, text, timestamp} from '../src/table.js';
import {certifications} from './certifications.js';
import {users} from './users.js';

export const externalTraining = defineTable({
  name: 'external_training',
  area: 'enrolments',
  description: 'Training that users did elsewhere and recorded in Docebo.',
  routes: [{path: '/learn/v1/external_training'}],
  primaryKey: ['training_id'],
  // The exact names are not known, so all spellings that were seen are read. tables/API.md#external_training
  columns: {
    training_id: integer('Id of the record.', {from: ['training_id', 'external_training_id', 'id']}),
    uuid: text('UUID of the record.'),
    user_id: integer('User who did the training.', {from: ['user_id', 'id_user'], references: users}),
    course_code: text('Code of the training.'),
    course_name: text('Name of the training.', {from: ['course_name', 'title']}),
    from_date: timestamp('When the training began.'),
    to_date: timestamp('When the training ended.'),
    score: double('Score reached. The highest possible score is not sent.'),
    ceus: double('Continuing education units earned.', {from: ['ceus', 'CEUs']}),
    training_institute: text('Institute that gave the training.', {from: ['training_institute', 'provider']}),
    training_institute_code: text('Code of the institute that gave the training.'),
    certification: integer('Certification that the training counts towards.', {references: certifications}),
    additional_fields: json('Additional fields with their values.'),
  },
});
