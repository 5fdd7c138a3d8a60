import {contentRoutes} from './content.js';
import {courseRoutes} from './courses.js';
import {gamificationRoutes} from './gamification.js';
import {learnRoutes} from './learn.js';
import {learningPlanRoutes} from './learning-plans.js';
import {legacyRoutes} from './legacy.js';
import {manageRoutes} from './manage.js';
import {reportRoutes} from './reports.js';
import type {Route} from './route.js';
import {subscriptionRoutes} from './subscriptions.js';
import {writeRoutes} from './write-users.js';

export const routes: readonly Route[] = [
  ...writeRoutes,
  ...legacyRoutes,
  ...manageRoutes,
  ...courseRoutes,
  ...learnRoutes,
  ...learningPlanRoutes,
  ...contentRoutes,
  ...gamificationRoutes,
  ...subscriptionRoutes,
  ...reportRoutes,
];
