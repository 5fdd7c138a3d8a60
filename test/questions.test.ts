import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type DuckDBConnection, DuckDBInstance} from '@duckdb/node-api';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {questions} from '../src/cli/questions.js';
import {type Emulator, startEmulator} from '../src/emulator/index.js';
import {makeExportTable} from '../src/export-table.js';
import {ingest, openDestination, openDocebo, readSettings} from '../src/index.js';
import {tableNamed} from './helpers/rehearsal.js';
import {FakeClock} from './source/fake-clock.js';

/** The tables that the questions ask. */
const asked = [
  'users',
  'branches',
  'user_branches',
  'user_managers',
  'courses',
  'course_enrollments',
  'learning_plan_enrollments',
  'survey_answers',
  'session_attendance',
];

/** The emulator's dates end in 2025. */
const today = '2025-06-30 00:00:00+00';
const todayMs = Date.parse('2025-06-30T00:00:00Z');
const dayMs = 86_400_000;

type Sent = Readonly<Record<string, unknown>>;
type Rows = readonly (readonly unknown[])[];

let emulator: Emulator;
let folder: string;
let instance: DuckDBInstance;
let loaded: DuckDBConnection;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-questions-'));
  emulator = await startEmulator({users: 130, seed: 5});
  const {clientId, clientSecret} = emulator.credentials;
  const env = {DOCEBO_BASE_URL: emulator.url, DOCEBO_CLIENT_ID: clientId, DOCEBO_CLIENT_SECRET: clientSecret};
  const docebo = openDocebo(await readSettings({env, allowHttp: false}), {clock: new FakeClock()});
  const report = await ingest({
    docebo,
    destination: openDestination(`duckdb:///${folder}/out.duckdb`, {lockTimeoutMs: 0}),
    loads: [...asked.map(tableNamed), makeExportTable(awards(), 'certificates')].map(table => ({
      table,
      target: {schema: null, name: table.name},
    })),
    stateDir: join(folder, 'state'),
  });
  await docebo.close();
  expect(report.exitCode).toBe(0);
  instance = await DuckDBInstance.create(join(folder, 'out.duckdb'), {access_mode: 'READ_ONLY'});
  loaded = await instance.connect();
}, 60_000);
afterAll(async () => {
  loaded.closeSync();
  instance.closeSync();
  await emulator.close();
  await rm(folder, {recursive: true});
});

const awards = () => emulator.reports.find(({name}) => name === 'Certificates') ?? expect.fail('No report.');
const truth = (table: string): readonly Sent[] => [...emulator.truth(table)];
const text = (value: unknown) => String(value ?? '');

/** Milliseconds of a moment as sent; null for none, and for one that does not exist. */
function momentOf(value: unknown): number | null {
  const [, day = '', time = '00:00:00'] = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d))?$/.exec(text(value)) ?? [];
  const ms = Date.parse(`${day}T${time}Z`);
  return Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(day) ? null : ms;
}

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const percent = (part: number, whole: number) => Math.round((1000 * part) / whole) / 10;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function groupBy<T>(items: readonly T[], key: (item: T) => unknown): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(text(key(item)), [...(groups.get(text(key(item))) ?? []), item]);
  return [...groups.values()];
}

const first = <T>([item]: readonly T[]): T => item ?? expect.fail('An empty group.');
const isDone = (each: Sent) => each['enrollment_status'] === 'completed';
const enrolments = () => truth('course_enrollments').filter(each => each['enrollment_status'] !== 'waiting');
const isOverdue = (each: Sent) => {
  const deadline = momentOf(each['enrollment_validity_end_date']);
  return deadline !== null && deadline < todayMs && !isDone(each);
};
const countLearners = (of: readonly Sent[]) => new Set(of.map(each => text(each['user_id']))).size;

/** The topmost branches, each with the enrolments of everybody in it or below. */
function ofTopBranches(chosen: readonly Sent[]): readonly {readonly title: string; readonly of: readonly Sent[]}[] {
  const branches = truth('branches');
  const below = (id: unknown): readonly unknown[] => [
    id,
    ...branches.filter(each => text(each['id_parent'] ?? each['parent_id']) === text(id)).flatMap(({id}) => below(id)),
  ];
  return branches
    .filter(({lev}) => text(lev) === '1')
    .map(({id, path}) => {
      const ids = new Set(below(id).map(text));
      const members = truth('user_branches').filter(each => ids.has(text(each['branch_id'])));
      const users = new Set(members.map(each => text(each['user_id'])));
      return {title: text(path), of: chosen.filter(each => users.has(text(each['user_id'])))};
    })
    .filter(({of}) => of.length > 0);
}

const summary = (name: string, of: readonly Sent[]) => {
  const done = of.filter(isDone).length;
  return [name, of.length, done, percent(done, of.length)];
};

/** What each question is answered, worked out from what the emulator holds. */
const answers: Readonly<Record<string, () => Rows>> = {
  'Which courses are completed least?': () =>
    groupBy(enrolments(), each => each['course_id']).map(of => summary(text(first(of)['course_name']), of)),
  'How much does each branch complete, with all below it?': () =>
    ofTopBranches(enrolments()).map(({title, of}) => {
      const [name, ...counts] = summary(title, of);
      return [name, countLearners(of), ...counts];
    }),
  'How much does the team of each manager complete?': () => {
    const managed = truth('user_managers').filter(each => text(each['manager_name']) !== '');
    return groupBy(managed, each => each['manager_username']).flatMap(team => {
      const users = new Set(team.map(each => text(each['user_id'])));
      const of = enrolments().filter(each => users.has(text(each['user_id'])));
      const [name, ...counts] = summary(text(first(team)['manager_name']), of);
      return of.length === 0 ? [] : [[name, countLearners(of), ...counts]];
    });
  },
  'Who is overdue?': () =>
    groupBy(enrolments().filter(isOverdue), each => each['user_id']).map(of => {
      const since = Math.min(...of.map(each => momentOf(each['enrollment_validity_end_date']) ?? 0));
      return [first(of)['username'], of.length, dayOf(since)];
    }),
  'How many enrolments are overdue in each branch, with all below it?': () =>
    ofTopBranches(enrolments().filter(isOverdue)).map(({title, of}) => [title, of.length, countLearners(of)]),
  'Who has not been seen for 90 days?': () =>
    truth('users')
      .filter(({status, last_access_date: seen}) => status === '1' && (momentOf(seen) ?? 0) < todayMs - 90 * dayMs)
      .map(({username, last_access_date: seen}) => {
        const ms = momentOf(seen);
        return [username, ms === null ? null : dayOf(ms)];
      }),
  'How many days does it take to complete each course?': () => {
    const timed = enrolments()
      .filter(isDone)
      .flatMap(each => {
        const [from, to] = [momentOf(each['enrollment_created_at']), momentOf(each['enrollment_completion_date'])];
        return from === null || to === null ? [] : [{...each, days: (to - from) / dayMs} as Sent];
      });
    return groupBy(timed, each => each['course_id']).map(of => [
      first(of)['course_name'],
      of.length,
      mean(of.map(each => Number(each['days']))),
    ]);
  },
  'Which certificates expire within 30 days?': () => {
    const rows = Array.from({length: awards().rows.length}, (_, index) => awards().rows.at(index));
    return rows
      .filter(({to_renew_in: day}) => {
        const ms = momentOf(day);
        return ms !== null && ms >= todayMs && ms <= todayMs + 30 * dayMs;
      })
      .map(row => [row['username'], row['certification_title'], row['to_renew_in']]);
  },
  'How do learners judge each course?': () => {
    const points: Readonly<Record<string, number>> = {'Strongly agree': 5, Agree: 4, 'Disagree & left': 2};
    const names = new Map(truth('courses').map(({id_course: id, name}) => [text(id), name]));
    const judged = truth('survey_answers').filter(
      ({type_quest: type, answer}) => type === 'likert_scale' && text(answer) in points,
    );
    return groupBy(judged, each => each['course_id']).map(of => [
      names.get(text(first(of)['course_id'])),
      of.length,
      mean(of.map(({answer}) => points[text(answer)] ?? 0)),
    ]);
  },
  'Who came to each session?': () =>
    groupBy(truth('session_attendance'), each => [each['course_id'], each['session_id']]).map(of => {
      const present = of.filter(each => each['attendance_status'] === 'present').length;
      return [first(of)['session_name'] ?? first(of)['name'], of.length, present, percent(present, of.length)];
    }),
  'How far is each learning plan?': () =>
    groupBy(truth('learning_plan_enrollments'), each => each['learning_plan_id']).map(of => [
      first(of)['learning_plan_name'],
      of.length,
      of.filter(isDone).length,
      mean(of.map(each => Number(each['enrollment_completion_percentage']))),
    ]),
  'Where does each learner stand in the courses that are mandatory?': () => {
    const mandatory = truth('course_enrollments').filter(each => each['assignment_type'] === 'mandatory');
    const nameOf = (each: Sent) => `${text(each['course_name'])} (${text(each['course_id'])})`;
    const courses = [...new Set(mandatory.map(nameOf))].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return groupBy(mandatory, each => each['username']).map(of => [
      first(of)['username'],
      ...courses.map(course => of.find(each => nameOf(each) === course)?.['enrollment_status'] ?? null),
    ]);
  },
  'How many hours of training were completed in each month?': () => {
    const dated = enrolments().filter(each => isDone(each) && momentOf(each['enrollment_completion_date']) !== null);
    return groupBy(dated, each => dayOf(momentOf(each['enrollment_completion_date']) ?? 0).slice(0, 7)).map(of => [
      dayOf(momentOf(first(of)['enrollment_completion_date']) ?? 0).slice(0, 7),
      of.length,
      of.reduce((sum, each) => sum + Number(each['enrollment_time_spent']), 0) / 3600,
    ]);
  },
};

async function ask(select: string): Promise<Rows> {
  const fixed = select.replaceAll('now()', `TIMESTAMPTZ '${today}'`);
  return (await loaded.runAndReadAll(fixed)).getRowsJson();
}

/** In an order of its own, with numbers as numbers: a query rounds them. */
function comparable(rows: Rows): Rows {
  const isNumber = (value: unknown) => value !== null && value !== '' && !Number.isNaN(Number(value));
  const sortKey = (row: readonly unknown[]) =>
    JSON.stringify(row.map(value => (isNumber(value) ? Math.round(Number(value)) : value)));
  const keyed = rows.map(row => [sortKey(row), row.map(value => (isNumber(value) ? Number(value) : value))] as const);
  return keyed.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

const closeTo = (rows: Rows): Rows =>
  rows.map(row => row.map(value => (typeof value === 'number' ? expect.closeTo(value, 1) : value)));

test('every question has an answer to be compared with', () => {
  expect(questions.map(({asks}) => asks)).toEqual(Object.keys(answers));
});

test.each(questions.map(question => [question.asks, question] as const))('%s', async (asks, {select}) => {
  const rows = await ask(select);
  expect(rows.length).toBeGreaterThan(1);
  expect(comparable(rows)).toEqual(closeTo(comparable(answers[asks]?.() ?? [])));
});
