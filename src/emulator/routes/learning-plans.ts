import {envelop} from '../http/envelope.js';
import {Refusal} from '../http/reply.js';
import {mapList} from '../list.js';
import {ofLevels} from './courses.js';
import {among, searchText} from './filters.js';
import {type Call, get, type Route, readArray} from './route.js';

export const learningPlanRoutes: readonly Route[] = [
  get('/learningplan/v1/learningplans', call =>
    envelop(searchText(call.tenant.learningPlans.list, call, ['title']), call),
  ),
  get('/learningplan/v1/learningplans/enrollments', call => {
    const all = call.tenant.learningPlans.enrolments(new Set(readArray(call.query, 'extra_fields')));
    const inPlans = among(all, call, 'learning_plan_id', 'learning_plan_id');
    return envelop(among(inPlans, call, 'user_id', 'user_id'), call);
  }),
  get('/learningplan/v1/learningplans/{id}/courses/enrollments', call => {
    const {learningPlans, enrolmentRecords} = call.tenant;
    return envelop(
      mapList(ofLevels(learningPlans.courseEnrolments(findPlan(call)), call), enrolmentRecords.inPlan),
      call,
    );
  }),
  get('/learningplan/v1/learningplans/{id}/courses', call =>
    envelop(call.tenant.learningPlans.courses(findPlan(call)), call),
  ),
];

function findPlan({tenant, id}: Call): number {
  const plan = tenant.learningPlans.ids.index(Number(id));
  if (plan === undefined) throw new Refusal(404, 'The learning plan does not exist.');
  return plan;
}
