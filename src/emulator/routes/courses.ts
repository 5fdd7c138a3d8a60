import {envelop} from '../http/envelope.js';
import {Refusal} from '../http/reply.js';
import {iterate, type List, listOf, mapList} from '../list.js';
import {typeOf} from '../tenant/courses.js';
import type {Tenant} from '../tenant/tenant.js';
import {type Call, get, type Route, readArray} from './route.js';

export const courseRoutes: readonly Route[] = [
  get('/course/v1/courses', call => envelop(call.tenant.courses.managed, call)),
  get('/course/v1/courses/enrollments', call => {
    if (!call.settings.bulkEnrollments) throw new Refusal(403);
    return envelop(listEnrolments(call), call);
  }),
  get('/course/v1/courses/{id}/enrollments', call =>
    envelop(courseEnrolments(call.tenant, findCourse(call), readExtras(call)), call),
  ),
  get('/course/v1/courses/{id}/sessions', call => {
    if (call.settings.sessionsRoute === 'map') throw new Refusal(404);
    const course = findCourse(call);
    const sessions = call.tenant.sessions.paged(course);
    // A course without sessions answers with an error at times (tables/API.md#sessions): here all but webinars do.
    if (sessions.length === 0 && typeOf(course) !== 'webinar') throw new Refusal(404, 'There are no sessions.');
    return envelop(sessions, call);
  }),
];

export function findCourse({tenant, id}: Pick<Call, 'tenant' | 'id'>): number {
  const course = tenant.courses.ids.index(Number(id));
  if (course === undefined || tenant.courses.order.lacks(course)) throw new Refusal(404, 'The course does not exist.');
  return course;
}

function readExtras({query}: Call): ReadonlySet<string> {
  return new Set(readArray(query, 'extra_fields'));
}

function listEnrolments(call: Call): List {
  const {tenant, query} = call;
  const extras = readExtras(call);
  const asked = readArray(query, 'course_id');
  if (asked.length === 0) return allEnrolments(tenant, extras);
  const {enrolments, enrolmentRecords} = tenant;
  const found = asked.flatMap(id => [...iterate(enrolments.inCourse(findCourse({tenant, id})))]);
  return mapList(listOf(found), enrolment => enrolmentRecords.bulk(enrolment, extras));
}

export function allEnrolments({enrolments, enrolmentRecords}: Tenant, extras: ReadonlySet<string>): List {
  return mapList(enrolments.all, enrolment => enrolmentRecords.bulk(enrolment, extras));
}

export function courseEnrolments(
  {enrolments, enrolmentRecords}: Tenant,
  course: number,
  extras: ReadonlySet<string>,
): List {
  return mapList(enrolments.inCourse(course), enrolment => enrolmentRecords.perCourse(enrolment, extras));
}
