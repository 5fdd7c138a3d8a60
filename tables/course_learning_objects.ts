import {defineTable, integer, text} from '../src/table.js';
import {courses} from './courses.js';

export const courseLearningObjects = defineTable({
  name: 'course_learning_objects',
  aliases: ['learning_objects'],
  area: 'courses',
  description: 'Training material in each course: SCORM packages, videos, tests, polls and the folders that hold them.',
  routes: [
    {
      path: '/learn/v1/courses/{course_id}/los',
      parent: {table: courses, bind: {course_id: 'id_course'}, unchangedWhen: ['date_last_updated']},
      // The list comes in one reply, in either shape. tables/API.md#other-shapes
      paging: 'single',
      recordsAt: ['data.items', 'data'],
      tolerate: {404: 'The course was deleted after the courses were listed.'},
    },
  ],
  primaryKey: ['course_id', 'id_org'],
  columns: {
    course_id: integer('Course the object belongs to.'),
    id_org: integer('Id of the object within its course.'),
    id_resource: integer('Id of what the object shows, such as the poll.'),
    id_parent: integer('Folder that holds the object: its id_org in the same course.'),
    item_id: integer('Id of the item.'),
    title: text('Title of the object.'),
    status: text('How far the caller got with the object.'),
    // ingestr reads lo_type if object_type is missing. tables/API.md#course_learning_objects
    object_type: text('Kind of object, such as scormorg, video, test or poll.', {from: ['object_type', 'lo_type']}),
  },
});
