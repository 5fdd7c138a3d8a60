import type {DuckDBConnection} from '@duckdb/node-api';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {queryRows, withDuckdb} from '../../src/engine/duckdb.js';
import {sql} from '../../src/engine/sql.js';
import {stage} from '../../src/engine/stage.js';
import {toPlainNumber} from '../../src/json/raw-record.js';
import type {Kind} from '../../src/table.js';
import {landRecords, makeFolder, makeTable, publishOptions} from './spool.js';

/** A value as it may be sent: any JSON, and often something that only looks like a number, a date or a boolean. */
const anyValue = fc.oneof(
  fc.json({maxDepth: 3}).map(value => value.replaceAll('\\ud', '\\u0')),
  fc.string({unit: 'binary', maxLength: 8}).map(value => JSON.stringify(value)),
  fc.string({unit: fc.constantFrom(...'0123456789-+.eE_ :TZ/'), maxLength: 20}).map(value => JSON.stringify(value)),
  fc
    .bigInt({min: -(2n ** 70n), max: 2n ** 70n})
    .chain(value => fc.constantFrom(`${value}`, `"${value}"`, `"${value}.0"`)),
  fc.double({noNaN: true, noDefaultInfinity: true}).map(value => JSON.stringify(value)),
  fc
    .stringMatching(/^-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,2})?$/)
    .chain(number => fc.constantFrom(number, `{"a":[${number}, ${number}]}`)),
  fc
    .tuple(fc.integer({min: -1, max: 12_000}), fc.integer({min: 0, max: 13}), fc.integer({min: 0, max: 32}))
    .map(([year, month, day]) => JSON.stringify([String(year).padStart(4, '0'), pad(month), pad(day)].join('-'))),
  fc
    .record({
      date: fc.date({min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true}),
      end: fc.constantFrom('', 'Z', '+02:00', ' UTC', '+99:99', '-0530', ' Europe/Rome', 'ZZ'),
      between: fc.constantFrom('T', ' ', '_'),
    })
    .map(({date, end, between}) => JSON.stringify(`${date.toISOString().slice(0, 19).replace('T', between)}${end}`)),
  fc.constantFrom('null', '""', '" "', 'true', 'false', '1', '0', '"TRUE"', '"infinity"', '"epoch"', '"NaN"', '1e400'),
  fc.constantFrom(
    '"0000-00-00 00:00:00"',
    '"-0001-11-30 00:00:00"',
    '"2023-02-29"',
    '"24:00:00"',
    '{}',
    '[]',
    '9223372036854775808',
  ),
);

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

/** The text of a scalar, as a column reads it; of anything else its JSON. */
function textOf(sent: string, kind: Kind): string | null {
  const value: unknown = JSON.parse(sent);
  if (value === null) return null;
  if (typeof value === 'string') return value;
  // DuckDB has no negative zero among whole numbers.
  return sent === '-0' && kind !== 'text' && kind !== 'json' ? '0' : sent;
}

function isNumber(sent: string): boolean {
  return typeof JSON.parse(sent) === 'number';
}

/** A text that holds an exponent is none. */
function readWhole(text: string, sent: string): bigint | undefined {
  const plain = isNumber(sent) ? toPlainNumber(text) : text;
  const digits = /^\s*([+-]?\d+)(\.0*)?\s*$/.exec(plain)?.[1];
  return digits === undefined ? undefined : BigInt(digits);
}

/** As DuckDB writes JSON again, but for numbers. */
function withoutBlanks(json: string): string {
  const tokens = json.match(/"(?:[^"\\]|\\.)*"|[^\s"]+/g) ?? [];
  return tokens.map(token => (token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : token)).join('');
}

function isBlank(text: string | null): boolean {
  return text === null || /^[ \t\n\r]*$/.test(text);
}

async function stageValues(connection: DuckDBConnection, folder: string, kind: Kind, sent: readonly string[]) {
  const value = {kind, description: 'Value.'};
  const table = makeTable({primaryKey: [], columns: {row: {kind: 'integer', description: 'Order.'}, value}});
  const records = sent.map((text, row) => `{"row":${row},"value":${text}}`);
  const load = await landRecords(folder, table, records);
  const options = publishOptions(folder, {invalidDates: 'null'});
  const staged = await stage(connection, load, sql`staged`, {...options, earlier: new Map()});
  const rows = await queryRows(connection, sql`SELECT value::VARCHAR FROM staged ORDER BY "row"`);
  const failures = {...staged.castFailures, ...staged.invalidDates}['value'] ?? 0;
  return {failures, held: rows.map(([held]) => (held === null ? null : String(held)))};
}

async function forAnyValues(
  kind: Kind,
  isExpected: (text: string | null, held: string | null, sent: string) => void,
  isNothing: (text: string | null) => boolean,
) {
  const folder = await makeFolder();
  await withDuckdb(':memory:', {workDir: folder, lockTimeoutMs: 0}, async connection => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyValue, {minLength: 1, maxLength: 40}), async sent => {
        const {failures, held} = await stageValues(connection, folder, kind, sent);
        expect(held).toHaveLength(sent.length);
        const texts = sent.map(each => textOf(each, kind));
        for (const [i, text] of texts.entries()) isExpected(text, held[i] ?? null, sent[i] ?? '');
        // What is not held was nothing, or is counted.
        const lost = texts.filter((text, i) => held[i] === null && !isNothing(text));
        expect(failures).toBe(lost.length);
      }),
      {numRuns: 30},
    );
  });
}

describe('whatever is sent, the table loads, and a column of', () => {
  test('integers holds it exactly, or counts it', async () => {
    await forAnyValues(
      'integer',
      (text, held, sent) => {
        const exact = readWhole(text ?? '', sent);
        const isHeld = exact !== undefined && BigInt.asIntN(64, exact) === exact;
        expect(held, JSON.stringify(text)).toBe(isHeld ? String(exact) : null);
      },
      isBlank,
    );
  });

  test('numbers holds it to the last digit that a double has, or counts it', async () => {
    await forAnyValues(
      'double',
      (text, held) => {
        const isNumber = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*$/.test(text ?? '');
        const exact = isNumber && Number.isFinite(Number(text)) ? Number(text) : null;
        expect(held === null ? null : Number(held), JSON.stringify(text)).toBe(exact);
      },
      isBlank,
    );
  });

  test('truths holds true and false, or counts it', async () => {
    await forAnyValues(
      'boolean',
      (text, held) => {
        const means = new Map([
          ['true', 'true'],
          ['1', 'true'],
          ['false', 'false'],
          ['0', 'false'],
        ]);
        expect(held, JSON.stringify(text)).toBe(means.get((text ?? '').trim().toLowerCase()) ?? null);
      },
      isBlank,
    );
  });

  test.each(['timestamp', 'date'] as const)('kind %s holds a moment that exists, or counts it', async kind => {
    await forAnyValues(
      kind,
      (text, held) => {
        if (held !== null) {
          const moment = kind === 'date' ? `${held}T00:00:00Z` : held.replace(' ', 'T').replace(/\+00$/, 'Z');
          const time = new Date(moment).getTime();
          expect(time, JSON.stringify(text)).toBeGreaterThanOrEqual(new Date('0001-01-01').getTime());
          expect(new Date(time).toISOString().slice(0, 10)).toBe(held.slice(0, 10));
        }
        const plain = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(Z| UTC)?$/.exec(text ?? '');
        if (plain === null) return;
        const sent = new Date(`${plain[1]}T${plain[2]}Z`);
        const isReal = !Number.isNaN(sent.getTime()) && sent.toISOString().startsWith(`${plain[1]}T${plain[2]}`);
        const wanted = kind === 'date' ? plain[1] : `${plain[1]} ${plain[2]}+00`;
        expect(held, JSON.stringify(text)).toBe(isReal && !plain[1]?.startsWith('0000') ? wanted : null);
      },
      text => isBlank(text) || /^\s*(0|null)\s*$/i.test(text ?? ''),
    );
  });

  test.each(['text', 'json'] as const)('kind %s holds it as it was sent', async kind => {
    await forAnyValues(
      kind,
      (text, held, sent) => {
        if (text === null || held === null) expect([text, held]).toEqual([null, null]);
        else if (kind === 'text' && (JSON.parse(sent) === text || isNumber(sent))) expect(held).toBe(text);
        else expect(withoutBlanks(held)).toBe(withoutBlanks(sent));
      },
      text => text === null,
    );
  });
});
