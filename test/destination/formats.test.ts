import {join} from 'node:path';
import {expect, test} from 'vitest';
import {openDestination} from '../../src/destination/open.js';
import {load} from '../../src/load.js';
import {findRun} from '../../src/spool/runs.js';
import {text} from '../../src/table.js';
import {tables} from '../../tables/index.js';
import {query} from '../engine/query.js';
import {everyType, makeFolder, makeLoad, makeTable, publishOptions} from '../engine/spool.js';
import {rehearse} from '../helpers/rehearsal.js';

/** Reads a CSV file as the README says; its columns are told, since a file without rows does not tell their types. */
function readCsv(file: string, columns: readonly (readonly unknown[])[]): string {
  const types = columns.map(([name, type]) => `'${name}': '${type}'`);
  return `read_csv('${file}', header = true, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false,
    new_line = '\\r\\n', columns = {${types.join()}})`;
}

test('a table of each area of a tenant is the same to DuckDB as a table, as Parquet and as CSV', async () => {
  const {load: ingest, folder, file, stateDir} = await rehearse();
  const chosen = [...new Map(tables.map(table => [table.area, table])).values()];
  const names = chosen.map(({name}) => name);
  const {exitCode, loadId} = await ingest(names);
  expect(exitCode).toBe(0);
  const record = await findRun(stateDir, loadId);
  const loads = chosen.map(table => ({table, target: {schema: null, name: table.name}}));
  for (const uri of ['parquet://lake', 'csv://sheets']) {
    const destination = openDestination(uri, {cwd: folder});
    expect((await load({record, loads, destination, stateDir})).exitCode).toBe(0);
  }
  const described = await query(
    file,
    'SELECT table_name, column_name, data_type FROM duckdb_columns() ORDER BY column_index',
  );
  const compare = names.flatMap(name => {
    const columns = described.filter(([table]) => table === name).map(([, ...column]) => column);
    const parquet = `read_parquet('${join(folder, 'lake', `${name}.parquet`)}')`;
    const types = (source: string) => `(SELECT list([column_name, column_type]) FROM (DESCRIBE FROM ${source}))`;
    return [parquet, readCsv(join(folder, 'sheets', `${name}.csv`), columns)].map(
      source => `SELECT '${name}', ${types(source)} = ${types(`"${name}"`)}, (SELECT count(*) FROM ${source})::INT,
        (SELECT count(*) FROM (FROM "${name}" EXCEPT ALL FROM ${source}))::INT,
        (SELECT count(*) FROM (FROM ${source} EXCEPT ALL FROM "${name}"))::INT`,
    );
  });
  const compared = await query(file, `SET TimeZone = 'UTC'`, compare.join(' UNION ALL '));
  expect(compared).toHaveLength(2 * names.length);
  for (const [name, ...facts] of compared) expect([name, ...facts]).toEqual([name, true, expect.any(Number), 0, 0]);
  expect(compared.reduce((sum, [, , rows]) => sum + Number(rows), 0)).toBeGreaterThan(1000);
}, 180_000);

const table = makeTable({columns: {...everyType, name: text('What the user’s called.')}});

test('a Parquet file has the types of its columns, is compressed, and says what they hold', async () => {
  const folder = await makeFolder();
  const sent = await makeLoad(folder, [{user_id: 1, 'it\'s "so"': 'x'}], {
    table,
    undeclared: {'it\'s "so"': ['string']},
  });
  await openDestination('parquet://out', {cwd: folder}).publish([sent], publishOptions(folder, {loadMetadata: true}));
  const file = join(folder, 'out', 'users.parquet');
  const schema = `SELECT name, type, coalesce(converted_type, ''), coalesce(logical_type, '') LIKE '%UTC=1%' FROM parquet_schema('${file}')`;
  expect((await query(':memory:', schema)).slice(1)).toEqual([
    ['user_id', 'INT64', 'INT_64', false],
    ['name', 'BYTE_ARRAY', 'UTF8', false],
    ['score', 'DOUBLE', '', false],
    ['active', 'BOOLEAN', '', false],
    ['seen_at', 'INT64', 'TIMESTAMP_MICROS', true],
    ['born_on', 'INT32', 'DATE', false],
    ['extra', 'BYTE_ARRAY', 'JSON', false],
    [expect.stringMatching(/^it_s_so_/), 'BYTE_ARRAY', 'UTF8', false],
    ['_docebo_load_id', 'BYTE_ARRAY', 'UTF8', false],
    ['_docebo_extracted_at', 'INT64', 'TIMESTAMP_MICROS', true],
  ]);
  expect(await query(':memory:', `SELECT DISTINCT compression FROM parquet_metadata('${file}')`)).toEqual([['ZSTD']]);
  const [[evolved] = []] = (await query(':memory:', schema)).slice(8);
  const described = await query(
    ':memory:',
    `SELECT decode(key), decode(value) FROM parquet_kv_metadata('${file}') WHERE starts_with(decode(key), 'description')`,
  );
  expect(Object.fromEntries(described)).toEqual({
    description: "Everyone's account. Primary key: user_id.",
    'description.user_id': 'Key.',
    'description.name': 'What the user’s called.',
    'description.score': 'Score.',
    'description.active': 'Active.',
    'description.seen_at': 'Seen. 1970-01-01 stands for an invalid date.',
    'description.born_on': 'Born. 1970-01-01 stands for an invalid date.',
    'description.extra': 'Extra.',
    [`description.${evolved}`]: 'Sent as "it\'s \\"so\\"", which is not declared.',
    'description._docebo_extracted_at': 'When the page that holds the row was read from Docebo, UTC.',
  });
});

test('a folder whose path DuckDB cannot read Parquet from is refused before the first request', async () => {
  const folder = await makeFolder();
  const target = {schema: null, name: 'a*b'};
  await expect(openDestination('parquet://a%5Cb', {cwd: folder}).check([target])).rejects.toThrow(/holds a backslash/);
  await expect(openDestination('csv://a%5Cb', {cwd: folder}).check([target])).resolves.toEqual([]);
});

test('Parquet is written where the path looks like a pattern or a partition', async () => {
  const folder = await makeFolder();
  const destination = openDestination('parquet://user_id=7/[a]*', {cwd: folder});
  for (const loadId of ['load1', 'load2']) {
    const sent = await makeLoad(folder, [{user_id: 1}]);
    const [users] = await destination.publish([sent], publishOptions(folder, {loadId, maxShrinkPercent: 0}));
    expect(users?.error).toBeUndefined();
  }
  const file = join(folder, 'user_id=7', '[[]a][*]', 'users.parquet');
  expect(await query(':memory:', `FROM read_parquet('${file}', hive_partitioning = false)`)).toEqual([['1', null]]);
});
