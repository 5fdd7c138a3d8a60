import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {EmulatorOptions} from '../../src/emulator/index.js';
import {type Body, type Client, connect} from './client.js';

const learn = '/learn/v1/enrollments';

/** What happens, to which rows, and on which day. */
interface Step {
  readonly kind: number;
  readonly row: number;
  readonly day: number;
}

function take({emulator}: Client, {kind, row, day}: Step): void {
  const {nights, truth} = emulator;
  const pick = (table: string, options: {route?: typeof learn} = {}): Body => {
    const records = [...truth(table, options)];
    return records[row % records.length] ?? {};
  };
  const enrolment = pick('course_enrollments', {route: learn});
  const [course, user] = [Number(enrolment['id']), Number(enrolment['user_id'])];
  const userId = Number(pick('users')['user_id']);
  const {id_course, id = id_course} = pick('courses');
  const date = {at: new Date(Date.UTC(2026, 0, day))};
  const noDate = ['', null, 0, '0000-00-00 00:00:00'][row % 4];
  const steps: readonly (() => void)[] = [
    () => void emulator.passDay(),
    () => nights.touchEnrollment(course, user, date),
    () => nights.touchEnrollment(course, user, {isSilent: true, changes: {date_last_updated: noDate}}),
    () => nights.removeEnrollment(course, user),
    () => nights.renewEnrollment(course, user, date),
    () => nights.addEnrollment(nights.addCourse(date), nights.addUser(date), {...date, position: row % 50}),
    () => nights.touchUser(userId, date),
    () => nights.touchUser(userId, {changes: {last_update: noDate}}),
    () => nights.removeUser(userId),
    () => nights.touchCourse(Number(id), date),
    () => nights.renameCourse(Number(id), `Name ${day}`, date),
    () => nights.removeCourse(Number(id)),
    () => emulator.edit('course_enrollments').insert(row % 50, date),
    () => emulator.edit('course_enrollments').remove(row % 50),
    () => emulator.edit('course_enrollments', Number(id)).insert(0),
  ];
  steps[kind % steps.length]?.();
}

/** Of the two ways to read the table, that of `bulkEnrollments`. */
async function readEnrolments(client: Client, courses: readonly Body[]): Promise<Body[]> {
  const extras = ['status', 'completion_date', 'time_spent'].map(name => `extra_fields[]=enrollment_${name}`).join('&');
  if (client.emulator.options.bulkEnrollments !== false) return client.all(`/course/v1/courses/enrollments?${extras}`);
  const lists = courses.map(({id}) => client.all(`/course/v1/courses/${id}/enrollments?${extras}`));
  return (await Promise.all(lists)).flat();
}

const sorted = (records: Iterable<Body>): string[] => [...records].map(record => JSON.stringify(record)).toSorted();

test.each<EmulatorOptions>([{}, {bulkEnrollments: false, courses: 'managed', sessionsRoute: 'map'}])(
  'whatever happens, the truth is what the lists send, and filters find what they send: %j',
  async options => {
    const step = fc.record({kind: fc.nat(), row: fc.nat(100_000), day: fc.integer({min: 1, max: 300})});
    await fc.assert(
      fc.asyncProperty(fc.array(step, {minLength: 5, maxLength: 40}), async steps => {
        const client = await connect({users: 80, pageCache: true, ...options});
        const {truth} = client.emulator;
        try {
          await client.all(`${learn}?updated_from=2026-01-01`);
          for (const each of steps) take(client, each);
          const enrolments = await client.all(learn);
          const ofCourses = await client.all(`${learn}?type[]=elearning&type[]=classroom&type[]=webinar`);
          const users = await client.all('/manage/v1/user');
          const courses = await client.all(options.courses === 'managed' ? '/course/v1/courses' : '/learn/v1/courses');
          expect([...truth('enrollments')]).toEqual(enrolments);
          expect([...truth('course_enrollments', {route: learn})]).toEqual(ofCourses);
          expect(ofCourses).toEqual(enrolments.filter(({type}) => type !== 'learning_plan'));
          expect([...truth('users')]).toEqual(users);
          expect([...truth('courses')]).toEqual(courses);
          const read = await readEnrolments(client, courses);
          expect(sorted(truth('course_enrollments'))).toEqual(sorted(read));
          const keysOf = (records: readonly Body[], course: string) =>
            records.map(record => `${record[course]} ${record['user_id']}`).toSorted();
          expect(keysOf(read, 'course_id')).toEqual(keysOf(ofCourses, 'id'));
          for (const [path, records, date] of [
            [learn, enrolments, 'date_last_updated'],
            ['/manage/v1/user', users, 'last_update'],
          ] as const)
            expect(await client.all(`${path}?updated_from=2025-06-01`)).toEqual(
              records.filter(({[date]: text}) => typeof text === 'string' && text >= '2025-06-01'),
            );
        } finally {
          await client.emulator.close();
        }
      }),
      {numRuns: 6},
    );
  },
);
