import {expect, test} from 'vitest';
import {defaultChoices} from '../../src/choices.js';
import {openReader, streamsOf} from '../helpers/message-reader.js';
import {serve} from '../helpers/served.js';
import {merge} from './nights.js';
import {answerPage, dayMs, moment} from './told-tenant.js';

const names = ['courses', 'course_learning_objects'];

interface Course {
  readonly id_course: number;
  readonly date_last_updated: string;
  readonly [key: string]: unknown;
}

/** Courses of which one holds an undeclared key in the first night, and none in the second. */
async function openTenant() {
  const old = moment(Date.now() - 30 * dayMs);
  const courses: Course[] = Array.from({length: 40}, (_, i) => ({
    id_course: 100 + i,
    name: `c${i}`,
    date_last_updated: old,
    ...(i === 5 && {odd: 'x'}),
  }));
  let onWhole: () => void = () => undefined;
  let wasAsked = false;
  const served = await serve((path, query) => {
    const [, id] = /^\/learn\/v1\/courses\/(\d+)\/los$/.exec(path) ?? [];
    if (id !== undefined) return JSON.stringify({data: {items: [{id_org: Number(id) * 10, title: 'object'}]}});
    if (path !== '/learn/v1/courses') return undefined;
    const from = query.get('updated_from');
    if (from !== null) wasAsked = true;
    // After the merge all is read: meanwhile something happens.
    else if (wasAsked && query.get('page') === '3') onWhole();
    return answerPage(query, from === null ? courses : courses.filter(({date_last_updated: at}) => at >= from));
  });
  return {
    served,
    mend() {
      const {odd: _, ...course} = courses[5] ?? expect.fail();
      courses[5] = {...course, date_last_updated: moment(Date.now())} as Course;
      onWhole = () => {
        onWhole = () => undefined;
        courses.push({id_course: 999, name: 'new', date_last_updated: moment(Date.now())});
      };
    },
  };
}

const evolve = defaultChoices.cast;
const freeze = {...evolve, schemaContract: 'freeze'} as const;
const auditPages = 0;

test('a course that comes while courses are read anew has its learning objects, or is not there', async () => {
  const {served, mend} = await openTenant();
  const night = async (cast: typeof evolve | typeof freeze) =>
    served.load(names, {cast, merge: {...merge, auditPages}, random: () => 0, docebo: {pageSize: 2}});
  expect((await night(evolve)).exitCode).toBe(0);
  mend();
  const second = await night(freeze);
  expect(second.exitCode).toBe(0);
  expect(
    await served.query(
      'SELECT id_course FROM courses WHERE id_course NOT IN (SELECT course_id FROM course_learning_objects)',
    ),
  ).toEqual([]);
});

test('a reader of messages gets each row once in a run that ends well', async () => {
  const {served, mend} = await openTenant();
  const night = async (cast: typeof evolve | typeof freeze) => {
    const {destination, countRows} = openReader(streamsOf(names));
    const report = await served.load(names, {
      cast,
      destination,
      merge: {...merge, auditPages},
      random: () => 0,
      docebo: {pageSize: 2},
    });
    const sent = countRows('course_learning_objects');
    return {exitCode: report.exitCode, sent, rows: report.tables[1]?.rows};
  };
  expect(await night(evolve)).toEqual({exitCode: 0, sent: 40, rows: 40});
  mend();
  const {exitCode, sent, rows} = await night(freeze);
  expect({exitCode, sent}).toEqual({exitCode: 0, sent: rows});
});
