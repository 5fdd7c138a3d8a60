import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {withDuckdb} from '../../src/engine/duckdb.js';
import {sql} from '../../src/engine/sql.js';
import {stage} from '../../src/engine/stage.js';
import type {Kind} from '../../src/table.js';
import {makeFolder, makeLoad, makeTable, publishOptions} from './spool.js';

// What is held does not depend on the zone of the machine.
Object.assign(process.env, {TZ: 'America/New_York'});

const epoch = '1970-01-01 00:00:00+00';
const failed = Symbol('failed');

type Held = string | boolean | number | null;

/** What is sent, as JSON text, and what the column holds. `failed`: NULL or the epoch, and counted. */
const cases: Readonly<Record<Kind, readonly (readonly [sent: string, held: Held | typeof failed])[]>> = {
  integer: [
    ['12', '12'],
    ['"12"', '12'],
    ['"-7"', '-7'],
    ['" 12 "', '12'],
    ['12.0', '12'],
    ['""', null],
    ['"  "', null],
    ['null', null],
    ['9223372036854775807', '9223372036854775807'],
    ['"9223372036854775807"', '9223372036854775807'],
    ['9223372036854775808', failed],
    ['"12345678901234567890123"', failed],
    ['12.5', failed],
    ['"12.5"', failed],
    ['"abc"', failed],
    ['"1_000"', failed],
    ['"1e3"', failed],
    ['"0x10"', failed],
    ['true', failed],
    ['{"a":1}', failed],
  ],
  double: [
    ['12.5', 12.5],
    ['"0.00"', 0],
    ['"-1e3"', -1000],
    ['7', 7],
    ['""', null],
    ['"NaN"', failed],
    ['"Infinity"', failed],
    ['"1e999"', failed],
    ['"12,5"', failed],
    ['"1_0"', failed],
  ],
  boolean: [
    ['true', true],
    ['false', false],
    ['1', true],
    ['0', false],
    ['"1"', true],
    ['"0"', false],
    ['"true"', true],
    ['"FALSE"', false],
    ['""', null],
    ['null', null],
    ['2', failed],
    ['"maybe"', failed],
  ],
  timestamp: [
    ['"2025-07-23 16:37:29"', '2025-07-23 16:37:29+00'],
    ['"2025-07-23T16:37:29"', '2025-07-23 16:37:29+00'],
    ['"2025-07-23T16:37:29Z"', '2025-07-23 16:37:29+00'],
    ['"2025-07-23T16:37:29+02:00"', '2025-07-23 14:37:29+00'],
    ['"2025-07-23 16:37:29+0530"', '2025-07-23 11:07:29+00'],
    ['"2025-07-23 16:37:29-02"', '2025-07-23 18:37:29+00'],
    ['"2025-07-23 16:37:29 UTC"', '2025-07-23 16:37:29+00'],
    ['"2025-07-23T16:37:29.123456Z"', '2025-07-23 16:37:29.123456+00'],
    ['"2025-07-23 16:37"', '2025-07-23 16:37:00+00'],
    ['"2025-07-23T10:00Z"', '2025-07-23 10:00:00+00'],
    ['"2025-07-23T10:00+02:00"', '2025-07-23 08:00:00+00'],
    ['"2025-07-23 10:00 +0200"', '2025-07-23 08:00:00+00'],
    ['"2025-07-23 10:00:00 +02:00"', '2025-07-23 08:00:00+00'],
    ['"2025-07-23 10:00:00.5 -02"', '2025-07-23 12:00:00.5+00'],
    ['"2025-07-23 10:00:00 Z"', '2025-07-23 10:00:00+00'],
    ['"2025-07-23 10:00 UTC"', '2025-07-23 10:00:00+00'],
    ['"2025-07-23 10:00:00UTC"', '2025-07-23 10:00:00+00'],
    ['"2025-07-23 10:00:00  +02:00"', failed],
    ['"2025-07-23 10:00 +99:99"', failed],
    ['"2025-02-30T10:00Z"', failed],
    ['"2025-07-23 +02:00"', failed],
    ['"2025-07-23"', '2025-07-23 00:00:00+00'],
    ['" 2025-07-23 16:37:29 "', '2025-07-23 16:37:29+00'],
    ['"2025-03-30 02:30:00"', '2025-03-30 02:30:00+00'],
    ['"0001-01-01 00:00:00"', '0001-01-01 00:00:00+00'],
    ['null', null],
    ['""', null],
    ['" \\t\\n"', null],
    ['"0"', null],
    ['0', null],
    ['"null"', null],
    ['"NULL"', null],
    ['"0000-00-00"', failed],
    ['"0000-00-00 00:00:00"', failed],
    ['"-0001-11-30 00:00:00"', failed],
    ['"2023-02-30 10:00:00"', failed],
    ['"2023-13-01 10:00:00"', failed],
    ['"2023-01-01 24:00:00"', failed],
    ['"2023-01-01T24:00:00Z"', failed],
    ['"0000-01-01 00:00:00"', failed],
    ['"0000-01-01T00:00:00Z"', failed],
    ['"2023-02-30T10:00:00Z"', failed],
    ['"2023-02-30T10:00:00+02:00"', failed],
    ['"2023-01-01 10:00:00 Europe/Rome"', failed],
    ['"1753288649"', failed],
    ['"2023-1-1"', failed],
    ['"12345-01-01 00:00:00"', failed],
    ['"0001-01-01T01:59:59+02:00"', failed],
    ['"9999-12-31T23:59:59-02:00"', failed],
    ['"9999-12-31T23:59:59+02:00"', '9999-12-31 21:59:59+00'],
    ['"2023-01-01 (BC)"', failed],
    ['"infinity"', failed],
    ['"-infinity"', failed],
    ['"epoch"', failed],
    ['"now"', failed],
    ['"today"', failed],
    ['"garbage"', failed],
    ['"2025-07-23 16:37:29+99:99"', failed],
    ['[]', failed],
  ],
  date: [
    ['"2025-07-23"', '2025-07-23'],
    ['" 2025-07-23 "', '2025-07-23'],
    ['"2025-07-23T23:59:59Z"', '2025-07-23'],
    ['"2025-07-23 23:59:59"', '2025-07-23'],
    ['"2025-03-01T00:30:00+02:00"', '2025-03-01'],
    ['" 2025-03-01 00:30 +0200 "', '2025-03-01'],
    ['"2025-03-01T23:30:00-05"', '2025-03-01'],
    ['"0001-01-01T00:00:00+02:00"', '0001-01-01'],
    ['"9999-12-31T23:59:59-05:00"', '9999-12-31'],
    ['""', null],
    ['"0"', null],
    ['"0000-00-00"', failed],
    ['"2023-02-30"', failed],
    ['"2023-02-30T00:30:00+02:00"', failed],
    ['"2025-03-01T24:00:00+02:00"', failed],
    ['"2025-03-01T00:61:00+02:00"', failed],
    ['"2025-03-01 later"', failed],
    ['"infinity"', failed],
  ],
  text: [
    ['"as sent"', 'as sent'],
    ['" blanks kept "', ' blanks kept '],
    ['""', ''],
    ['"null"', 'null'],
    ['null', null],
    ['12', '12'],
    ['true', 'true'],
    ['"a\\u0000b"', 'a\u0000b'],
    ['"\\ud83d\\ude80 é"', '🚀 é'],
    [JSON.stringify('x'.repeat(100_000)), 'x'.repeat(100_000)],
    ['{"a":[1]}', '{"a":[1]}'],
  ],
  json: [
    ['{"a":[1, null]}', '{"a":[1,null]}'],
    ['[]', '[]'],
    ['"text"', '"text"'],
    ['0', '0'],
    ['null', null],
  ],
};

async function hold(kind: Kind, sent: readonly string[], options: Parameters<typeof publishOptions>[1] = {}) {
  const folder = await makeFolder();
  const table = makeTable({
    primaryKey: [],
    columns: {row: {kind: 'integer', description: 'Order.'}, value: {kind, description: 'Value.'}},
  });
  const load = await makeLoad(
    folder,
    sent.map((value, row) => `{"row":${row},"value":${value}}`),
    {table},
  );
  const file = join(folder, 'casts.duckdb');
  return withDuckdb(file, {workDir: folder, lockTimeoutMs: 0}, async connection => {
    const staged = await stage(connection, load, sql`staged`, {...publishOptions(folder, options), earlier: new Map()});
    // As text, since the client shows a moment in the zone of the process.
    const shown = kind === 'timestamp' ? 'value::VARCHAR' : 'value';
    const rows = (await connection.runAndReadAll(`SELECT ${shown} FROM staged ORDER BY "row"`)).getRowsJson();
    return {staged, values: rows.map(([value]) => value)};
  });
}

describe.each(Object.keys(cases) as Kind[])('a column of %s', kind => {
  const ofKind = cases[kind];

  test.each(ofKind.map(([sent, held], i) => ({sent: sent.slice(0, 60), held, i})))(
    'holds what was meant by $sent',
    async ({i}) => {
      const {values, staged} = await hold(kind, [ofKind[i]?.[0] ?? '']);
      const held = ofKind[i]?.[1] ?? null;
      const replaced = {timestamp: epoch, date: '1970-01-01'}[kind as string] ?? null;
      expect(values).toEqual([held === failed ? replaced : held]);
      const failures = held === failed ? {value: 1} : {};
      const isDated = kind === 'timestamp' || kind === 'date';
      expect(staged.invalidDates).toEqual(isDated ? failures : {});
      expect(staged.castFailures).toEqual(isDated ? {} : failures);
    },
  );
});

test('an invalid date is NULL where that was asked for, and counted all the same', async () => {
  const {values, staged} = await hold('timestamp', ['"0000-00-00"', '"2025-07-23 16:37:29"', 'null'], {
    invalidDates: 'null',
  });
  expect(values).toEqual([null, '2025-07-23 16:37:29+00', null]);
  expect(staged.invalidDates).toEqual({value: 1});
});

test('a cast failure fails the table where that was asked for', async () => {
  await expect(hold('integer', ['1', '"abc"'], {onCastError: 'fail'})).rejects.toThrow(/value \(1\)/);
});

test('a number keeps the digits that a double has, also as text and inside JSON', async () => {
  const sent = ['1.10', '123456789.123456789123', '12345678901234567890123', '"1.10"'];
  const held = ['1.1', '123456789.12345679', '12345678901234567890123', '1.10'];
  expect((await hold('text', sent)).values).toEqual(held);
  const nested = sent.map(value => `{"a":${value}}`);
  const inside = [...held.slice(0, 3), '"1.10"'].map(value => `{"a":${value}}`);
  expect((await hold('json', nested)).values).toEqual(inside);
});
