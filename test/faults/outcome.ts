import {readFile, writeFile} from 'node:fs/promises';
import {DuckDBInstance} from '@duckdb/node-api';
import {expect} from 'vitest';
import type {Fault} from '../../src/emulator/index.js';
import type {Report} from '../../src/report.js';
import type {DoceboOptions} from '../../src/source/docebo.js';
import {type Rehearsal, rehearse, tableNamed} from '../helpers/rehearsal.js';
import {type PositionName, pageSize, positions, users} from './positions.js';

/** What a load has to come to. There is no third way: never a part of a table. */
export type Expected =
  | {
      readonly outcome: 'recovered';
      /** Calls beyond those of a load without the fault. Left out: the one that is made again. */
      readonly moreCalls?: number;
    }
  | {
      readonly outcome: 'kept';
      /** Of the table. The run says 7, since another table was published. */
      readonly exitCode: number;
      /** What its message says. */
      readonly says: RegExp;
      /** Whether the message or `missing` names a request that was struck. @default true */
      readonly names?: boolean;
      /** Left out: eleven, since a request is tried six times, and as often without a cursor where that may be the trouble. */
      readonly moreCalls?: number;
    };

type WithoutTarget<F> = F extends unknown ? Omit<F, 'match' | 'times' | 'after'> : never;
export type Bend = WithoutTarget<Fault>;

export interface Case {
  readonly bend: Bend;
  readonly times: number;
  /** Positions in different tables, which are struck in one load. */
  readonly at: readonly PositionName[];
  readonly expected: Expected;
  readonly docebo?: DoceboOptions;
}

interface Earlier {
  readonly file: Buffer;
  readonly rows: Readonly<Record<string, readonly string[]>>;
}

const earlierTables = ['users', 'groups', 'group_members', 'courses', 'course_learning_objects'];
const calls = new Map<string, Promise<number>>();
let earlier: Promise<Earlier> | undefined;

/** Loads over an earlier good load with the fault in place, and compares what stands there afterwards row by row. */
export async function expectOutcome({bend, times, at, expected, docebo}: Case): Promise<void> {
  const {rows} = await rehearseEarlier();
  const places = at.map(name => positions[name]);
  // Where nothing is kept back, nothing beside it has to be shown to be published all the same.
  const besides = expected.outcome === 'kept' ? places.slice(0, 1).map(({beside}) => beside) : [];
  const names = [...besides, ...places.map(({table}) => table)];
  const usual = await countCalls(...names);
  const rehearsal = await rehearseOverEarlier();
  const {emulator} = rehearsal;
  const struck = places.map(({table, match}) => ({table, match: match(emulator)}));
  emulator.setFaults(struck.map(({match}) => ({...bend, match, times}) as Fault));
  const report = await rehearsal.load(names, {pageSize, ...docebo});
  const asked = rehearsal.asked();
  const all = await rehearsal.publishedAll(names);
  for (const {table, match} of struck) {
    const hit = asked.filter(path => match.test(path));
    expect(hit).not.toEqual([]);
    const published = all.get(table);
    if (expected.outcome === 'recovered') {
      expect(tableOf(report, table).error).toBeUndefined();
      expect(published).toEqual(rehearsal.truth(table));
    } else {
      expect(statusOf(report, table)).toBe('kept');
      expect(published).toEqual(rows[table]);
      expectError(report, table, expected, hit);
    }
  }
  for (const beside of besides) {
    expect(statusOf(report, beside)).toBe('published');
    expect(all.get(beside)).toEqual(rehearsal.truth(beside));
  }
  expect(report.exitCode).toBe(expected.outcome === 'recovered' ? 0 : 7);
  const bound = expected.moreCalls ?? (expected.outcome === 'recovered' ? 1 : 11);
  expect(asked.length).toBeLessThanOrEqual(usual + bound * at.length);
}

function expectError(
  report: Report,
  table: string,
  {exitCode, says, names = true}: Expected & {outcome: 'kept'},
  struck: readonly string[],
): void {
  const {error} = tableOf(report, table);
  expect(error?.message).toMatch(says);
  expect(error?.exitCode).toBe(exitCode);
  const told = [error?.message, ...(error?.missing ?? [])].join('\n');
  // A request is named as it would be made again: without a cursor that is gone by then.
  const named = struck.map(path => path.replace(/&cursor=\w+/, ''));
  if (names) expect(named.filter(path => told.includes(`GET ${path}`))).not.toEqual([]);
}

export function tableOf(report: Report, name: string) {
  const found = report.tables.find(({table}) => table === name);
  if (found === undefined) throw new TypeError(`The report lacks ${name}.`);
  return found;
}

export function statusOf(report: Report, name: string): string {
  return tableOf(report, name).status;
}

/** A tenant and a DuckDB file that holds an earlier load, whose rows are not those of the tenant. */
export async function rehearseOverEarlier(options: Parameters<typeof rehearse>[0] = {}): Promise<Rehearsal> {
  const {file} = await rehearseEarlier();
  const rehearsal = await rehearse({users, ...options});
  await writeFile(rehearsal.file, file);
  return rehearsal;
}

/** Rows of the earlier load. */
export async function rehearseEarlier(): Promise<Earlier> {
  earlier ??= loadEarlier();
  return earlier;
}

async function loadEarlier(): Promise<Earlier> {
  const rehearsal = await rehearse({users});
  await rehearsal.load(earlierTables, {pageSize});
  await markRows(rehearsal.file);
  const rows: Record<string, readonly string[]> = {};
  for (const name of earlierTables) {
    const published = (await rehearsal.published(name)) ?? [];
    expect(published).not.toEqual(rehearsal.truth(name));
    rows[name] = published;
  }
  return {file: await readFile(rehearsal.file), rows};
}

/** Makes every row another than the one that Docebo sends. */
async function markRows(file: string): Promise<void> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  for (const name of earlierTables) {
    const {columns, primaryKey} = tableNamed(name);
    const free = Object.entries(columns).filter(([column, {kind}]) => kind === 'text' && !primaryKey.includes(column));
    await connection.run(`UPDATE "${name}" SET "${free[0]?.[0]}" = 'earlier'`);
  }
  connection.closeSync();
  instance.closeSync();
}

/** Calls that the two tables take when nothing goes wrong. */
async function countCalls(...names: readonly string[]): Promise<number> {
  const key = names.join();
  const counted = calls.get(key) ?? loadOnce(names);
  calls.set(key, counted);
  return counted;
}

async function loadOnce(names: readonly string[]): Promise<number> {
  const rehearsal = await rehearse({users});
  await rehearsal.load(names, {pageSize});
  return rehearsal.asked().length;
}
