import {iterate, lazyList, mapList, type SentRecord} from './list.js';
import type {Settings} from './options.js';
import {
  courseFieldList,
  describeUserField,
  enrolmentFieldList,
  userFieldList,
  userFieldsWithOptions,
} from './tenant/fields.js';
import {planExtras} from './tenant/learning-plans.js';
import type {Session} from './tenant/sessions.js';
import {surveyAnswers} from './tenant/survey-answers.js';
import type {Tenant} from './tenant/tenant.js';
import {managerTypes} from './tenant/users.js';

/** The route whose records are meant, where several routes send the table. */
type Route = typeof learnRoute;

const learnRoute = '/learn/v1/enrollments';

export interface TruthOptions {
  /** Of `course_enrollments`: the records as this route sends them for the types of courses. */
  readonly route?: Route;
}

type Truth = (tenant: Tenant, settings: Settings, route?: Route) => Iterable<SentRecord>;

/** The extra fields of a course enrolment that the table asks for. */
const courseExtras = new Set(['enrollment_status', 'enrollment_completion_date', 'enrollment_time_spent']);

/** What a complete copy of each table holds: the records as sent, with the values bound from the parent. */
const truths: Readonly<Record<string, Truth>> = {
  users: tenant => iterate(tenant.users.list),
  user_fields: (_, {fieldsAsArray}) => (fieldsAsArray ? userFieldsWithOptions : iterate(userFieldList)),
  *user_field_options(_, {fieldsAsArray}) {
    for (const field of userFieldsWithOptions) {
      const detail = describeUserField(field.id)?.['dropdown_options'];
      const options = fieldsAsArray ? field.options : ((detail ?? []) as readonly SentRecord[]);
      for (const option of options) yield {...option, field_id: field.id};
    }
  },
  *user_managers({users}) {
    for (const {user_id, manager_names: names} of iterate(users.list)) {
      const managers = Object.entries(names as Record<string, SentRecord>);
      for (const [index, [manager_type_id, manager]] of managers.entries())
        yield {...manager, user_id, manager_type_id, position: index + 1};
    }
  },
  manager_types: () => managerTypes,
  *manager_subordinates({users}, {subordinates}) {
    for (const place of iterate(users.order)) {
      for (const report of users.reportsOf(place.index)) {
        const {firstName, lastName, username} = users.person(report);
        const names =
          subordinates === 'of-user'
            ? {name: firstName, surname: lastName}
            : {fullname: `${firstName} ${lastName}`, firstname: firstName, lastname: lastName};
        const ids = {manager_id: users.ids.id(place.index), user_id: users.ids.id(report)};
        yield {...ids, ...names, username, email: username};
      }
    }
  },
  pending_users: tenant => iterate(tenant.pendingUsers),
  *branches({branches}, {namesRoot}) {
    for (const record of [...(namesRoot ? [branches.root] : []), ...iterate(branches.flattened)])
      yield {
        ...record,
        path: branches
          .path(Number(record['id']))
          .slice(namesRoot ? 0 : 1)
          .join(' / '),
      };
  },
  *user_branches({branches, branchMembers, users}, {namesRoot}) {
    for (const id of branches.withBelow(Number(branches.root['id'])).slice(namesRoot ? 0 : 1))
      yield* bind(mapList(branchMembers.in([id]), users.record), {branch_id: id});
  },
  groups: ({groups}, {groups: kind}) => iterate(kind === 'uuid' ? groups.list : groups.numbered),
  *group_members({groups}, {groups: kind}) {
    for (let group = 0; group < groups.list.length; group += 1) {
      if (kind !== 'uuid') yield* bind(groups.numberedMembers(group), {group_id: groups.numbers.id(group)});
      else yield* bind(groups.members(group), {group_id: groups.list.at(group)['uuid']});
    }
  },
  courses: ({courses}, {courses: kind, catalogueFields}) => {
    if (kind === 'managed') return iterate(courses.managed);
    return iterate(catalogueFields ? courses.catalogueWithFields : courses.catalogue);
  },
  course_fields: () => iterate(courseFieldList),
  categories: tenant => iterate(tenant.categories.all),
  course_details: tenant => courseDetails(tenant),
  *course_field_values(tenant, {courses: kind, catalogueFields}) {
    const fields = [...iterate(courseFieldList)];
    for (const {id, additional_fields: values} of courseDetails(tenant)) {
      for (const sent of values as readonly SentRecord[]) {
        // Where the list of courses sends the values, the fields are described as in their own list.
        const isListed = kind === 'managed' || catalogueFields;
        const field = fields.find(each => String(each.id) === sent['id']);
        yield {...(isListed ? {...field, value: sent['value']} : sent), course_id: id};
      }
    }
  },
  course_instructors: tenant => inCourses(tenant, 'instructors', 'instructor_number'),
  course_partners: tenant => inCourses(tenant, 'partner_data', 'partner_number'),
  course_learning_objects: tenant => learningObjects(tenant),
  *course_enrollments(tenant, {bulkEnrollments}, route) {
    const {enrolments, enrolmentRecords} = tenant;
    if (route === learnRoute) yield* iterate(mapList(enrolments.all, enrolmentRecords.learn));
    else if (bulkEnrollments)
      yield* iterate(mapList(enrolments.all, each => enrolmentRecords.bulk(each, courseExtras)));
    else {
      yield* forEachCourse(tenant, course =>
        mapList(enrolments.inCourse(course), each => enrolmentRecords.perCourse(each, courseExtras)),
      );
    }
  },
  sessions: (tenant, {sessionsRoute}) => sessions(tenant, sessionsRoute),
  enrollments: tenant => iterate(tenant.learnEnrolments),
  enrollments_pending_approval: tenant => iterate(tenant.pendingApprovals),
  enrollment_fields: () => iterate(enrolmentFieldList),
  *learning_plan_courses({learningPlans}) {
    for (let plan = 0; plan < learningPlans.list.length; plan += 1) {
      yield* bind(learningPlans.courses(plan), {learning_plan_id: learningPlans.ids.id(plan)});
    }
  },
  *session_field_values(tenant, {sessionsRoute}) {
    // The map of sessions does not have them.
    for (const {id, course_id, additional_fields: values = []} of sessions(tenant, sessionsRoute)) {
      for (const value of values as readonly SentRecord[]) yield {...value, course_id, session_id: id};
    }
  },
  session_dates: tenant => inSessions(tenant, 'dates', 'date_number'),
  session_instructors: tenant => inSessions(tenant, 'instructors', 'instructor_number'),
  session_locations: tenant => inSessions(tenant, 'locations', 'location_number'),
  session_events: tenant => perSession(tenant, tenant.sessionRecords.events),
  session_enrollments: tenant => perSession(tenant, tenant.sessionRecords.enrolments),
  *session_attendance(tenant) {
    for (const {id, user_id, enrolled_sessions: enrolled = []} of iterate(tenant.learnEnrolments)) {
      for (const session of enrolled as readonly SentRecord[]) {
        const {id: session_id, name: session_name, status: session_status, dates} = session;
        const given = {course_id: id, user_id, session_id, session_name, session_status};
        for (const [index, date] of (dates as readonly SentRecord[]).entries()) {
          yield {...date, ...given, date_number: index + 1};
        }
      }
    }
  },
  locations: tenant => iterate(tenant.locations.list),
  certifications: tenant => iterate(tenant.certifications),
  external_training: tenant => iterate(tenant.externalTraining),
  learning_plans: tenant => iterate(tenant.learningPlans.list),
  learning_plan_enrollments: tenant => iterate(tenant.learningPlans.enrolments(planExtras)),
  *learning_plan_course_enrollments({learningPlans, enrolmentRecords}) {
    for (let plan = 0; plan < learningPlans.list.length; plan += 1) {
      const enrolments = mapList(learningPlans.courseEnrolments(plan), enrolmentRecords.inPlan);
      yield* bind(enrolments, {learning_plan_id: learningPlans.ids.id(plan)});
    }
  },
  *polls(tenant) {
    for (const object of learningObjects(tenant)) if (object['object_type'] === 'poll') yield object;
  },
  badges: tenant => iterate(tenant.gamification.badges),
  *badge_awards({gamification: {badges, badgeIds, holders}}) {
    for (let badge = 0; badge < badges.length; badge += 1) yield* bind(holders(badge), {badge_id: badgeIds.id(badge)});
  },
  leaderboards: tenant => iterate(tenant.gamification.leaderboards),
  *leaderboard_positions({gamification: {leaderboards, leaderboardIds, positions}}) {
    for (let index = 0; index < leaderboards.length; index += 1) {
      for (const [place, position] of [...iterate(positions(index))].entries())
        yield {...position, place: place + 1, leaderboard_id: leaderboardIds.id(index)};
    }
  },
  subscription_bundles: tenant => iterate(tenant.subscriptions.bundles),
  subscription_plans: tenant => iterate(tenant.subscriptions.plans),
  subscription_records: tenant => iterate(tenant.subscriptions.records),
  subscription_seats: tenant => iterate(tenant.subscriptions.seats),
  reports: ({reports}) => reports.map(({listed}) => listed),
  *survey_answers(tenant) {
    for (const course of tenant.courses.indexes) {
      const survey = tenant.survey(course);
      if (survey !== undefined) yield* surveyAnswers(survey, tenant.courses.ids.id(course));
    }
  },
  catalogs: ({catalogs}, {catalogs: kind}) =>
    iterate(
      lazyList(catalogs.count, index => {
        const record = catalogs.record(index);
        return kind === 'cut' ? {...record, items_count: Math.min(3, Number(record['items_count']))} : record;
      }),
    ),
  *catalog_items({catalogs}) {
    for (let catalog = 0; catalog < catalogs.count; catalog += 1)
      yield* bind(catalogs.itemsOf(catalog), {catalogue_id: catalogs.ids.id(catalog)});
  },
  channels: ({content}) => iterate(content.channels),
  *channel_assets({content}) {
    for (let channel = 0; channel < content.channels.length; channel += 1)
      yield* bind(content.itemsOf(channel), {channel_id: content.channelIds.id(channel)});
  },
  assets: ({content}) => iterate(content.assets),
  *asset_channels({content}) {
    for (let asset = 0; asset < content.assets.length; asset += 1)
      yield* bind(content.channelsOf(asset), {asset_id: content.assetIds.id(asset)});
  },
};

export const emulatedTables: readonly string[] = Object.keys(truths);

export function tellTruth(
  table: string,
  tenant: Tenant,
  settings: Settings,
  {route}: TruthOptions = {},
): Iterable<SentRecord> {
  const truth = truths[table];
  if (truth === undefined) {
    const known = emulatedTables.join(', ');
    throw new RangeError(`src/emulator/truth.ts does not say what ${table} holds, only what these do: ${known}.`);
  }
  return truth(tenant, settings, route);
}

type Records = Parameters<typeof iterate<SentRecord>>[0];

function* bind(records: Records, bound: SentRecord): Generator<SentRecord> {
  for (const record of iterate(records)) yield {...record, ...bound};
}

function* forEachCourse(tenant: Tenant, list: (course: number) => Records): Generator<SentRecord> {
  for (const course of tenant.courses.indexes) {
    yield* bind(list(course), {course_id: tenant.courses.ids.id(course)});
  }
}

function* courseDetails({courses, courseDetails}: Tenant): Generator<SentRecord> {
  for (const course of courses.indexes) yield courseDetails(course);
}

function* inCourses(tenant: Tenant, member: string, position: string): Generator<SentRecord> {
  for (const detail of courseDetails(tenant)) {
    for (const [index, sent] of (detail[member] as readonly SentRecord[]).entries()) {
      yield {...sent, course_id: detail['id'], [position]: index + 1};
    }
  }
}

function sessions(tenant: Tenant, route = 'paged'): Iterable<SentRecord> {
  const {sessionRecords} = tenant;
  return forEachCourse(tenant, route === 'map' ? sessionRecords.mapped : sessionRecords.paged);
}

function* inSessions(tenant: Tenant, member: string, position: string): Generator<SentRecord> {
  for (const {id_session, course_id, [member]: list} of forEachCourse(tenant, tenant.sessionRecords.detailed)) {
    for (const [index, sent] of (list as readonly SentRecord[]).entries()) {
      yield {...sent, course_id, session_id: id_session, [position]: index + 1};
    }
  }
}

function* perSession(tenant: Tenant, list: (session: Session) => Records): Generator<SentRecord> {
  for (const {id, course_id} of sessions(tenant)) {
    const session = tenant.sessions.find(Number(id));
    if (session !== undefined) yield* bind(list(session), {session_id: id, course_id});
  }
}

function learningObjects(tenant: Tenant): Iterable<SentRecord> {
  return forEachCourse(tenant, tenant.learningObjects.of);
}
