import {createHash} from 'node:crypto';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {csvLines} from '../../src/destination/formats/csv.js';
import {jsonLines} from '../../src/destination/formats/jsonl.js';
import {formatColumns} from '../../src/destination/formats/line-format.js';
import {writeLargeRows} from '../../src/destination/formats/write-large-rows.js';
import {writeLines} from '../../src/destination/formats/write-lines.js';
import {openDestination} from '../../src/destination/open.js';
import {withDuckdb} from '../../src/engine/duckdb.js';
import {sql} from '../../src/engine/sql.js';
import {query} from '../engine/query.js';
import {makeFolder, makeLoad, publishOptions, writeSpool} from '../engine/spool.js';
import {readRowsOf} from './rows-of-files.js';

// CSV is written by the module that writes JSON lines, and compared below.
const places = [
  {
    scheme: 'jsonl',
    uri: 'jsonl://out',
    read: (file: string) => `read_json('${file}', maximum_object_size = 200000000)`,
  },
  {scheme: 'parquet', uri: 'parquet://out', read: (file: string) => `read_parquet('${file}')`},
];

describe.each(places)('of $scheme', ({scheme, uri, read}) => {
  test.each<[records: number, bytes: number]>([
    // Either is more than is handed to DuckDB at once (engine/pieces.ts). One by one the rows of all formats are written alike.
    [1400, 50_000],
    ...(scheme === 'parquet' ? [[2, 35_000_000] satisfies [number, number]] : []),
  ])(
    '%i records that hold a text of %i bytes are written',
    async (records, bytes) => {
      const folder = await makeFolder();
      const name = 'é"<\n'.repeat(bytes / 5);
      const pages = Array.from({length: records}, (_, i) => ({records: [{user_id: i, name}]}));
      const {table, target} = await makeLoad(folder, []);
      const load = {table, target, spooled: await writeSpool(folder, 'users', pages)};
      const [users] = await openDestination(uri, {cwd: folder}).publish([load], publishOptions(folder));
      expect(users?.error).toBeUndefined();
      const file = join(folder, 'out', `users.${scheme}`);
      const facts = `count(*)::INT, count(DISTINCT user_id)::INT, count(DISTINCT name)::INT, min(length(name))::INT, md5(min(name))`;
      expect(await query(':memory:', `SELECT ${facts} FROM ${read(file)}`)).toEqual([
        [records, records, 1, name.length, createHash('md5').update(name).digest('hex')],
      ]);
    },
    120_000,
  );
});

test.each([
  ['jsonl', jsonLines],
  ['csv', csvLines],
] as const)('rows of %s are written alike, large or not', async (scheme, format) => {
  const folder = await makeFolder();
  const [usual = '', large = ''] = ['usual', 'large'].map(name => join(folder, name));
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
    await writeLines(connection, sql`staged`, usual, format);
    const columns = await formatColumns(connection, sql`staged`, format);
    await writeLargeRows(connection, sql`staged`, columns, large, format);
  });
  const [some, same] = await Promise.all(
    [usual, large].map(async file => (await readRowsOf(scheme, file)).map(row => JSON.stringify(row)).sort()),
  );
  expect(some).toHaveLength(2600);
  expect(same).toEqual(some);
});
