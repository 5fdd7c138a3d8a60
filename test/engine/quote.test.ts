import {mkdtemp, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {DuckDBConnection} from '@duckdb/node-api';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {queryRows, withDuckdb} from '../../src/engine/duckdb.js';
import {quoteIdentifier, quoteJsonPath, quoteName, quotePath, quoteText} from '../../src/engine/quote.js';
import {sql} from '../../src/engine/sql.js';
import {DestinationError} from '../../src/errors.js';
import {makeFolder} from './spool.js';

/** Any text that UTF-8 can hold, often of the characters that mean something to SQL, JSON paths, globs or files. */
const anyText = fc.oneof(
  fc.string({unit: 'binary', maxLength: 20}),
  fc.string({unit: fc.constantFrom(...`'"\\/*?[]{}!$.~%#; -_\0\n\t\u{7f}🚀é(),1a`), maxLength: 12}),
  fc.constantFrom('', '*', '**', '..', '$', '0', '-1', 'null', 'select', "'; DROP TABLE t; --", '"; DROP TABLE t; --'),
);
const anyName = anyText.filter(name => name !== '' && !name.includes('\0'));
const anyFileName = anyName
  .map(name => name.replaceAll('/', '|'))
  .filter(name => name !== '.' && name !== '..' && Buffer.byteLength(name) < 200);

async function inMemory<T>(use: (connection: DuckDBConnection, folder: string) => Promise<T>): Promise<T> {
  const folder = await makeFolder();
  return withDuckdb(':memory:', {workDir: folder, lockTimeoutMs: 0}, async connection => use(connection, folder));
}

describe('whatever they are called, DuckDB takes literally', () => {
  test('texts', async () => {
    await inMemory(async connection => {
      await fc.assert(
        fc.asyncProperty(anyText, async text => {
          expect(await queryRows(connection, sql`SELECT ${quoteText(text)}`)).toEqual([[text]]);
        }),
        {numRuns: 300},
      );
    });
  });

  test('columns', async () => {
    await inMemory(async connection => {
      await fc.assert(
        fc.asyncProperty(anyName, async name => {
          const reader = await connection.runAndReadAll(`SELECT 1 AS ${quoteIdentifier(name)}`);
          expect(reader.columnNames()).toEqual([name]);
        }),
        {numRuns: 300},
      );
    });
  });

  test('schemas and tables', async () => {
    await inMemory(async connection => {
      await fc.assert(
        fc.asyncProperty(anyName, anyName, async (schema, name) => {
          await connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoteName('memory', schema)}`);
          await connection.run(`CREATE TABLE ${quoteName('memory', schema, name)} (a INT)`);
          const tables = sql`SELECT schema_name, table_name FROM duckdb_tables()`;
          const [held, ...more] = await queryRows(connection, tables);
          await connection.run(`DROP TABLE ${quoteName('memory', schema, name)}`);
          expect(held?.[1]).toBe(name);
          expect(String(held?.[0]).toLowerCase()).toBe(schema.toLowerCase());
          expect(more).toEqual([]);
        }),
        {numRuns: 150},
      );
    });
  });

  test('files that are read, and no other that is beside them', async () => {
    await inMemory(async (connection, folder) => {
      await fc.assert(
        fc.asyncProperty(anyFileName, fc.array(anyFileName, {maxLength: 3}), async (name, others) => {
          const place = await mkdtemp(join(folder, 'files-'));
          for (const other of ['a', 'b.json', ...others]) await writeFile(join(place, other), '{"v":"other"}\n');
          await writeFile(join(place, name), '{"v":"asked for"}\n');
          const settings = sql`format = 'newline_delimited', compression = 'uncompressed', columns = {'v': 'VARCHAR'}`;
          const read = async () =>
            queryRows(connection, sql`FROM read_json(${quotePath(join(place, name))}, ${settings})`);
          if (/[*?[]/.test(name) && name.includes('\\')) await expect(read()).rejects.toThrow(DestinationError);
          else expect(await read()).toEqual([['asked for']]);
        }),
        {numRuns: 500},
      );
    });
  });

  test('keys that are stepped into', async () => {
    await inMemory(async connection => {
      await fc.assert(
        fc.asyncProperty(anyText, anyText, fc.array(anyText, {maxLength: 4}), async (outer, inner, others) => {
          const decoys = others.filter(key => key !== outer).map(key => [key, {[key]: 'other'}] as const);
          const value = JSON.stringify(Object.fromEntries([...decoys, [outer, Object.fromEntries([[inner, 'v']])]]));
          const json = sql`CAST(${quoteText(value)} AS JSON)`;
          const path = quoteJsonPath([outer, inner]);
          expect(await queryRows(connection, sql`SELECT json_extract_string(${json}, ${path})`)).toEqual([['v']]);
          const missing = quoteJsonPath([outer, `${inner}!`]);
          expect(await queryRows(connection, sql`SELECT json_extract_string(${json}, ${missing})`)).toEqual([[null]]);
        }),
        {numRuns: 300},
      );
    });
  });
});
