/** The emulator in a process of its own, so that its work is not counted as the reader's. Talks over IPC. */
import {startEmulator} from '../../src/emulator/index.js';
import {dice} from '../../src/emulator/random.js';
import {tables} from '../../tables/index.js';
import type {Answers, Command, Day, EmulatorSettings} from './emulator-commands.js';
import {expectCalls, sumCalls} from './expected-calls.js';
import {scaleTime} from './scaled-clock.js';
import {writeTyped} from './write-typed.js';

const {clock, ...options}: EmulatorSettings = JSON.parse(process.argv[2] ?? '{}');
const emulator = await startEmulator({
  ...options,
  ...(clock !== undefined && {now: scaleTime(clock.startMs, clock.scale)}),
});

const answers: Answers = {
  address: () => ({url: emulator.url, credentials: emulator.credentials}),
  requests: () => emulator.requests,
  expectedCalls: () => sumCalls(expectCalls(emulator.truth).values()),
  passDay,
  writeTyped: async ({table: name, file}) => {
    const table = tables.find(each => each.name === name);
    if (table === undefined) throw new RangeError(`No table ${name}.`);
    return writeTyped(table, emulator.truth(name), file);
  },
};

function passDay(day: Day): null {
  const die = dice(1, 'day', day.goneEnrolments);
  const at = new Date();
  const choose = <T>(items: readonly T[], count: number): readonly T[] => {
    const left = [...items];
    return Array.from({length: count}, () => left.splice(die.below(left.length), 1)).flat();
  };
  const users = [...emulator.truth('users')].map(({user_id}) => Number(user_id));
  const [goneUsers, changedUsers] = [choose(users, day.goneUsers), choose(users, day.changedUsers)];
  for (const user of changedUsers) if (!goneUsers.includes(user)) emulator.nights.touchUser(user, {at});
  for (const user of goneUsers) emulator.nights.removeUser(user);
  const courses = [...emulator.truth('courses')].map(({id_course}) => Number(id_course));
  for (const course of choose(courses, day.changedCourses)) emulator.nights.touchCourse(course, {at});
  const enrolments = [...emulator.truth('course_enrollments')].map(
    each => [Number(each['course_id']), Number(each['user_id'])] as const,
  );
  const picks = new Set<number>();
  while (picks.size < day.changedEnrolments + day.goneEnrolments) picks.add(die.below(enrolments.length));
  for (const [index, pick] of [...picks].entries()) {
    const [course = 0, user = 0] = enrolments[pick] ?? [];
    if (index < day.goneEnrolments) emulator.nights.removeEnrollment(course, user);
    else emulator.nights.touchEnrollment(course, user, {at});
  }
  return null;
}

process.on('message', async ({name, argument}: Command) => {
  const answer = answers[name] as (argument: unknown) => unknown;
  try {
    process.send?.({answer: await answer(argument)});
  } catch (error) {
    process.send?.({error: String(error)});
  }
});
process.on('disconnect', () => process.exit());
