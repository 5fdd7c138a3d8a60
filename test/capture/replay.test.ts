import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DuckDBInstance} from '@duckdb/node-api';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {readCapture} from '../../src/capture/read-capture.js';
import {openDestination} from '../../src/destination/open.js';
import {type EmulatorOptions, startEmulator, startReplay} from '../../src/emulator/index.js';
import {ingest} from '../../src/ingest.js';
import {isDerived} from '../../src/routes.js';
import {formatRequest} from '../../src/source/lists/request.js';
import type {Table} from '../../src/table.js';
import {tables as known} from '../../tables/index.js';
import {capture, openServed} from './taking.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-capture-'));
});

afterEach(async () => {
  await rm(folder, {recursive: true, force: true});
});

/** Loads tables. Returns the report, and the types of all columns. */
async function load(served: Parameters<typeof openServed>[0], name: string, tables: readonly Table[]) {
  const docebo = await openServed(served);
  const file = join(folder, `${name}.duckdb`);
  try {
    const report = await ingest({
      docebo,
      loads: tables.map(table => ({table, target: {schema: null, name: table.name}})),
      destination: openDestination(`duckdb:///${file}`, {lockTimeoutMs: 0}),
      stateDir: join(folder, name),
    });
    return {report, columns: await readColumns(file)};
  } finally {
    await docebo.close();
  }
}

async function readColumns(file: string): Promise<readonly string[]> {
  const instance = await DuckDBInstance.create(file, {access_mode: 'READ_ONLY'});
  const connection = await instance.connect();
  try {
    const sql = 'SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY ALL';
    return (await connection.runAndReadAll(sql))
      .getRowsJson()
      .map(row => row.join(' ').replace(/\bfield_\d+/, 'field_N'))
      .sort();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const reshaped = [
  ...['user_field_options', 'manager_subordinates', 'branches', 'group_members', 'categories', 'course_enrollments'],
  ...['course_field_values', 'session_field_values', 'catalog_items', 'badges'],
];

/** Each differs from the others in how its replies, or its records, are made. `secrecy.test.ts` captures all tables. */
const usual = [
  ...['users', 'user_managers', 'user_field_options', 'branches', 'course_details', 'course_field_values'],
  ...['session_dates', 'catalog_items', 'channel_assets', 'survey_answers', 'leaderboard_positions', 'reports'],
];

const shapes: readonly (readonly [string, EmulatorOptions, readonly Table[]])[] = [
  ['as most tenants are', {}, known.filter(({name}) => usual.includes(name))],
  [
    'of the other shape',
    {
      courses: 'managed',
      groups: 'numbered',
      catalogs: 'cut',
      sessionsRoute: 'map',
      bulkEnrollments: false,
      fieldsAsArray: false,
      flattenedOrgChart: false,
      subordinates: 'of-manager',
      without: ['gamification'],
    },
    known.filter(({name}) => reshaped.includes(name)),
  ],
];

test.each(shapes)(
  'a capture of a tenant %s loads with the same columns and types as it',
  {timeout: 180_000},
  async (_, shape, tables) => {
    const emulator = await startEmulator({users: 30, ...shape});
    try {
      await capture(emulator, join(folder, 'capture'), {tables});
      const original = await load(emulator, 'original', tables);
      const recording = await readCapture(join(folder, 'capture'));
      await emulator.close();
      const replay = await startReplay(recording);
      try {
        const copy = await load(replay, 'copy', tables);
        const outcome = ({tables}: typeof copy.report) => tables.map(({table, status}) => `${table} ${status}`);
        expect(outcome(copy.report)).toEqual(outcome(original.report));
        expect(copy.columns).toEqual(original.columns);
        // One row of a page came by each list at least, unless the tenant has none.
        const rows = (report: typeof copy.report) => new Map(report.tables.map(({table, rows}) => [table, rows]));
        const before = rows(original.report);
        expect([...rows(copy.report)].filter(([table, count]) => !count && before.get(table))).toEqual([]);
      } finally {
        await replay.close();
      }
    } finally {
      await emulator.close();
    }
  },
);

test('rows of a capture join as those of the tenant', async () => {
  const tables = known.filter(({name}) => ['users', 'courses', 'user_managers', 'course_enrollments'].includes(name));
  const emulator = await startEmulator({users: 30});
  try {
    await capture(emulator, join(folder, 'capture'), {tables});
    const replay = await startReplay(await readCapture(join(folder, 'capture')));
    try {
      const joined = async (served: typeof replay | typeof emulator) => {
        // A page of the tenant holds as many rows as the capture.
        const docebo = await openServed(served, {pageSize: 20});
        try {
          const body = async (path: string) =>
            docebo.client.get(path, reply => JSON.parse(reply.toString()).data.items);
          const users: Row[] = await body('/manage/v1/user?sort_attr=username&sort_dir=asc&page=1&page_size=20');
          const enrolments: Row[] = await body(enrolmentPath);
          const [ids, managers] = [users.map(({user_id}) => String(user_id)), users.flatMap(managersOf)];
          return {
            managers: managers.map(id => ids.indexOf(id)),
            learners: enrolments.map(({user_id}) => ids.indexOf(String(user_id))),
          };
        } finally {
          await docebo.close();
        }
      };
      const [before, after] = [await joined(emulator), await joined(replay)];
      expect(after).toEqual(before);
      expect(before.managers.some(at => at >= 0) && before.learners.some(at => at >= 0)).toBe(true);
    } finally {
      await replay.close();
    }
  } finally {
    await emulator.close();
  }
});

interface Row {
  readonly user_id: unknown;
  readonly manager_names: Readonly<Record<string, {readonly manager_id: unknown}>>;
}

const enrolmentPath = `${requestOf('course_enrollments')}&page=1&page_size=20`;

function managersOf({manager_names}: Row): readonly string[] {
  return Object.values(manager_names).map(({manager_id}) => String(manager_id));
}

function requestOf(name: string): string {
  const route = known.find(table => table.name === name)?.routes[0];
  if (route === undefined || isDerived(route)) return expect.fail(name);
  return formatRequest(route, {}, {});
}
