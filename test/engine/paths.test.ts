import {expect, test} from 'vitest';
import {queryRows, withDuckdb} from '../../src/engine/duckdb.js';
import {sql} from '../../src/engine/sql.js';
import {stage} from '../../src/engine/stage.js';
import {RawRecord} from '../../src/json/raw-record.js';
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
