import {readdir, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {defaultMerge} from '../../../src/choices.js';
import {ingest, openDestination, openDocebo, type Run} from '../../../src/index.js';
import type {Report} from '../../../src/report.js';
import type {DoceboOptions} from '../../../src/source/docebo.js';
import {tables} from '../../../tables/index.js';
import {Emulated} from '../emulated.js';
import type {BenchOptions, Figure, Row} from '../figure.js';
import {createScaledClock} from '../scaled-clock.js';

/** The tables that merge, but for those that are made of them. */
const merged = [
  'users',
  'courses',
  'course_enrollments',
  'enrollments',
  'course_details',
  'course_learning_objects',
  'sessions',
];
const quotaPerHour = 1000;

interface Night {
  readonly report: Report;
  readonly calls: number;
  readonly cpuSeconds: number;
}

/** A night of a large tenant: what a merge takes, beside reading everything. */
export const merge: Figure = {
  name: 'merge',
  async measure(options) {
    const users = options.quick ? 10_000 : 100_000;
    const tenant = {users, enrolmentTimes: 3, gzip: true};
    return Emulated.with(tenant, async emulated => measureNights(emulated, users, options));
  },
};

async function measureNights(
  emulated: Emulated,
  users: number,
  {folder, tell, quick}: BenchOptions,
): Promise<readonly Row[]> {
  const stateDir = join(folder, 'merge-state');
  const night = async (what: string, more: Partial<Run> = {}, docebo: DoceboOptions = {}) => {
    tell(`${users} users: ${what}`);
    return runNight(emulated, {folder, stateDir, more, docebo});
  };
  try {
    const whole = await night('reading everything', {fullRefresh: true});
    const rows = new Map(whole.report.tables.map(({table, rows: count}) => [table, count]));
    const enrolments = rows.get('course_enrollments') ?? 0;
    const courses = rows.get('courses') ?? 0;
    const quiet = await night('a quiet night');
    const day = {
      changedUsers: Math.round(users / 100),
      changedEnrolments: Math.round(enrolments / 50),
      changedCourses: Math.round(courses / 250),
      goneUsers: Math.max(1, Math.round(users / 10_000)),
      goneEnrolments: Math.max(2, Math.round(enrolments / 50_000)),
    };
    await emulated.passDay(day);
    const [hourMs, startMs] = [quick ? 4000 : 20_000, Date.now()];
    const clock = createScaledClock(startMs, 3_600_000 / hourMs);
    const busy = await night('a night of changes');
    refuseWhole(busy.report);
    const bytes = await measureBases(stateDir);
    await emulated.passDay({...day, goneEnrolments: Math.round(enrolments / 1000)});
    const startedMs = performance.now();
    const limits = {
      clock,
      maxRequestsPerHour: quotaPerHour,
      stateDir: join(folder, 'merge-calls'),
    };
    const many = await night('a night in which many enrolments went', {}, limits);
    const hours = (performance.now() - startedMs) / hourMs;
    const size = `${users.toLocaleString('en')} users, ${enrolments.toLocaleString('en')} enrolments, ${courses.toLocaleString('en')} courses`;
    const share = (calls: number) => calls / whole.calls;
    return [
      {figure: 'merge: calls to read all', measured: whole.calls, note: size},
      {
        figure: 'merge: calls after a day of changes',
        measured: busy.calls,
        ...(!quick && {atMost: 1000}),
        note: describe(day),
      },
      {figure: 'merge: the same ÷ calls to read all', measured: share(busy.calls), ...(!quick && {atMost: 0.08})},
      {
        figure: 'merge: calls if many enrolments went',
        measured: many.calls,
        note: `${Math.round(enrolments / 1000)} gone; ${hours.toFixed(2)} h at ${quotaPerHour} calls an hour, sped up`,
      },
      // The audited pages are told apart: three of each list.
      {
        figure: 'merge: calls of a quiet night ÷ calls to read all',
        measured: share(quiet.calls - 4 * defaultMerge.auditPages),
        atMost: 0.01,
        note: `${quiet.calls} calls`,
      },
      {
        figure: 'merge: processor time ÷ that to read all',
        measured: busy.cpuSeconds / whole.cpuSeconds,
        ...(!quick && {atMost: 0.6}),
        note: `${busy.cpuSeconds.toFixed(1)} of ${whole.cpuSeconds.toFixed(1)} s`,
      },
      {
        figure: 'merge: bytes of the bases ÷ those of their rows',
        measured: bytes.all / bytes.records,
        atMost: 2.5,
        note: `${Math.round(bytes.all / 1e6)} MB`,
      },
    ];
  } finally {
    await rm(stateDir, {recursive: true, force: true});
    await rm(join(folder, 'merge.duckdb'), {force: true});
  }
}

interface NightOptions {
  readonly folder: string;
  readonly stateDir: string;
  readonly more: Partial<Run>;
  readonly docebo: DoceboOptions;
}

async function runNight(emulated: Emulated, {folder, stateDir, more, docebo: options}: NightOptions): Promise<Night> {
  const docebo = openDocebo(emulated.settings, options);
  const before = process.cpuUsage();
  try {
    const report = await ingest({
      docebo,
      destination: openDestination(`duckdb://${join(folder, 'merge.duckdb')}`, {lockTimeoutMs: 0}),
      loads: tables
        .filter(({name}) => merged.includes(name))
        .map(table => ({table, target: {schema: 'dest', name: table.name}})),
      stateDir,
      cast: {invalidDates: 'epoch', onCastError: 'null', schemaContract: 'evolve', loadMetadata: true},
      allOrNothing: false,
      merge: defaultMerge,
      keepRuns: 1,
      ...more,
    });
    const failed = report.tables.find(({status}) => status !== 'published');
    if (failed !== undefined) throw new Error(`${failed.table}: ${failed.error?.message}`);
    const {user, system} = process.cpuUsage(before);
    return {report, calls: report.requests, cpuSeconds: (user + system) / 1e6};
  } finally {
    await docebo.close();
  }
}

/** A figure of a merge that did not happen would be a figure of something else. */
function refuseWhole({tables: reports}: Report): void {
  const whole = reports.filter(({strategy, table}) => strategy !== 'merge' && table !== 'courses');
  if (whole.length > 0) throw new Error(whole.map(({table, reason}) => `${table}: ${reason}`).join('; '));
}

function describe({
  changedUsers,
  changedEnrolments,
  changedCourses,
  goneUsers,
  goneEnrolments,
}: Readonly<Record<string, number>>): string {
  return `changed: ${changedUsers} users, ${changedEnrolments} enrolments, ${changedCourses} courses; gone: ${goneUsers} users, ${goneEnrolments} enrolments`;
}

/** Bytes of all bases, and of their records alone. */
async function measureBases(stateDir: string): Promise<{readonly all: number; readonly records: number}> {
  const files = await readdir(join(stateDir, 'tenants'), {recursive: true});
  let [all, records] = [0, 0];
  for (const file of files.filter(name => name.includes('bases') && name.endsWith('.ndjson'))) {
    const {size} = await stat(join(stateDir, 'tenants', file));
    all += size;
    if (file.endsWith('records.ndjson')) records += size;
  }
  return {all, records};
}
