import {createReadStream} from 'node:fs';
import {rm} from 'node:fs/promises';
import {createInterface} from 'node:readline';
import {DuckDBInstance} from '@duckdb/node-api';
import {declaredKeys} from '../../src/declared-keys.js';
import type {Kind, Table} from '../../src/table.js';

const types: Readonly<Record<Kind, string>> = {
  integer: 'BIGINT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  text: 'VARCHAR',
  timestamp: 'TIMESTAMP',
  date: 'DATE',
  json: 'JSON',
};

/**
 * Rows a second at which DuckDB alone reads typed NDJSON into a table of a file: the limit of any loader. One statement, with
 * as many threads as DuckDB takes.
 */
export async function measureReadJson(table: Table, file: string, rows: number): Promise<number> {
  const select = `SELECT * FROM read_json('${file}', format = 'newline_delimited', columns = {${await readColumns(table, file)}})`;
  const database = `${file}.duckdb`;
  const instance = await DuckDBInstance.create(database);
  const connection = await instance.connect();
  const start = performance.now();
  await connection.run(`CREATE TABLE t AS ${select}`);
  const seconds = (performance.now() - start) / 1000;
  const reader = await connection.runAndReadAll('SELECT count(*)::INTEGER FROM t');
  const [[count] = []] = reader.getRows();
  connection.closeSync();
  instance.closeSync();
  await rm(database);
  if (count !== rows) throw new Error(`read_json made ${count} rows of ${rows}.`);
  return rows / seconds;
}

/** The declared columns, and as texts those that the first records hold beside them. */
async function readColumns(table: Table, file: string): Promise<string> {
  const columns = new Map(Object.entries(table.columns).map(([name, {kind}]) => [name, types[kind]]));
  const declared = declaredKeys(table);
  let seen = 0;
  const lines = createInterface({input: createReadStream(file)});
  for await (const line of lines) {
    for (const key of Object.keys(JSON.parse(line))) {
      if (!columns.has(key) && !declared.has(key)) columns.set(key, 'VARCHAR');
    }
    seen += 1;
    if (seen === 1000) break;
  }
  lines.close();
  return [...columns].map(([name, type]) => `"${name}": '${type}'`).join(', ');
}
