import {envelop, readPage, slicePage} from '../http/envelope.js';
import {Refusal} from '../http/reply.js';
import {iterate, type List} from '../list.js';
import {courseFieldList} from '../tenant/fields.js';
import {learnTypes} from '../tenant/sieves.js';
import {findCourse} from './courses.js';
import {among, filterChanges, searchText} from './filters.js';
import {type Call, get, type Route, readArray} from './route.js';

export const learnRoutes: readonly Route[] = [
  // The default is 20 only here (tables/API.md#paging).
  get('/learn/v1/courses', call => {
    if (call.settings.courses === 'managed') throw new Refusal(403);
    const {catalogue, catalogueWithFields} = call.tenant.courses;
    const list = call.settings.catalogueFields ? catalogueWithFields : catalogue;
    const filtered = filterChanges(call, 'courses', {list, sieve: call.tenant.sieves.courses});
    return envelop(searchText(filtered, call, ['name']), call, {defaultSize: 20});
  }),
  get('/learn/v1/courses/field', call => envelop(courseFieldList, call)),
  get('/learn/v1/categories', call => envelop(listCategories(call), call, {extraData: call.tenant.categories.root})),
  get('/learn/v1/courses/{id}', call => ({data: call.tenant.courseDetails(findCourse(call)), version: '1.0.0'})),
  get('/learn/v1/courses/{id}/los', listLearningObjects),
  get('/learn/v1/courses/{id}/sessions', mapSessions),
  get('/learn/v1/enrollments', call => envelop(among(listEnrolments(call), call, 'status', 'status'), call)),
  get('/learn/v1/enrollment/pending_users', call => envelop(call.tenant.pendingApprovals, call)),
  get('/learn/v1/location', call => envelop(call.tenant.locations.list, call)),
  get('/learn/v1/certification', call => envelop(call.tenant.certifications, call)),
  get('/learn/v1/external_training', call => envelop(call.tenant.externalTraining, call)),
  get('/learn/v1/survey/{id}/answer', listAnswers),
];

function listEnrolments(call: Call): List {
  const {query, settings, tenant} = call;
  const asked = (column: 'type' | 'course' | 'user', name: string, numberOf: (text: string) => number | undefined) => {
    const values = readArray(query, name);
    // -2 stands in no column: who asks for what is not there gets nothing.
    return values.length === 0 ? [] : [{column, among: values.map(text => numberOf(text) ?? -2)}];
  };
  const types = asked('type', 'type', text => learnTypes.indexOf(text));
  const conditions = [
    ...(settings.typeFilter ? types : []),
    ...asked('course', 'id_course', id => tenant.courses.ids.index(Number(id))),
    ...asked('user', 'id_user', id => tenant.users.ids.index(Number(id))),
  ];
  return filterChanges(call, 'enrollments', {
    list: tenant.learnEnrolments,
    sieve: tenant.sieves.enrollments,
    conditions,
  });
}

function listCategories({tenant, query, settings}: Call): List {
  const node = query.get('node_id');
  if (node === null && settings.flatCategories) return tenant.categories.all;
  const children = tenant.categories.children(Number(node ?? tenant.categories.root['id']));
  if (children === undefined) throw new Refusal(404, 'The category does not exist.');
  return children;
}

/** There is no paging; `data` is a list or holds `items` (tables/API.md#other-shapes), and here both occur. */
function listLearningObjects(call: Call): unknown {
  const course = findCourse(call);
  const objects = [...iterate(call.tenant.learningObjects.of(course))];
  return {data: course % 2 === 0 ? objects : {items: objects}, version: '1.0.0', _links: []};
}

function mapSessions(call: Call): unknown {
  const sessions = [...iterate(call.tenant.sessionRecords.mapped(findCourse(call)))];
  const map = Object.fromEntries(sessions.map(session => [String(session['id']), session]));
  // PHP writes an empty map as a list.
  return {
    data: {sessions: sessions.length === 0 ? [] : map, current_location: null, is_enrolled: false},
    version: '1.0.0',
  };
}

/** Questions are a map, answers a list, and `total_pages` replaces the envelope (tables/API.md#survey_answers). */
function listAnswers(call: Call): unknown {
  const course = findCourse({tenant: call.tenant, id: call.query.get('id_course') ?? ''});
  const survey = call.tenant.survey(course);
  if (survey === undefined || String(survey.pollId) !== call.id) throw new Refusal(404, 'The survey does not exist.');
  const page = readPage(call.query, 200, call.settings.largestPage);
  return {
    data: {
      questions: survey.questions,
      answers: slicePage(survey.submissions, page),
      total_pages: Math.ceil(survey.submissions.length / page.size),
    },
    version: '1.0.0',
    _links: [],
  };
}
