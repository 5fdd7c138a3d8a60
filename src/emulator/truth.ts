import {iterate, lazyList, mapList, type SentRecord} from './list.js';
import type {Settings} from './options.js';
import {courseFieldList, enrolmentFieldList, userFieldList} from './tenant/fields.js';
import {planExtras} from './tenant/learning-plans.js';
import {surveyAnswers} from './tenant/survey-answers.js';
import type {Tenant} from './tenant/tenant.js';

type Truth = (tenant: Tenant, settings: Settings) => Iterable<SentRecord>;

/** The extra fields of a course enrolment that the table asks for. */
const courseExtras = new Set(['enrollment_status', 'enrollment_completion_date', 'enrollment_time_spent']);

/** What a complete copy of each table holds: the records as sent, with the values bound from the parent. */
const truths: Readonly<Record<string, Truth>> = {
  users: tenant => iterate(tenant.users.list),
  user_fields: () => iterate(userFieldList),
  branches: tenant => iterate(tenant.branches.flattened),
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
  course_learning_objects: tenant => learningObjects(tenant),
  *course_enrollments(tenant, {bulkEnrollments}) {
    const {enrolments, enrolmentRecords} = tenant;
    if (bulkEnrollments) yield* iterate(mapList(enrolments.all, each => enrolmentRecords.bulk(each, courseExtras)));
    else {
      yield* forEachCourse(tenant, course =>
        mapList(enrolments.inCourse(course), each => enrolmentRecords.perCourse(each, courseExtras)),
      );
    }
  },
  sessions: (tenant, {sessionsRoute}) =>
    forEachCourse(tenant, course =>
      sessionsRoute === 'map' ? tenant.sessionRecords.mapped(course) : tenant.sessionRecords.paged(course),
    ),
  enrollments: tenant => iterate(tenant.learnEnrolments),
  enrollments_pending_approval: tenant => iterate(tenant.pendingApprovals),
  enrollment_fields: () => iterate(enrolmentFieldList),
  *learning_plan_courses({learningPlans}) {
    for (let plan = 0; plan < learningPlans.list.length; plan += 1) {
      yield* bind(learningPlans.courses(plan), {learning_plan_id: learningPlans.ids.id(plan)});
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
  *survey_answers(tenant) {
    for (let course = 0; course < tenant.courses.count; course += 1) {
      const survey = tenant.courses.order.lacks(course) ? undefined : tenant.survey(course);
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

export function tellTruth(table: string, tenant: Tenant, settings: Settings): Iterable<SentRecord> {
  const truth = truths[table];
  if (truth === undefined) {
    const known = emulatedTables.join(', ');
    throw new RangeError(`src/emulator/truth.ts does not say what ${table} holds, only what these do: ${known}.`);
  }
  return truth(tenant, settings);
}

type Records = Parameters<typeof iterate<SentRecord>>[0];

function* bind(records: Records, bound: SentRecord): Generator<SentRecord> {
  for (const record of iterate(records)) yield {...record, ...bound};
}

function* forEachCourse(tenant: Tenant, list: (course: number) => Records): Generator<SentRecord> {
  for (let course = 0; course < tenant.courses.count; course += 1) {
    if (tenant.courses.order.lacks(course)) continue;
    yield* bind(list(course), {course_id: tenant.courses.ids.id(course)});
  }
}

function learningObjects(tenant: Tenant): Iterable<SentRecord> {
  return forEachCourse(tenant, tenant.learningObjects.of);
}
