import type {Table} from '../src/table.js';
import {assetChannels} from './asset_channels.js';
import {assets} from './assets.js';
import {branches} from './branches.js';
import {catalogItems} from './catalog_items.js';
import {catalogs} from './catalogs.js';
import {categories} from './categories.js';
import {certifications} from './certifications.js';
import {channelAssets} from './channel_assets.js';
import {channels} from './channels.js';
import {courseEnrollments} from './course_enrollments.js';
import {courseFields} from './course_fields.js';
import {courseLearningObjects} from './course_learning_objects.js';
import {courses} from './courses.js';
import {externalTraining} from './external_training.js';
import {groupMembers} from './group_members.js';
import {groups} from './groups.js';
import {learningPlanCourseEnrollments} from './learning_plan_course_enrollments.js';
import {learningPlanEnrollments} from './learning_plan_enrollments.js';
import {learningPlans} from './learning_plans.js';
import {polls} from './polls.js';
import {sessions} from './sessions.js';
import {surveyAnswers} from './survey_answers.js';
import {userFields} from './user_fields.js';
import {users} from './users.js';

export const tables: readonly Table[] = [
  users,
  userFields,
  branches,
  groups,
  groupMembers,
  courses,
  courseFields,
  categories,
  courseLearningObjects,
  courseEnrollments,
  sessions,
  certifications,
  externalTraining,
  learningPlans,
  learningPlanEnrollments,
  learningPlanCourseEnrollments,
  catalogs,
  catalogItems,
  channels,
  channelAssets,
  assets,
  assetChannels,
  polls,
  surveyAnswers,
];
