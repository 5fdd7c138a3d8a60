import {envelop} from '../http/envelope.js';
import {Refusal} from '../http/reply.js';
import {mapList} from '../list.js';
import {ofLevels} from './courses.js';
import {get, type Route, readArray} from './route.js';

export const learningPlanRoutes: readonly Route[] = [
  get('/learningplan/v1/learningplans', call => envelop(call.tenant.learningPlans.list, call)),
  get('/learningplan/v1/learningplans/enrollments', call =>
    envelop(call.tenant.learningPlans.enrolments(new Set(readArray(call.query, 'extra_fields'))), call),
  ),
  get('/learningplan/v1/learningplans/{id}/courses/enrollments', call => {
    const {learningPlans, enrolmentRecords} = call.tenant;
    const plan = learningPlans.ids.index(Number(call.id));
    if (plan === undefined) throw new Refusal(404, 'The learning plan does not exist.');
    return envelop(mapList(ofLevels(learningPlans.courseEnrolments(plan), call), enrolmentRecords.inPlan), call);
  }),
];
