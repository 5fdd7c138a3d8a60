import {defineTable, integer, text} from '../src/table.js';
import {courseLearningObjects} from './course_learning_objects.js';
import {courses} from './courses.js';

export const polls = defineTable({
  name: 'polls',
  area: 'surveys',
  description: 'Surveys in courses: the learning objects that are polls.',
  routes: [{derive: {table: courseLearningObjects, where: {object_type: ['poll']}}}],
  // One poll may be at several places in a course.
  primaryKey: ['course_id', 'id_org'],
  columns: {
    // Answers are asked for by the object's resource. tables/API.md#polls
    poll_id: integer('Id of the poll.', {from: 'id_resource'}),
    course_id: integer('Course that holds the poll.', {references: courses}),
    id_org: integer('Id of the learning object within its course.'),
    id_parent: integer('Folder that holds the poll: its id_org in the same course.'),
    item_id: integer('Id of the item.'),
    title: text('Title of the poll.'),
    status: text('How far the caller got with the poll.'),
    object_type: text('Always poll.', {from: ['object_type', 'lo_type']}),
  },
});
