import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type DuckDBConnection, DuckDBInstance} from '@duckdb/node-api';
import {onTestFinished} from 'vitest';
import {openDestination} from '../../src/destination/open.js';
import {type Emulator, type EmulatorOptions, startEmulator} from '../../src/emulator/index.js';
import {ingest, type Run} from '../../src/ingest.js';
import type {Report} from '../../src/report.js';
import {type Docebo, type DoceboOptions, openDocebo} from '../../src/source/docebo.js';
import {readSettings} from '../../src/source/settings.js';
import type {Table} from '../../src/table.js';
import {tables} from '../../tables/index.js';
import {hastyClock} from './hasty-clock.js';
import {comparable, expectRow, normalise} from './oracle.js';

type Route = NonNullable<NonNullable<Parameters<Emulator['truth']>[1]>['route']>;

export interface Rehearsal {
  readonly emulator: Emulator;
  readonly folder: string;
  readonly stateDir: string;
  /** The DuckDB file that is loaded. */
  readonly file: string;
  load(names: readonly string[], docebo?: DoceboOptions, run?: Partial<Run>): Promise<Report>;
  /** Rows of a published table as text, in an order of their own; null if there is no such table. */
  published(name: string): Promise<readonly string[] | null>;
  /** The same of several tables, for which the file is opened once. */
  publishedAll(names: readonly string[]): Promise<ReadonlyMap<string, readonly string[] | null>>;
  /** Rows that the emulator holds now, likewise; by the route of that path, if several give the table. */
  truth(name: string, route?: Route): readonly string[];
  /** Paths and queries of the data calls answered since `from`. */
  asked(from?: number): readonly string[];
}

/** An invented tenant, a folder to load it into, and the truth to compare with; all gone when the test is over. */
export async function rehearse(options: EmulatorOptions = {}): Promise<Rehearsal> {
  const folder = await mkdtemp(join(tmpdir(), 'docebo-rehearsal-'));
  const emulator = await startEmulator({users: 60, ...options});
  onTestFinished(async () => {
    await emulator.close();
    await rm(folder, {recursive: true});
  });
  const [stateDir, file] = [join(folder, 'state'), join(folder, 'out.duckdb')];
  return {
    emulator,
    folder,
    stateDir,
    file,
    load: async (names, docebo, run) => load({emulator, stateDir, file}, names, docebo, run),
    published: async name => (await readRows(file, [name])).get(name) ?? null,
    publishedAll: async names => readRows(file, names),
    truth: (name, route) => rowsOf(tableNamed(name), emulator, route),
    asked: (from = 0) =>
      emulator.requests
        .slice(from)
        .filter(({method}) => method === 'GET')
        .map(({path}) => path),
  };
}

export function tableNamed(name: string): Table {
  const table = tables.find(candidate => candidate.name === name);
  if (table === undefined) throw new TypeError(`No table ${name}.`);
  return table;
}

async function load(
  {emulator, stateDir, file}: Pick<Rehearsal, 'emulator' | 'stateDir' | 'file'>,
  names: readonly string[],
  options: DoceboOptions = {},
  run: Partial<Run> = {},
): Promise<Report> {
  return connectTo(
    emulator,
    async docebo =>
      ingest({
        docebo,
        destination: openDestination(`duckdb:///${file}`, {lockTimeoutMs: 0}),
        loads: names.map(name => ({table: tableNamed(name), target: {schema: null, name}})),
        stateDir,
        cast: {invalidDates: 'epoch', onCastError: 'null', schemaContract: 'evolve', loadMetadata: true},
        allOrNothing: false,
        ...run,
      }),
    options,
  );
}

/** Runs `use` with the emulator's tenant. */
export async function connectTo<T>(
  {url, credentials}: Pick<Emulator, 'url' | 'credentials'>,
  use: (docebo: Docebo) => Promise<T>,
  options: DoceboOptions = {},
): Promise<T> {
  const {clientId, clientSecret} = credentials;
  const env = {DOCEBO_BASE_URL: url, DOCEBO_CLIENT_ID: clientId, DOCEBO_CLIENT_SECRET: clientSecret};
  const docebo = openDocebo(await readSettings({env, allowHttp: false}), {clock: hastyClock(), ...options});
  return use(docebo).finally(async () => docebo.close());
}

async function readRows(
  file: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly string[] | null>> {
  const instance = await DuckDBInstance.create(file, {access_mode: 'READ_ONLY'}).catch(() => undefined);
  if (instance === undefined) return new Map(names.map(name => [name, null]));
  const connection = await instance.connect();
  try {
    const there = await connection.runAndReadAll('SELECT table_name FROM duckdb_tables()');
    const standing = new Set(there.getRowsJson().flat());
    const found = new Map<string, readonly string[] | null>();
    for (const name of new Set(names)) {
      if (standing.has(name)) found.set(name, await readTable(connection, tableNamed(name)));
      else found.set(name, null);
    }
    return found;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function readTable(connection: DuckDBConnection, table: Table): Promise<readonly string[]> {
  const columns = Object.entries(table.columns).map(([name, {kind}]) => comparable(name, kind));
  const result = await connection.runAndReadAll(`SELECT ${columns.join(', ')} FROM "${table.name}"`);
  return result
    .getRowObjectsJson()
    .map(row => {
      const texts = Object.entries(row).map(([key, value]) => [key, value === null ? null : String(value)]);
      return JSON.stringify(normalise(table, Object.fromEntries(texts)));
    })
    .sort();
}

function rowsOf(table: Table, emulator: Emulator, route?: Route): readonly string[] {
  const records = emulator.truth(table.name, route === undefined ? {} : {route});
  const rows = [...records].map(record => normalise(table, expectRow(table, record)));
  return rows.map(row => JSON.stringify(row)).sort();
}
