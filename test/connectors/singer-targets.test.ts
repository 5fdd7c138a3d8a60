import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
import {findObstacle, superuser, useServer} from '../helpers/postgres.js';
import {rehearse, tableNamed} from '../helpers/rehearsal.js';
import {lacksPython, runPython} from './python.js';
import {type Json, tap, toRows, writeJson} from './tap.js';

const scriptOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const streams = ['users', 'courses', 'course_enrollments', 'learning_plan_courses', 'external_training'] as const;

/** Sends messages into a target, and gives the state that it has taken. */
async function send(program: string, args: readonly string[], messages: string): Promise<unknown> {
  const states = (await runPython(program, args, messages)).trim().split('\n');
  return JSON.parse(states.at(-1) ?? '');
}

/** Rows that a target has stored, as `Rehearsal.truth` gives them. */
function toStored(name: string, rows: readonly Json[]): readonly string[] {
  const {columns} = tableNamed(name);
  const read = (column: string, value: unknown) => {
    if (value === null) return null;
    const kind = columns[column]?.kind;
    if (kind === 'json') return typeof value === 'string' ? JSON.parse(value) : value;
    return kind === 'timestamp'
      ? `${String(value)
          .replace('T', ' ')
          .replace(/\+00:00$/, '')}Z`
      : value;
  };
  return toRows(
    name,
    rows.map(row => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, read(column, value)]))),
  );
}

/** Postgres keeps the members of JSON in an order of its own. */
function sortKeys(row: string): string {
  return JSON.stringify(JSON.parse(row), (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** That target reads rows as CSV, which does not tell an empty text from none. */
function emptyTexts(row: string): string {
  const entries = Object.entries<unknown>(JSON.parse(row)).map(([name, value]) => [name, value === '' ? null : value]);
  return JSON.stringify(Object.fromEntries(entries));
}

describe.skipIf(lacksPython !== '')(`targets from the Python Package Index${lacksPython}`, () => {
  describe.skipIf(findObstacle() !== undefined)('target-postgres', () => {
    const server = useServer();

    test('stores what the emulator holds, and deletes what is gone the next night', async () => {
      const rehearsal = await rehearse();
      const {emulator, folder} = rehearsal;
      const database = await server.createDatabase();
      const place = {host: '127.0.0.1', port: server.port, database, ...superuser};
      const config = await writeJson(folder, 'target.json', {
        ...place,
        default_target_schema: 'lms',
        hard_delete: true,
      });
      const args = ['--config', config];
      const expectTruth = async () => {
        for (const name of streams) {
          const rows = await server.query(database, `SET TimeZone = 'UTC'`, `SELECT to_jsonb(t) FROM lms.${name} t`);
          expect(toStored(name, rows.flat() as readonly Json[]).map(sortKeys), name).toEqual(
            rehearsal.truth(name).map(sortKeys),
          );
        }
      };
      const first = await tap(rehearsal, streams);
      const state = await send('target-postgres', args, first.stdout);
      expect(state).toEqual(first.state);
      await expectTruth();

      const [gone = {}, touched = {}] = emulator.truth('users');
      emulator.nights.removeUser(Number(gone['user_id']));
      emulator.nights.touchUser(Number(touched['user_id']));
      emulator.nights.addUser();
      const [course = {}] = emulator.truth('courses');
      emulator.nights.removeCourse(Number(course['id_course'] ?? course['id']));
      const second = await tap(rehearsal, streams, {state});
      await send('target-postgres', args, second.stdout);
      await expectTruth();
      expect(rehearsal.truth('users').join()).not.toContain(`"user_id":"${gone['user_id']}"`);
    }, 180_000);
  });

  test('target-duckdb, which knows no versions, stores what the emulator holds', async () => {
    const rehearsal = await rehearse();
    const file = join(rehearsal.folder, 'out.duckdb');
    const target = {path: file, default_target_schema: 'main', validate_records: true};
    const config = await writeJson(rehearsal.folder, 'target.json', target);
    const {stdout, state} = await tap(rehearsal, streams);
    expect(await send('target-duckdb', ['--config', config], stdout)).toEqual(state);
    for (const name of streams) {
      const rows: readonly Json[] = JSON.parse(await runPython('python', [scriptOf('dump.py'), file, name]));
      expect(toStored(name, rows), name).toEqual(rehearsal.truth(name).map(emptyTexts).sort());
    }
  }, 180_000);
});
