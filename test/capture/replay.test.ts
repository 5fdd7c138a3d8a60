import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DuckDBInstance} from '@duckdb/node-api';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {readCapture} from '../../src/capture/read-capture.js';
import {openDestination} from '../../src/destination/open.js';
import {type EmulatorOptions, startEmulator, startReplay} from '../../src/emulator/index.js';
import {ingest} from '../../src/ingest.js';
import {tables} from '../../tables/index.js';
import {capture, openServed} from './taking.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docebo-capture-'));
});

afterEach(async () => {
  await rm(folder, {recursive: true, force: true});
});

/** Loads every table. Returns how each ended, with its rows, and the types of all columns. */
async function load(served: Parameters<typeof openServed>[0], name: string) {
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
    return (await connection.runAndReadAll(sql)).getRowsJson().map(row => row.join(' ').replace(/\bfield_\d+/, 'field_N')).sort();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const shapes: readonly (readonly [string, EmulatorOptions])[] = [
  ['as most tenants are', {}],
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
  ],
];

test.each(shapes)('a capture of a tenant %s loads with the same columns and types as the tenant', async (_, shape) => {
  const emulator = await startEmulator({users: 40, ...shape});
  try {
    console.time('capture');
    await capture(emulator, join(folder, 'capture'));
    console.timeEnd('capture'); console.time('original');
    const original = await load(emulator, 'original');
    console.timeEnd('original'); console.time('copy');
    const replay = await startReplay(await readCapture(join(folder, 'capture')));
    try {
      const copy = await load(replay, 'copy');
      console.timeEnd('copy'); console.log(original.report.requests, copy.report.requests, emulator.requests.length);
      const outcome = ({tables}: typeof copy.report) => tables.map(({table, status}) => `${table} ${status}`);
      for (const t of copy.report.tables) if (t.warnings.length) console.log(t.table, t.status, t.warnings);
      expect(outcome(copy.report)).toEqual(outcome(original.report));
      expect(copy.columns).toEqual(original.columns);
    } finally {
      await replay.close();
    }
  } finally {
    await emulator.close();
  }
});
