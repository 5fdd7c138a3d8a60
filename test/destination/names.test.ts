import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {declaredKeys} from '../../src/declared-keys.js';
import type {Load} from '../../src/destination/destination.js';
import {fileName} from '../../src/destination/file-name.js';
import {openDestination} from '../../src/destination/open.js';
import {toSnakeCase} from '../../src/engine/name-keys.js';
import {linesFromRecords} from '../../src/spool/lines.js';
import type {SentRecord} from '../../src/table.js';
import {query} from '../engine/query.js';
import {makeFolder, makeLoad, makeTable, publishOptions} from '../engine/spool.js';
import {fileUris, readRowsOf} from './rows-of-files.js';

const anyText = fc.oneof(
  fc.string({unit: 'binary', maxLength: 12}),
  fc.string({unit: fc.constantFrom(...`'"\\/*?[]{}!$.~%#; -_\0\nAaBbÀàßİıKSſ1🚀,`), maxLength: 8}),
);

const anyKey = fc.oneof(
  {weight: 3, arbitrary: anyText},
  // What our own SQL calls things, and what DuckDB or JavaScript may take for something else.
  fc.constantFrom('s0', 't0', 'k0', 'page', 'r', 'json', 'extracted_at', '_docebo_load_id', '_docebo_landing', 'rowid'),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'NAME', 'user_ID', 'select', '*', '', '\0', 'bound name'),
);

/** Records as the slicer lands them, which lets no key stand twice in one. */
const anyRecord = fc
  .array(fc.tuple(anyKey, fc.oneof(fc.integer(), fc.string({maxLength: 5}), fc.boolean(), fc.constant([1]))), {
    maxLength: 8,
  })
  .map(entries => new Map(entries.filter(([key]) => !['user_id', 'name'].includes(key))));

async function land(folder: string, records: readonly SentRecord[]): Promise<Load> {
  const table = makeTable();
  const {undeclared} = linesFromRecords(records, declaredKeys(table));
  return makeLoad(folder, records, {table, undeclared});
}

test.each(fileUris)(
  'any key of a record becomes a column of its own of $scheme, which holds what was sent',
  async ({scheme, uri}) => {
    const folder = await makeFolder();
    const destination = openDestination(uri, {cwd: folder});
    await fc.assert(
      fc.asyncProperty(fc.array(anyRecord, {minLength: 1, maxLength: 3}), async sent => {
        const records = sent.map((record, i) => Object.fromEntries([['user_id', i], ...record]));
        const load = await land(folder, records);
        const [users] = await destination.publish([load], publishOptions(folder, {maxShrinkPercent: 100}));
        expect(users?.error).toBeUndefined();
        const rows = await readRowsOf(scheme, join(folder, 'out', `users.${scheme}`));
        const names = Object.keys(rows[0] ?? {}).map(name => name.toLowerCase());
        expect(new Set(names).size).toBe(names.length);
        for (const row of rows) {
          const record = sent[Number(row['user_id'])] ?? new Map();
          const values = Object.values(row);
          for (const [key, value] of record) {
            expect(values.includes(String(value)) || Array.isArray(value), key).toBe(true);
          }
        }
      }),
      {numRuns: 15},
    );
  },
  120_000,
);

test('a name made of a key is the same in any case, and never one of ours', () => {
  fc.assert(
    fc.property(anyText, key => {
      const name = toSnakeCase(key);
      expect(name).toBe(name.toLowerCase());
      expect(name).toMatch(/^[\p{L}\p{N}\p{M}][\p{L}\p{N}\p{M}_]*$/u);
    }),
    {numRuns: 2000},
  );
});

const anyTarget = fc.record({schema: fc.option(anyText, {nil: null}), name: anyText});

describe('whatever a table is called', () => {
  test('its file lies in the folder, is not hidden, and is no other table’s', () => {
    fc.assert(
      fc.property(anyTarget, anyTarget, (one, other) => {
        const [file, second] = [fileName(one, 'jsonl'), fileName(other, 'jsonl')];
        expect(file).toMatch(/^[^/\\\0.][^/\\\0]*\.jsonl$/u);
        expect(file === second).toBe(one.schema === other.schema && one.name === other.name);
      }),
      {numRuns: 2000},
    );
  });

  test.each(fileUris)(
    'its file is the only one that $scheme leaves',
    async ({scheme, uri}) => {
      const folder = await makeFolder();
      const destination = openDestination(uri, {cwd: folder});
      await fc.assert(
        fc.asyncProperty(anyTarget, async ({schema, name}) => {
          const before = await readdir(join(folder, 'out')).catch(() => []);
          await destination.check([{schema, name}]);
          const load = await makeLoad(folder, [{user_id: 1}], {schema, name});
          for (const loadId of ['load1', 'load2']) {
            const [published] = await destination.publish([load], publishOptions(folder, {loadId}));
            expect(published?.error).toBeUndefined();
          }
          const files = new Set([...before, fileName({schema, name}, scheme)]);
          expect((await readdir(join(folder, 'out'))).sort()).toEqual([...files].sort());
          expect((await readdir(folder)).filter(file => !/^(spool-|out$|work$|published$)/.test(file))).toEqual([]);
        }),
        {numRuns: 8},
      );
    },
    120_000,
  );

  test('DuckDB holds it under that name, or it is refused before the first request', async () => {
    const folder = await makeFolder();
    const destination = openDestination('duckdb:///out.duckdb', {cwd: folder});
    await fc.assert(
      fc.asyncProperty(anyTarget, async ({schema, name}) => {
        const isName = [schema ?? 'main', name].every(each => each !== '' && !each.includes('\0'));
        const check = destination.check([{schema, name}]);
        if (!isName) {
          await expect(check).rejects.toThrow(/No table can be called/);
          return;
        }
        await check;
        const load = await makeLoad(folder, [{user_id: 1}], {schema, name});
        const [published] = await destination.publish([load], publishOptions(folder));
        expect(published?.error).toBeUndefined();
        const tables = await query(join(folder, 'out.duckdb'), 'SELECT schema_name, table_name FROM duckdb_tables()');
        const fold = (names: readonly unknown[]) => names.map(each => String(each).toLowerCase());
        expect(tables.map(fold)).toContainEqual(fold([schema ?? 'main', name]));
        expect((await readdir(folder)).filter(file => !/^(spool-|out\.duckdb$|work$|published$)/.test(file))).toEqual(
          [],
        );
      }),
      {numRuns: 8},
    );
  }, 120_000);
});
