import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {formatColumns} from '../../src/destination/format-json.js';
import {openDestination} from '../../src/destination/open.js';
import {writeJsonl} from '../../src/destination/write-jsonl.js';
import {writeLargeRows} from '../../src/destination/write-large-rows.js';
import {withDuckdb} from '../../src/engine/duckdb.js';
import {sql} from '../../src/engine/sql.js';
import {makeFolder, makeLoad, publishOptions, writeSpool} from '../engine/spool.js';

test.each([
  [2000, 50_000],
  [100, 1_000_000],
  [2, 60_000_000],
])('%i records that hold a text of %i bytes are written', async (records, bytes) => {
  const folder = await makeFolder();
  const name = 'é"<\n'.repeat(bytes / 5);
  const pages = Array.from({length: records}, (_, i) => ({records: [{user_id: i, name}]}));
  const {table, target} = await makeLoad(folder, []);
  const load = {table, target, spooled: await writeSpool(folder, 'users', pages)};
  const [users] = await openDestination('jsonl://out', {cwd: folder}).publish([load], publishOptions(folder));
  expect(users?.error).toBeUndefined();
  const lines = (await readFile(join(folder, 'out', 'users.jsonl'))).toString('utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(records);
  const last = lines.at(-1) ?? '';
  const held: {name: string} = JSON.parse(last);
  expect(held.name === name).toBe(true);
});

test('rows are written alike, large or not', async () => {
  const folder = await makeFolder();
  const [usual, large] = ['usual', 'large'].map(name => join(folder, name));
  await withDuckdb(':memory:', {workDir: folder, lockTimeoutMs: 0}, async connection => {
    await connection.run(`
      CREATE TABLE staged AS SELECT
        i AS id, i % 3 = 0 AS "a ""flag""", i / 7 AS score, [1e300, 5e-324, 0, -1.5][i % 4 + 1]::DOUBLE AS size,
        ('{"a":[1.10,null,"' || i || '"]}')::JSON AS extra, TIMESTAMPTZ '2025-07-23 16:37:29Z' + to_milliseconds(i) AS seen,
        DATE '0001-01-01' + i::INTEGER AS born,
        CASE WHEN i % 5 > 0 THEN 'é🚀/<\\"' || chr(10) || chr((i % 32)::INTEGER) || chr(127) || chr(8232) || i END AS text
      FROM range(5000) range(i)`);
    await connection.run('INSERT INTO staged (id) VALUES (-1)');
    await connection.run('DELETE FROM staged WHERE id BETWEEN 100 AND 2500');
    await writeJsonl(connection, sql`staged`, usual ?? '');
    await writeLargeRows(connection, sql`staged`, await formatColumns(connection, sql`staged`), large ?? '');
  });
  const [some, same] = await Promise.all([usual, large].map(async file => readFile(file ?? '', 'utf8')));
  const sorted = (lines: string | undefined) =>
    (lines ?? '')
      .trimEnd()
      .split('\n')
      .map(line => JSON.stringify(JSON.parse(line)))
      .sort();
  expect(sorted(some)).toHaveLength(2600);
  expect(sorted(same)).toEqual(sorted(some));
});
