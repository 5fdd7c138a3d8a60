import {defineTable, integer, text, timestamp} from '../src/table.js';
import {users} from './users.js';

export const reports = defineTable({
  name: 'reports',
  area: 'reports',
  description:
    'The reports that administrators have made, 500 at most. Their rows are tables of their own: report:<id>.',
  // Whether there are pages, and how they are asked for, is not known. tables/API.md#reports
  routes: [{path: '/analytics/v1/reports', query: {count: '500'}, paging: 'single'}],
  primaryKey: ['id_report'],
  columns: {
    id_report: text('Id of the report, by which it is exported.', {from: ['idReport', 'id_report']}),
    report_name: text('Name of the report.', {from: ['reportName', 'name']}),
    type: text('What it is about, such as users and courses, or certificates.'),
    user_id: integer('User who owns the report.', {from: ['userId', 'user_id'], references: users}),
    firstname: text('First name of that user.'),
    lastname: text('Last name of that user.'),
    created_by: text('Who made the report, as sent.', {from: ['createdBy', 'created_by']}),
    creation_date: timestamp('When the report was made.', {from: ['creationDate', 'creation_date']}),
  },
});
