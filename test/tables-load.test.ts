import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DuckDBInstance} from '@duckdb/node-api';
import {expect, test} from 'vitest';
import {declaredKeys} from '../src/declared-keys.js';
import {openDestination} from '../src/destination/open.js';
import {linesFromRecords} from '../src/spool/lines.js';
import {TableSpool} from '../src/spool/table-spool.js';
import type {Kind, Table} from '../src/table.js';
import {tables} from '../tables/index.js';
import {fixtureRecords} from './helpers/fixtures.js';
import {comparable, expectRow, normalise} from './helpers/oracle.js';

const types: Readonly<Record<Kind, string>> = {
  integer: 'BIGINT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  text: 'VARCHAR',
  timestamp: 'TIMESTAMP WITH TIME ZONE',
  date: 'DATE',
  json: 'JSON',
};

const published = {
  loadId: 'contract',
  allOrNothing: false,
  accept: {},
  awaitDrift: false,
  maxShrinkPercent: 50,
  allowEmpty: false,
  allowRouteChange: false,
  allowOlder: false,
  invalidDates: 'epoch',
  onCastError: 'fail',
  schemaContract: 'discard_value',
  loadMetadata: false,
} as const;

/** Lands the fixtures' records, one page each, and publishes them as a run would. */
async function loadFixtures(table: Table, folder: string) {
  const spool = await TableSpool.open(folder, table.name);
  const records = fixtureRecords(table);
  for (const {sent, bound} of records) {
    const lines = linesFromRecords([sent], declaredKeys(table));
    await spool.land({lines, request: 'GET /fixture', bound, facts: null, state: 0, sentAfter: 0});
  }
  const spooled = await spool.complete({total: null, moved: false, route: '/fixture'});
  const destination = openDestination(`duckdb:///${folder}/out.duckdb`, {lockTimeoutMs: 0});
  return destination.publish([{table, spooled, target: {schema: null, name: table.name}}], {
    ...published,
    workDir: folder,
    readingsDir: folder,
  });
}

async function query(file: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(file, {access_mode: 'READ_ONLY'});
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

test.each(tables.map(table => [table.name, table] as const))(
  'the fixtures of %s load as they are declared',
  async (_, table) => {
    const folder = await mkdtemp(join(tmpdir(), 'docebo-contract-'));
    try {
      const [outcome] = await loadFixtures(table, folder);
      expect(outcome?.error).toBeUndefined();
      const file = join(folder, 'out.duckdb');
      const columns = await query(
        file,
        `SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = '${table.name}' ORDER BY column_index`,
      );
      const declared = Object.entries(table.columns);
      expect(columns).toEqual(declared.map(([name, {kind}]) => ({column_name: name, data_type: types[kind]})));

      const list = declared.map(([name, {kind}]) => comparable(name, kind)).join(', ');
      const rows = await query(file, `SELECT ${list} FROM "${table.name}"`);
      const held = rows.map(row =>
        normalise(
          table,
          Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value === null ? null : String(value)])),
        ),
      );
      const expected = fixtureRecords(table).map(({sent, bound, made}) =>
        normalise(table, expectRow(table, {...bound, ...sent, ...made})),
      );
      expect(held).toHaveLength(expected.length);
      expect(held).toEqual(expect.arrayContaining(expected));
    } finally {
      await rm(folder, {recursive: true});
    }
  },
);
