import {expect} from 'vitest';
import {defaultMerge} from '../../src/choices.js';
import type {EmulatorOptions} from '../../src/emulator/index.js';
import type {Run} from '../../src/ingest.js';
import type {Report, TableReport} from '../../src/report.js';
import type {DoceboOptions} from '../../src/source/docebo.js';
import {type Rehearsal, rehearse} from '../helpers/rehearsal.js';

export const merge = {...defaultMerge, auditPages: 2};
/** Lists that are asked for what has changed. */
export const lists = ['users', 'courses', 'enrollments'];
/** Tables that are read by a list for each course. */
export const perCourse = ['course_learning_objects', 'course_details', 'sessions'];

export interface Night {
  readonly report: Report;
  readonly calls: readonly string[];
  table(name: string): TableReport;
}

export interface Nights extends Rehearsal {
  /** Merges all tables, and returns what was told and asked. */
  next(run?: Partial<Run>, docebo?: DoceboOptions): Promise<Night>;
  /** Whether each published table holds what the tenant does. `but`: columns by table that a merge cannot see the changes of. */
  expectTruth(but?: Readonly<Record<string, readonly string[]>>): Promise<void>;
}

/** A tenant that is merged night after night. Pages are so small that its lists have many. */
export async function openNights(names: readonly string[], options: EmulatorOptions = {}): Promise<Nights> {
  const rehearsal = await rehearse(options);
  const {emulator, load, asked, publishedAll, truth} = rehearsal;
  return {
    ...rehearsal,
    async next(run = {}, docebo = {}) {
      const from = emulator.requests.length;
      const report = await load(names, {pageSize: 5, ...docebo}, {merge, ...run});
      const table = (name: string) => report.tables.find(each => each.table === name) ?? expect.fail(name);
      return {report, table, calls: asked(from)};
    },
    async expectTruth(but = {}) {
      const published = await publishedAll(names);
      for (const name of names) {
        // Merges read it by a route of their own.
        const route = name === 'course_enrollments' ? '/learn/v1/enrollments' : undefined;
        const without = (rows: readonly string[]) => rows.map(row => leaveOut(row, but[name] ?? [])).sort();
        expect(without(published.get(name) ?? []), name).toEqual(without(truth(name, route)));
      }
    },
  };
}

function leaveOut(row: string, columns: readonly string[]): string {
  const left = Object.entries(JSON.parse(row)).filter(([name]) => !columns.includes(name));
  return JSON.stringify(Object.fromEntries(left));
}
