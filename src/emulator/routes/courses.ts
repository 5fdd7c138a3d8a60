import {envelop} from '../http/envelope.js';
import {Refusal} from '../http/reply.js';
import {filterList, iterate, type List, listOf, mapList} from '../list.js';
import {typeOf} from '../tenant/courses.js';
import type {Enrolment} from '../tenant/enrolments.js';
import type {Session} from '../tenant/sessions.js';
import {among, searchText} from './filters.js';
import {type Call, get, type Route, readArray} from './route.js';

export const courseRoutes: readonly Route[] = [
  get('/course/v1/courses', call => envelop(searchText(call.tenant.courses.managed, call, ['title']), call)),
  get('/course/v1/courses/enrollments', call => {
    if (!call.settings.bulkEnrollments) throw new Refusal(403);
    return envelop(among(listEnrolments(call), call, 'user_id', 'user_id'), call);
  }),
  get('/course/v1/courses/{id}/enrollments', call => {
    const {enrolments, enrolmentRecords} = call.tenant;
    const found = ofLevels(enrolments.inCourse(findCourse(call)), call);
    const extras = readExtras(call);
    return envelop(
      mapList(found, enrolment => enrolmentRecords.perCourse(enrolment, extras)),
      call,
    );
  }),
  get('/course/v1/courses/{id}/sessions', call => {
    if (call.settings.sessionsRoute === 'map') throw new Refusal(404);
    const course = findCourse(call);
    const sessions = call.tenant.sessionRecords.paged(course);
    // A course that cannot have sessions answers with an error (tables/API.md#sessions), and here all without any but webinars do.
    if (sessions.length === 0 && typeOf(course) !== 'webinar') {
      throw new Refusal(400, `Course ${call.id} does not have sessions`);
    }
    return envelop(sessions, call);
  }),
  get('/course/v1/sessions/{id}/enrollments', call =>
    envelop(call.tenant.sessionRecords.enrolments(findSession(call)), call),
  ),
  get('/course/v1/sessions/{id}/events', call => envelop(call.tenant.sessionRecords.events(findSession(call)), call)),
];

function findSession({tenant, id}: Call): Session {
  const session = tenant.sessions.find(Number(id));
  if (session === undefined || tenant.courses.order.lacks(session.course)) {
    throw new Refusal(404, 'The session does not exist.');
  }
  return session;
}

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
  const {enrolments, enrolmentRecords} = tenant;
  const extras = readExtras(call);
  const courses = readArray(query, 'course_id').map(id => findCourse({tenant, id}));
  const found =
    courses.length === 0
      ? enrolments.all
      : listOf(courses.flatMap(course => [...iterate(enrolments.inCourse(course))]));
  return mapList(ofLevels(found, call), enrolment => enrolmentRecords.bulk(enrolment, extras));
}

/** `enrollment_level[]=student`: clients ask plans only for students (tables/API.md#learning_plan_course_enrollments). */
export function ofLevels(list: List<Enrolment>, {tenant, query}: Call): List<Enrolment> {
  const asked = readArray(query, 'enrollment_level');
  if (asked.length === 0) return list;
  return filterList(list, enrolment => asked.includes(tenant.enrolmentFacts.level(enrolment)));
}
