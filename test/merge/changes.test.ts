import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {ChangeFilter, Emulator} from '../../src/emulator/index.js';
import {lists, merge, type Nights, openNights, perCourse} from './nights.js';

const tables = [...lists, 'course_enrollments', ...perCourse];

/** Ids of what the tenant holds now. */
function holdings(emulator: Emulator) {
  const users = [...emulator.truth('users')].map(({user_id}) => Number(user_id));
  const courses = [...emulator.truth('courses')].map(({id_course}) => Number(id_course));
  const enrolments = [...emulator.truth('course_enrollments')].map(
    ({course_id, user_id}) => [Number(course_id), Number(user_id)] as const,
  );
  return {users, courses, enrolments};
}

/** What may happen to a tenant in a day. `pick` chooses among what there is. */
const events: Readonly<Record<string, (emulator: Emulator, pick: <T>(items: readonly T[]) => T, at: Date) => void>> = {
  addUser: ({nights}, _, at) => nights.addUser({at}),
  touchUser: (emulator, pick, at) => emulator.nights.touchUser(pick(holdings(emulator).users), {at}),
  removeUser: (emulator, pick) => emulator.nights.removeUser(pick(holdings(emulator).users)),
  swapUsers(emulator, pick, at) {
    emulator.nights.removeUser(pick(holdings(emulator).users));
    emulator.nights.addUser({at});
  },
  newKey: (emulator, pick, at) =>
    emulator.nights.touchUser(pick(holdings(emulator).users), {at, changes: {brand_new: 'x'}}),
  otherType: (emulator, pick, at) =>
    emulator.nights.touchUser(pick(holdings(emulator).users), {
      at,
      changes: ({user_id}) => ({user_id: Number(user_id)}),
    }),
  addCourse: ({nights}, _, at) => nights.addCourse({at}),
  touchCourse: (emulator, pick, at) => emulator.nights.touchCourse(pick(holdings(emulator).courses), {at}),
  removeCourse: (emulator, pick) => emulator.nights.removeCourse(pick(holdings(emulator).courses)),
  enrol(emulator, pick, at) {
    const {users, courses, enrolments} = holdings(emulator);
    const [course, user] = [pick(courses), pick(users)];
    if (!enrolments.some(([c, u]) => c === course && u === user)) emulator.nights.addEnrollment(course, user, {at});
  },
  touchEnrolment: (emulator, pick, at) => emulator.nights.touchEnrollment(...pick(holdings(emulator).enrolments), {at}),
  unenrol: (emulator, pick) => emulator.nights.removeEnrollment(...pick(holdings(emulator).enrolments)),
  reenrol: (emulator, pick, at) => emulator.nights.renewEnrollment(...pick(holdings(emulator).enrolments), {at}),
};

interface Manner {
  readonly filter: Partial<ChangeFilter>;
  readonly lookbackMs: number;
}

const hourMs = 3_600_000;
/** How Docebo may read the bounds, with a lookback that fits it: none where nothing else is needed, so that nothing is read that need not be. */
const manners: readonly Manner[] = [
  {filter: {}, lookbackMs: 0},
  {filter: {isSorted: false}, lookbackMs: 0},
  {filter: {kind: 'exclusive'}, lookbackMs: 1000},
  {filter: {kind: 'days'}, lookbackMs: 25 * hourMs},
  {filter: {zoneHours: -12}, lookbackMs: 25 * hourMs},
  {filter: {zoneHours: 14}, lookbackMs: 25 * hourMs},
  {filter: {bounds: 'from'}, lookbackMs: 0},
];

/** A session counts its users. That changes with an enrolment, and the catalogue does not tell it. */
const unseen = {
  sessions: ['enrolled', 'attendance_details', 'attendance_onsite', 'attendance_online', 'attendance_flexible'],
};

describe('night after night', () => {
  test('what is published is what the tenant holds, whatever happens to it in between', async () => {
    const happenings = fc.array(fc.tuple(fc.constantFrom(...Object.keys(events)), fc.nat()), {maxLength: 7});
    const nights = fc.array(happenings, {minLength: 3, maxLength: 4});
    const strategies = new Map<string, number>();
    let tenant: Nights | undefined;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...manners), nights, async ({filter, lookbackMs}, days) => {
        tenant = await openNights(tables, {users: 40, changeFilter: filter});
        const {next, emulator, expectTruth} = tenant;
        await next();
        for (const day of days) {
          for (const [name, number] of day) {
            const pick = <T>(items: readonly T[]): T => items[number % items.length] ?? expect.fail(name);
            events[name]?.(emulator, pick, new Date());
          }
          const {report} = await next({
            merge: {...merge, lookbackMs, auditPages: 1},
            allowEmpty: true,
            maxShrinkPercent: 100,
          });
          expect(report.tables.map(({error}) => error?.message).filter(each => each !== undefined)).toEqual([]);
          await expectTruth(unseen);
          for (const {table, strategy} of report.tables) {
            const name = `${table} ${strategy}`;
            strategies.set(name, (strategies.get(name) ?? 0) + 1);
          }
        }
      }),
      {numRuns: Number(process.env['DOCEBO_NIGHTS'] ?? 1), endOnFailure: true},
    );
    // Whether a list is merged depends on what happened; the lists of courses always are.
    for (const name of perCourse) expect(strategies.get(`${name} merge`), name).toBeGreaterThan(0);
  }, 600_000);
});
