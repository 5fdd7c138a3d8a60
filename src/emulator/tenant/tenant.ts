import {createBranches} from './branches.js';
import {createCatalogs} from './catalogs.js';
import {createCategories} from './categories.js';
import {createCertifications} from './certifications.js';
import {createContent} from './content.js';
import {createCourses} from './courses.js';
import {createEnrolmentRecords} from './enrolment-records.js';
import {createEnrolments} from './enrolments.js';
import {createExternalTraining} from './external-training.js';
import {createGroups} from './groups.js';
import {createLearningObjects} from './learning-objects.js';
import {createLearningPlans} from './learning-plans.js';
import {createSessions} from './sessions.js';
import {type Survey, surveyOf} from './surveys.js';
import {createUsers} from './users.js';

export type Tenant = ReturnType<typeof createTenant>;

/** A whole Docebo platform in proportion to its users. Everything is made on demand. */
export function createTenant(seed: number, userCount: number) {
  const courseCount = Math.max(12, Math.round(userCount / 20));
  const branches = createBranches(seed, userCount);
  const users = createUsers(seed, userCount, branches.codes);
  const enrolments = createEnrolments(seed, userCount, courseCount);
  const sessions = createSessions(seed);
  const categories = createCategories(seed, courseCount);
  const courses = createCourses(seed, courseCount, categories, {
    enrolled: enrolments.countIn,
    sessions: sessions.count,
  });
  const enrolmentRecords = createEnrolmentRecords(seed, users, courses);
  const learningPlans = createLearningPlans(seed, users, courses);
  const certifications = createCertifications(seed, userCount);
  return {
    users,
    branches,
    groups: createGroups(seed, users),
    courses,
    categories,
    enrolments,
    enrolmentRecords,
    sessions,
    certifications,
    externalTraining: createExternalTraining(seed, users, certifications.length),
    learningObjects: createLearningObjects(seed, courses),
    learningPlans,
    catalogs: createCatalogs(seed, courses, learningPlans, categories),
    content: createContent(seed, users, courses, learningPlans),
    survey: (course: number): Survey | undefined => surveyOf(seed, course),
  };
}
