import fc from 'fast-check';
import {expect, test} from 'vitest';
import {queryRows, withDuckdb} from '../../src/engine/duckdb.js';
import {sql} from '../../src/engine/sql.js';
import {stage} from '../../src/engine/stage.js';
import {RawRecord} from '../../src/json/raw-record.js';
import {readRecords} from '../../src/spool/read-records.js';
import {readValue} from '../../src/spool/record-values.js';
import {integer, json, text} from '../../src/table.js';
import {landRecords, makeFolder, makeTable, publishOptions} from './spool.js';

test.each([
  ['the empty key', '', '{"":%}'],
  ['a key within the empty one', '.id', '{"":{"id":%}}'],
  ['the empty key within another', 'a.', '{"a":{"":%}}'],
  ['the empty key within the empty one', '.', '{"":{"":%}}'],
  ['a key with the signs of a pointer', 'a/b~c.~1', '{"a/b~c":{"~1":%}}'],
  ['a key with a quote and a star', '"*\'.*', `{"\\"*'":{"*":%}}`],
])('a column is read from %s', async (_, from, record) => {
  const folder = await makeFolder();
  const columns = {
    whole: integer('Whole.', {from}),
    text: text('Text.', {from}),
    json: json('JSON.', {from}),
    other: text('Another.', {from: 'other'}),
  };
  const table = makeTable({primaryKey: [], columns});
  const records = ['7.00', 'null'].map(value => record.replace('%', value).replace('{', '{"other":"x",'));
  const load = await landRecords(folder, table, records);
  const rows = await withDuckdb(':memory:', {workDir: folder, lockTimeoutMs: 0}, async connection => {
    await stage(connection, load, sql`staged`, {...publishOptions(folder), earlier: new Map()});
    return queryRows(connection, sql`SELECT * FROM staged ORDER BY whole`);
  });
  expect(
    new RawRecord(Buffer.from(records[0] ?? ''), {start: 0, end: records[0]?.length ?? 0}).read(from.split('.')),
  ).toBe('7.00');
  expect(rows.map(row => row.map(value => (value === null ? null : String(value))))).toEqual([
    ['7', '7.00', '7.00', 'x'],
    [null, null, null, 'x'],
  ]);
});

/** JSON with keys that stand twice, or are written in two ways. */
const anyJson = fc.letrec<{value: string; object: string}>(tie => ({
  value: fc.oneof(
    {depthSize: 'small'},
    fc.constantFrom(
      'null',
      'true',
      '"x"',
      '"\\u00e9\\n"',
      '7',
      '-0',
      '1.10',
      '1.5e3',
      '9007199254740993',
      '0.00001',
      '[1.10]',
      '{}',
    ),
    tie('object'),
  ),
  object: fc
    .array(fc.tuple(fc.constantFrom('"a"', '"\\u0061"', '"b"', '"A"', '""', '"a/b"'), tie('value')), {maxLength: 5})
    .map(members => `{${members.map(([key, value]) => `${key} : ${value}`).join(' , ')}}`),
}));

/** DuckDB writes objects and lists again, so what counts is that there is one. */
function inOneForm(text: string | null): string | null {
  return text?.replace(/^([[{]).*/s, '$1') ?? null;
}

test('whoever reads a record finds the same', async () => {
  const folder = await makeFolder();
  const paths = ['a', 'b', 'A', '', 'a.a', 'a.b', 'b.A', 'a.b.a', '.', 'b.a/b'];
  const columns = Object.fromEntries(
    paths.flatMap((from, i) => [
      [`c${i}`, text('Text.', {from})],
      [`n${i}`, integer('Number.', {from})],
    ]),
  );
  const ofKind = (letter: string) => Object.keys(columns).filter(name => name.startsWith(letter));
  await withDuckdb(':memory:', {workDir: folder, lockTimeoutMs: 0}, async connection => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyJson.object, {minLength: 1, maxLength: 30}),
        fc.constantFrom(...paths),
        async (records, alone) => {
          // All columns need the reading by whole records, since two keys differ in case only.
          for (const names of [ofKind('c'), ofKind('n'), [`c${paths.indexOf(alone)}`]]) {
            const own = {
              row: integer('Order.'),
              ...Object.fromEntries(names.map(name => [name, columns[name] ?? text('')])),
            };
            const table = makeTable({primaryKey: [], columns: own});
            const load = await landRecords(
              folder,
              table,
              records.map((record, row) => `{"row":${row},${record.slice(1)}`.replace(',}', '}')),
            );
            const options = publishOptions(folder, {schemaContract: 'discard_value'});
            await stage(connection, load, sql`staged`, {...options, earlier: new Map()});
            const rows = await queryRows(connection, sql`SELECT * EXCLUDE (row) FROM staged ORDER BY row`);
            const read: (string | null)[][] = [];
            for await (const record of readRecords(load.spooled))
              read.push(names.map(name => inOneForm(readValue(record, table, name))));
            expect(rows.map(row => row.map(value => inOneForm(value === null ? null : String(value))))).toEqual(read);
          }
        },
      ),
      {numRuns: 40},
    );
  });
});
