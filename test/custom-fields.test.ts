import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {DuckDBInstance} from '@duckdb/node-api';
import {expect, test} from 'vitest';
import {openDestination} from '../src/destination/open.js';
import {rehearse} from './helpers/rehearsal.js';

const pathsOf = (asked: readonly string[]) => asked.map(path => path.replace(/\?.*/, '')).sort();

/** Name → comment of the undeclared columns. */
async function readColumns(file: string): Promise<Record<string, string>> {
  const instance = await DuckDBInstance.create(file, {access_mode: 'READ_ONLY'});
  const connection = await instance.connect();
  try {
    const sql =
      "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'users' AND comment LIKE '%not declared%'";
    const rows = (await connection.runAndReadAll(sql)).getRowsJson();
    return Object.fromEntries(rows.map(([name, comment]) => [String(name), String(comment)]));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function readPairs(file: string, ...columns: readonly string[]) {
  const instance = await DuckDBInstance.create(file, {access_mode: 'READ_ONLY'});
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(`SELECT DISTINCT ${columns.join()} FROM users`)).getRowsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

test('columns of additional fields are named after their titles if that is asked for, at one more call', async () => {
  const {load, file, folder, asked, emulator, published, truth} = await rehearse({users: 60});
  const byTitle = {customFields: 'title'} as const;
  const first = await load(['users'], {}, byTitle);
  expect(pathsOf(asked())).toEqual(['/manage/v1/user', '/manage/v1/user_fields']);
  expect(first.tables.flatMap(({warnings}) => warnings)).toEqual([]);
  const columns = await readColumns(file);
  expect(Object.keys(columns)).toEqual([
    'employee_number',
    'city',
    'department',
    'hired_on',
    'contractor',
    'notes',
    // The table has a country of its own.
    'country_8',
    'cost_centre_old',
    'branch_code',
    'fête',
    'contract',
  ]);
  expect(columns['department']).toBe(
    'Sent as "field_3", which is not declared. Its title is "Department" (dropdown). The column is named after its title.',
  );
  expect(await published('users')).toEqual(truth('users'));

  // A list that may not be read any more takes away nothing.
  emulator.setFaults([{match: /user_fields/, kind: 'status', status: 403, times: Number.POSITIVE_INFINITY}]);
  const second = await load(['users'], {}, byTitle);
  expect(second.exitCode).toBe(0);
  expect(second.tables[0]?.warnings).toEqual([
    'No field was read from user_fields, so additional fields have the names that they had',
  ]);
  expect(await readColumns(file)).toEqual(columns);

  const lines = openDestination(`jsonl:///${folder}/lines`, {lockTimeoutMs: 0});
  await load(['users'], {}, {...byTitle, destination: lines});
  const [line = '{}'] = (await readFile(join(folder, 'lines', 'users.jsonl'), 'utf8')).split('\n');
  expect(Object.keys(JSON.parse(line))).toEqual(expect.arrayContaining(Object.keys(columns)));

  const before = emulator.requests.length;
  const third = await load(['users']);
  expect(pathsOf(asked(before))).toEqual(['/manage/v1/user']);
  expect(third.tables[0]?.warnings).toEqual([
    expect.stringMatching(/^Columns were renamed: employee_number to field_1,/),
  ]);
  const byId = await readColumns(file);
  expect(Object.keys(byId)).toEqual(
    Object.keys(columns).map((_, index) => `field_${[1, 2, 3, 4, 5, 7, 8, 9, 10, 13, 15][index]}`),
  );
  expect(byId['field_3']).toBe('Sent as "field_3", which is not declared. Its title is "Department" (dropdown).');
});

test('a list of fields that could never be read leaves the numbers', async () => {
  const {load, file} = await rehearse({
    users: 60,
    faults: [{match: /user_fields/, kind: 'status', status: 403, times: Number.POSITIVE_INFINITY}],
  });
  const {exitCode, tables} = await load(['users'], {}, {customFields: 'title'});
  expect(exitCode).toBe(0);
  expect(tables[0]?.warnings).toEqual([
    'No field was read from user_fields, so additional fields have the numbers that they had',
  ]);
  expect(Object.keys(await readColumns(file))).toContain('field_3');
});

test('ids of choices get their texts beside them, once the choices were loaded', async () => {
  const {load, file, emulator} = await rehearse({users: 60, dropdowns: 'ids'});
  await load(['users']);
  expect(Object.keys(await readColumns(file))).not.toContain('field_3_label');
  await load(['users', 'user_field_options']);
  // Remembered, also where the columns are named otherwise.
  const {tables} = await load(['users'], {}, {customFields: 'title'});
  expect(tables[0]?.warnings).toEqual([
    expect.stringMatching(/field_3 to department, field_3_label to department_label/),
  ]);
  const texts = await readPairs(file, 'department', 'department_label');
  const choices = new Map(
    [...emulator.truth('user_field_options')].map(({option_id, id, label, translations}) => [
      String(option_id ?? id),
      label ?? Reflect.get(Object(translations), 'english'),
    ]),
  );
  expect(texts.length).toBeGreaterThan(2);
  for (const [id, label] of texts) expect(label, String(id)).toBe(choices.get(String(id)) ?? null);
});
