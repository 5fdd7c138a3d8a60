import {joinLists, mapList} from '../list.js';
import {createBranchMembers} from './branch-members.js';
import {createBranches} from './branches.js';
import {createCatalogs} from './catalogs.js';
import {createCategories} from './categories.js';
import {createCertifications} from './certifications.js';
import {createContent} from './content.js';
import {createCourseDetails} from './course-details.js';
import {createCourses} from './courses.js';
import {createEnrolmentEdits} from './enrolment-edits.js';
import {createEnrolmentFacts} from './enrolment-facts.js';
import {createEnrolmentRecords} from './enrolment-records.js';
import {createEnrolments} from './enrolments.js';
import {createExternalTraining} from './external-training.js';
import {createGamification} from './gamification.js';
import {createGroups} from './groups.js';
import {createLearningObjects} from './learning-objects.js';
import {createLearningPlans} from './learning-plans.js';
import {createLocations} from './locations.js';
import {createPendingApprovals} from './pending-approvals.js';
import {createPendingUsers} from './pending-users.js';
import {createReports} from './reports.js';
import {createSessionRecords} from './session-records.js';
import {createSessionRosters} from './session-rosters.js';
import {createSessions} from './sessions.js';
import {createSieves} from './sieves.js';
import {createSubscriptions} from './subscriptions.js';
import {type Survey, surveyOf} from './surveys.js';
import {createUsers} from './users.js';

export type Tenant = ReturnType<typeof createTenant>;

/** A whole Docebo platform in proportion to its users. Everything is made on demand. */
export function createTenant(seed: number, userCount: number, enrolmentTimes = 1) {
  const courseCount = Math.max(12, Math.round(userCount / 20));
  const branches = createBranches(seed, userCount);
  const users = createUsers(seed, userCount, branches);
  const enrolments = createEnrolments(seed, userCount, courseCount, enrolmentTimes);
  const locations = createLocations(seed, courseCount);
  const sessions = createSessions(seed, users, locations);
  const categories = createCategories(seed, courseCount);
  const courses = createCourses(seed, courseCount, categories, {
    enrolled: enrolments.countIn,
    sessions: sessions.count,
  });
  const enrolmentFacts = createEnrolmentFacts(seed, users, courses);
  const rosters = createSessionRosters(seed, sessions, enrolments, enrolmentFacts);
  const sessionRecords = createSessionRecords(seed, {users, courses, sessions, rosters, enrolmentFacts, locations});
  const enrolmentRecords = createEnrolmentRecords(seed, users, enrolmentFacts, sessionRecords);
  const learningPlans = createLearningPlans(seed, users, courses);
  const sieves = createSieves({users, courses, enrolments, enrolmentFacts, enrolmentRecords, learningPlans});
  const certifications = createCertifications(seed, userCount);
  return {
    users,
    pendingUsers: createPendingUsers(seed, userCount),
    branches,
    branchMembers: createBranchMembers(branches, users),
    groups: createGroups(seed, users),
    courses,
    categories,
    enrolments,
    enrolmentEdits: createEnrolmentEdits(enrolments, courses),
    enrolmentFacts,
    enrolmentRecords,
    /** `GET /learn/v1/enrollments`: those of courses and of plans together (tables/API.md#enrollments). */
    learnEnrolments: joinLists(mapList(enrolments.all, enrolmentRecords.learn), learningPlans.learnEnrolments),
    pendingApprovals: createPendingApprovals(seed, {users, courses, enrolments, sessions}),
    courseDetails: createCourseDetails(seed, {users, courses, categories, sessions: sessionRecords}),
    locations,
    sessions,
    sessionRecords,
    certifications,
    sieves,
    externalTraining: createExternalTraining(seed, users, certifications.length),
    learningObjects: createLearningObjects(seed, courses),
    learningPlans,
    catalogs: createCatalogs(seed, courses, learningPlans, categories),
    content: createContent(seed, users, courses, learningPlans),
    gamification: createGamification(seed, users),
    subscriptions: createSubscriptions(seed, {users, branches, courses}),
    reports: createReports(seed, {
      users,
      branches,
      courses,
      enrolments,
      enrolmentRecords,
      sessionRecords,
      certifications,
      learningPlans,
    }),
    survey: (course: number): Survey | undefined => surveyOf(seed, course),
  };
}
