import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DuckDBInstance} from '@duckdb/node-api';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {CastOptions} from '../src/choices.js';
import {openDestination} from '../src/destination/open.js';
import {type Emulator, type EmulatorOptions, startEmulator} from '../src/emulator/index.js';
import {ingest, type Run} from '../src/ingest.js';
import type {Report, RunEvent} from '../src/report.js';
import type {DoceboOptions} from '../src/source/docebo.js';
import {systemClock} from '../src/source/http/budget.js';
import type {Table} from '../src/table.js';
import {tables} from '../tables/index.js';
import {comparable, expectRow, normalise} from './helpers/oracle.js';
import {connectTo} from './helpers/rehearsal.js';

const cast: CastOptions = {invalidDates: 'epoch', onCastError: 'null', schemaContract: 'evolve', loadMetadata: true};

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-ingest-'));
});

afterEach(async () => {
  await rm(folder, {recursive: true});
});

async function load(
  emulator: Emulator,
  destUri: string,
  options: Partial<Run> = {},
  {onEvent, clock}: Pick<DoceboOptions, 'onEvent' | 'clock'> = {},
): Promise<Report> {
  const loads = tables.map(table => ({table, target: {schema: 'dest', name: table.name}}));
  return connectTo(
    emulator,
    async docebo =>
      ingest({
        docebo,
        destination: openDestination(destUri, {lockTimeoutMs: 0}),
        loads,
        stateDir: join(folder, 'state'),
        cast,
        allOrNothing: false,
        ...options,
      }),
    {maxAttempts: 2, ...(onEvent && {onEvent}), ...(clock && {clock})},
  );
}

/** Loads of some tables, where all of them would show no more. */
function some(...names: readonly string[]): Pick<Run, 'loads'> {
  const chosen = tables.filter(({name}) => names.includes(name));
  return {loads: chosen.map(table => ({table, target: {schema: 'dest', name: table.name}}))};
}

async function readTable(table: Table): Promise<readonly Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(join(folder, 'docebo.duckdb'), {access_mode: 'READ_ONLY'});
  const connection = await instance.connect();
  try {
    const columns = Object.entries(table.columns).map(([name, {kind}]) => comparable(name, kind));
    const result = await connection.runAndReadAll(`SELECT ${columns.join(', ')} FROM dest."${table.name}"`);
    const rows: Record<string, unknown>[] = result.getRowObjectsJson();
    return rows.map(row =>
      normalise(
        table,
        Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value === null ? null : String(value)])),
      ),
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function byKey(table: Table) {
  const key = (row: Record<string, unknown>) => table.primaryKey.map(name => String(row[name])).join(' ');
  return (a: Record<string, unknown>, b: Record<string, unknown>) => (key(a) < key(b) ? -1 : 1);
}

const tenants: Readonly<Record<string, EmulatorOptions>> = {
  'a tenant that serves the cheap routes': {users: 260},
  'a tenant that refuses and ignores them': {
    users: 90,
    seed: 2,
    bulkEnrollments: false,
    flattenedOrgChart: false,
    flatCategories: true,
    sessionsRoute: 'map',
  },
};

describe.each(Object.entries(tenants))('%s', (_, options) => {
  test('is loaded whole: every row of every table equals the truth', async () => {
    const emulator = await startEmulator(options);
    try {
      const report = await load(emulator, `duckdb:///${folder}/docebo.duckdb`);
      expect(report.tables.filter(({status}) => status !== 'published')).toEqual([]);
      for (const table of tables) {
        const truth = [...emulator.truth(table.name)].map(record => normalise(table, expectRow(table, record)));
        const order = byKey(table);
        const rows = await readTable(table);
        expect([...rows].sort(order), table.name).toEqual(truth.sort(order));
      }
      expect(report.exitCode).toBe(0);
    } finally {
      await emulator.close();
    }
  });
});

test('keys that no column declares arrive under their own names, typed as they were sent', async () => {
  const emulator = await startEmulator({users: 40});
  try {
    await load(emulator, `duckdb:///${folder}/docebo.duckdb`, some('users'));
    const names = [...emulator.truth('users')]
      .slice(0, 1)
      .flatMap(record => Object.keys(record).filter(key => /^field_/.test(key)));
    const instance = await DuckDBInstance.create(join(folder, 'docebo.duckdb'), {access_mode: 'READ_ONLY'});
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(
      `SELECT user_id::VARCHAR AS user_id, ${names.join(', ')} FROM dest.users ORDER BY ALL`,
    );
    const rows = reader.getRowObjectsJson();
    connection.closeSync();
    instance.closeSync();
    const truth = [...emulator.truth('users')].map(record =>
      Object.fromEntries(['user_id', ...names].map(name => [name, record[name]])),
    );
    expect(names).toContain('field_13');
    expect(rows).toEqual(truth.sort((a, b) => (String(a['user_id']) < String(b['user_id']) ? -1 : 1)));
  } finally {
    await emulator.close();
  }
});

test('two loads in a row hold the same rows', async () => {
  const emulator = await startEmulator({users: 60});
  const names = ['users', 'branches', 'courses', 'course_enrollments', 'sessions', 'learning_plans'];
  try {
    const read = async () => {
      const contents: Record<string, string[]> = {};
      for (const name of names) {
        const file = join(folder, 'out', `dest.${name}.jsonl`);
        contents[name] = (await readFile(file, 'utf8')).split('\n').sort();
      }
      return contents;
    };
    const quiet = {...some(...names), cast: {...cast, loadMetadata: false}};
    expect((await load(emulator, `jsonl:///${folder}/out`, quiet)).exitCode).toBe(0);
    const first = await read();
    expect((await load(emulator, `jsonl:///${folder}/out`, quiet)).exitCode).toBe(0);
    expect(await read()).toEqual(first);
  } finally {
    await emulator.close();
  }
});

test('a table that fails keeps its earlier rows, the others are published, and the run is incomplete', async () => {
  const emulator = await startEmulator({users: 250});
  const asked = some('users', 'user_managers', 'manager_subordinates', 'groups', 'group_members', 'courses');
  try {
    await load(emulator, `duckdb:///${folder}/docebo.duckdb`, asked);
    const users = tables.find(({name}) => name === 'users');
    const before = users === undefined ? [] : await readTable(users);
    emulator.setFaults([
      {match: /manage\/v1\/user\?.*page=2/, kind: 'status', status: 403, times: Number.POSITIVE_INFINITY},
    ]);
    const report = await load(emulator, `duckdb:///${folder}/docebo.duckdb`, asked);
    expect(report.exitCode).toBe(7);
    const kept = report.tables.filter(({status}) => status === 'kept').map(({table}) => table);
    expect(kept).toEqual(['users', 'user_managers', 'manager_subordinates']);
    expect(users === undefined ? [] : await readTable(users)).toEqual(before);
  } finally {
    await emulator.close();
  }
});

// Formats of files are put in place alike.
test.each(['duckdb', 'jsonl'])(
  '%s: a table that was never loaded is not called kept, and one that was is',
  async scheme => {
    const emulator = await startEmulator({users: 20});
    const [one, other] = ['user_fields', 'certifications'].map(
      name => tables.find(table => table.name === name) ?? expect.fail(),
    );
    if (one === undefined || other === undefined) return expect.fail();
    const statuses = async (refused: RegExp, schema: string) => {
      emulator.setFaults([{match: refused, kind: 'status', status: 403, times: Number.POSITIVE_INFINITY}]);
      const loads = [one, other].map(table => ({table, target: {schema, name: table.name}}));
      const report = await load(emulator, `${scheme}://${folder}/docebo.duckdb`, {loads});
      return report.tables.map(({status}) => status);
    };
    try {
      expect(await statuses(/user_fields|certification/, 'dest')).toEqual(['not_loaded', 'not_loaded']);
      expect(await statuses(/certification/, 'dest')).toEqual(['published', 'not_loaded']);
      // DuckDB takes names that differ in case only for one, as the file systems of some machines do.
      if (scheme === 'duckdb') expect(await statuses(/user_fields/, 'DEST')).toEqual(['kept', 'published']);
      else expect(await statuses(/user_fields/, 'dest')).toEqual(['kept', 'published']);
      expect(await statuses(/user_fields|certification/, 'dest')).toEqual(['kept', 'kept']);
    } finally {
      await emulator.close();
    }
  },
);

test('comments and README say how an invalid date is told from others, where 1970-01-01 stands for it', async () => {
  const emulator = await startEmulator({users: 20});
  const enrollments = tables.filter(({name}) => name === 'course_enrollments');
  const loads = enrollments.map(table => ({table, target: {schema: 'docebo', name: table.name}}));
  const ask = async (...statements: readonly string[]) => {
    const instance = await DuckDBInstance.create(join(folder, 'lms.duckdb'));
    const connection = await instance.connect();
    for (const statement of statements.slice(0, -1)) await connection.run(statement);
    const rows = (await connection.runAndReadAll(statements.at(-1) ?? '')).getRowsJson();
    connection.closeSync();
    instance.closeSync();
    return rows;
  };
  const comments = () =>
    ask(
      `SELECT data_type, comment LIKE '%1970-01-01%' FROM duckdb_columns()
       WHERE table_name = 'course_enrollments' AND column_name NOT LIKE '!_docebo%' ESCAPE '!' GROUP BY ALL ORDER BY ALL`,
    );
  try {
    await load(emulator, `duckdb://${folder}/lms.duckdb`, {loads, cast: {...cast, invalidDates: 'null'}});
    expect((await comments()).map(([, isSaid]) => isSaid)).not.toContain(true);
    await load(emulator, `duckdb://${folder}/lms.duckdb`, {loads});
    for (const [type, isSaid] of await comments())
      expect([type, isSaid]).toEqual([type, /TIME|DATE/.test(String(type))]);
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    const [, select = expect.fail()] = /```sql\n(SELECT course_name.*?)```/s.exec(readme) ?? [];
    const epoch = `UPDATE docebo.course_enrollments SET enrollment_completion_date = TIMESTAMPTZ '1970-01-01 00:00:00+00'`;
    const rows = await ask(`SET TimeZone = 'America/New_York'`, epoch, select);
    expect(rows.length).toBeGreaterThan(1);
    expect(new Set(rows.map(([, taken]) => taken))).toEqual(new Set([null]));
  } finally {
    await emulator.close();
  }
});

test('while a run goes on, its events tell totals that are right', async () => {
  const emulator = await startEmulator({users: 450});
  const names = ['users', 'branches', 'course_enrollments', 'course_learning_objects', 'polls'];
  const loads = tables
    .filter(({name}) => names.includes(name))
    .map(table => ({table, target: {schema: null, name: table.name}}));
  const events: RunEvent[] = [];
  try {
    // A route for the whole tenant is refused, so one list a course is read.
    emulator.setFaults([
      {match: /courses.enrollments/, kind: 'status', status: 404, times: 2},
      {match: 'page=2', kind: 'status', status: 503, times: 1},
    ]);
    const report = await load(
      emulator,
      `duckdb://${folder}/docebo.duckdb`,
      {loads},
      {onEvent: event => events.push(event), clock: systemClock},
    );
    expect(report.exitCode).toBe(0);
    const pages = events.filter(event => event.type === 'page_landed');
    const last = new Map(pages.map(event => [event.table, event]));
    for (const {records, expected} of pages) expect(records).toBeLessThanOrEqual(expected ?? records);
    expect(last.get('users')).toMatchObject({records: 450, expected: 450});
    // Each list of a tree or of a parent counts its own rows only.
    for (const name of ['branches', 'course_enrollments', 'course_learning_objects'])
      expect(last.get(name)).toMatchObject({expected: null});
    const lists = last.get('course_learning_objects');
    expect(lists?.requests).toBe(lists?.requestsExpected);
    expect(pages.at(-1)?.calls).toMatchObject({made: report.requests, left: 0, hour: null});
    const published = events.flatMap(event => (event.type === 'publishing' ? [[event.table, event.done]] : []));
    expect(published).toEqual([[null, 0], ...loads.map(({table}, index) => [table.name, index])]);
  } finally {
    await emulator.close();
  }
});
