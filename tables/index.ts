import type {Table} from '../src/table.js';
import {assetChannels} from './asset_channels.js';
import {assets} from './assets.js';
import {badgeAwards} from './badge_awards.js';
import {badges} from './badges.js';
import {branches} from './branches.js';
import {catalogItems} from './catalog_items.js';
import {catalogs} from './catalogs.js';
import {categories} from './categories.js';
import {certifications} from './certifications.js';
import {channelAssets} from './channel_assets.js';
import {channels} from './channels.js';
import {courseDetails} from './course_details.js';
import {courseEnrollments} from './course_enrollments.js';
import {courseFieldValues} from './course_field_values.js';
import {courseFields} from './course_fields.js';
import {courseInstructors} from './course_instructors.js';
import {courseLearningObjects} from './course_learning_objects.js';
import {coursePartners} from './course_partners.js';
import {courses} from './courses.js';
import {enrollmentFields} from './enrollment_fields.js';
import {enrollments} from './enrollments.js';
import {enrollmentsPendingApproval} from './enrollments_pending_approval.js';
import {externalTraining} from './external_training.js';
import {groupMembers} from './group_members.js';
import {groups} from './groups.js';
import {leaderboardPositions} from './leaderboard_positions.js';
import {leaderboards} from './leaderboards.js';
import {learningPlanCourseEnrollments} from './learning_plan_course_enrollments.js';
import {learningPlanCourses} from './learning_plan_courses.js';
import {learningPlanEnrollments} from './learning_plan_enrollments.js';
import {learningPlans} from './learning_plans.js';
import {locations} from './locations.js';
import {managerSubordinates} from './manager_subordinates.js';
import {managerTypes} from './manager_types.js';
import {pendingUsers} from './pending_users.js';
import {polls} from './polls.js';
import {reports} from './reports.js';
import {sessionAttendance} from './session_attendance.js';
import {sessionDates} from './session_dates.js';
import {sessionEnrollments} from './session_enrollments.js';
import {sessionEvents} from './session_events.js';
import {sessionFieldValues} from './session_field_values.js';
import {sessionInstructors} from './session_instructors.js';
import {sessionLocations} from './session_locations.js';
import {sessions} from './sessions.js';
import {subscriptionBundles} from './subscription_bundles.js';
import {subscriptionPlans} from './subscription_plans.js';
import {subscriptionRecords} from './subscription_records.js';
import {subscriptionSeats} from './subscription_seats.js';
import {surveyAnswers} from './survey_answers.js';
import {userBranches} from './user_branches.js';
import {userFieldOptions} from './user_field_options.js';
import {userFields} from './user_fields.js';
import {userManagers} from './user_managers.js';
import {users} from './users.js';

export {reports};

/** Every table, each with the type of its declaration. */
export const declaredTables = [
  users,
  userFields,
  userFieldOptions,
  userManagers,
  managerTypes,
  managerSubordinates,
  pendingUsers,
  branches,
  userBranches,
  groups,
  groupMembers,
  courses,
  courseFields,
  categories,
  courseDetails,
  courseFieldValues,
  courseInstructors,
  coursePartners,
  courseLearningObjects,
  courseEnrollments,
  enrollments,
  enrollmentsPendingApproval,
  enrollmentFields,
  sessions,
  sessionFieldValues,
  sessionDates,
  sessionEvents,
  sessionInstructors,
  sessionLocations,
  locations,
  sessionEnrollments,
  sessionAttendance,
  certifications,
  externalTraining,
  learningPlans,
  learningPlanCourses,
  learningPlanEnrollments,
  learningPlanCourseEnrollments,
  catalogs,
  catalogItems,
  channels,
  channelAssets,
  assets,
  assetChannels,
  badges,
  badgeAwards,
  leaderboards,
  leaderboardPositions,
  subscriptionBundles,
  subscriptionPlans,
  subscriptionRecords,
  subscriptionSeats,
  polls,
  surveyAnswers,
  reports,
] as const satisfies readonly Table[];

export const tables: readonly Table[] = declaredTables;
