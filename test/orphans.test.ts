import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {openDestination} from '../src/destination/open.js';
import type {Edits} from '../src/emulator/order.js';
import {load} from '../src/load.js';
import {findRun, runsFolder} from '../src/spool/runs.js';
import {rehearse, tableNamed} from './helpers/rehearsal.js';

const chain = ['courses', 'course_learning_objects', 'polls', 'survey_answers'];

function shrink(list: Edits, rows: number, left: number): void {
  for (let row = rows; row > left; row--) list.remove(0);
}

/** What was asked for by the rows of a table stands and falls with it. */
describe.each(['duckdb', 'jsonl'] as const)(
  'tables of a %s destination that were read by the rows of another',
  scheme => {
    async function loadTwice(edit: (list: Edits, rows: number) => void) {
      const rehearsal = await rehearse({users: 120, bulkEnrollments: false});
      const {folder, stateDir, emulator} = rehearsal;
      const destination = openDestination(scheme === 'duckdb' ? 'duckdb:///out.duckdb' : 'jsonl://out', {cwd: folder});
      const names = [...chain, 'course_enrollments', 'groups', 'users'];
      const first = await rehearsal.load(names, {}, {destination});
      const earlier = await readAll();
      edit(emulator.edit('courses'), first.tables[0]?.rows ?? 0);
      const second = await rehearsal.load(names, {}, {destination});
      return {first, second, earlier, readAll, names, stateDir, destination};

      async function readAll() {
        const held = names.map(async name => {
          if (scheme === 'duckdb') return [name, await rehearsal.published(name)] as const;
          return [name, await readFile(join(folder, 'out', `${name}.jsonl`), 'utf8')] as const;
        });
        return Object.fromEntries(await Promise.all(held));
      }
    }

    test('are kept with it where it is refused, however far below; the others are published', async () => {
      const {first, second, earlier, readAll, names, stateDir, destination} = await loadTwice((list, rows) =>
        shrink(list, rows, 1),
      );
      expect(first.exitCode).toBe(0);
      expect(second.exitCode).toBe(7);
      const kept = second.tables.filter(({status}) => status === 'kept').map(({table}) => table);
      expect(kept).toEqual([...chain, 'course_enrollments']);
      for (const name of kept) expect((await readAll())[name], name).toEqual(earlier[name]);
      const record = await findRun(stateDir, second.loadId);
      const loads = names.map(name => ({table: tableNamed(name), target: {schema: null, name}}));
      const again = await load({record, loads, destination, stateDir});
      expect(again.tables.filter(({status}) => status === 'kept').map(({table}) => table)).toEqual(kept);
      const allowed = await load({record, loads, destination, stateDir, maxShrinkPercent: 100, allowEmpty: true});
      expect(allowed.exitCode).toBe(0);
      expect(allowed.tables[0]?.rows).toBe(1);
    });

    test('are published with it', async () => {
      const {second} = await loadTwice(list => list.insert(0));
      expect(second.exitCode).toBe(0);
    });
  },
);

test('a parent that was read again, and not to its end, keeps what was read by its earlier rows from being loaded', async () => {
  const {load: ingest, stateDir, folder} = await rehearse({users: 60, bulkEnrollments: false});
  const names = ['users', 'courses', 'course_enrollments'];
  const {loadId} = await ingest(names);
  const manifest = join(runsFolder(stateDir), loadId, 'courses', 'manifest.ndjson');
  const lines = (await readFile(manifest, 'utf8')).trimEnd().split('\n');
  await writeFile(
    manifest,
    lines.slice(0, -1).map(line => `${line}\n`),
  );
  const report = await load({
    record: await findRun(stateDir, loadId),
    loads: names.map(name => ({table: tableNamed(name), target: {schema: null, name}})),
    destination: openDestination('jsonl://other', {cwd: folder}),
    stateDir,
  });
  expect(report.tables.map(({status}) => status)).toEqual(['published', 'not_loaded', 'not_loaded']);
  expect(report.tables[2]?.error?.message).toBe('course_enrollments needs courses, which was not read to its end');
});
