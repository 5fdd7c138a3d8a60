import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {Load, PublishOptions} from '../../src/destination/destination.js';
import {boundText, boundWarnings, ledgerColumnNames} from '../../src/destination/ledger.js';
import {openDestination} from '../../src/destination/open.js';
import {Secret} from '../../src/secret.js';
import {query} from '../engine/query.js';
import {makeFolder, makeLoad, makeTable, publishOptions} from '../engine/spool.js';
import {extensions, findObstacle as findMissingExtension} from '../helpers/extensions.js';
import {findObstacle, useServer} from '../helpers/postgres.js';
import {queryLake, snapshots} from './lake/publishing.js';
import {publishNoted} from './noted.js';
import {fileUris, readRowsOf} from './rows-of-files.js';

const ada = {user_id: 1, name: 'Ada'};
const bob = {user_id: 2, name: 'Bob'};
const groups = makeTable({name: 'groups'});

/** Publishes as a run does, with its ledger. */
async function publish(uri: string, folder: string, loads: readonly Load[], options: Partial<PublishOptions> = {}) {
  const destination = openDestination(uri, {cwd: folder, env: extensions, lockTimeoutMs: 300});
  return publishNoted(destination, loads, publishOptions(folder, {loadMetadata: true, allowOlder: true, ...options}));
}

const selectFacts = (at: string) => `SELECT load_id, table_name, CAST(rows AS VARCHAR), CAST(calls AS VARCHAR), status
  FROM ${at} ORDER BY load_id, table_name`;

describe('the ledger in DuckDB', () => {
  const start = async () => {
    const folder = await makeFolder();
    return {folder, file: join(folder, 'out.duckdb')};
  };

  test('has a row for each load and table, of refused ones too, in the schema of each', async () => {
    const {folder, file} = await start();
    const users = await makeLoad(folder, [ada, bob]);
    const refused = await makeLoad(folder, [ada, ada], {table: groups, name: 'teams'});
    const other = await makeLoad(folder, [ada], {table: makeTable({name: 'people'}), schema: 'other'});
    const failed = await makeLoad(folder, [ada, ada], {table: makeTable({name: 'gone'}), schema: 'none'});
    await publish('duckdb://out.duckdb', folder, [users, refused, other, failed]);
    // No schema is made for a table that failed.
    expect(await query(file, `SELECT 1 FROM duckdb_schemas() WHERE schema_name = 'none'`)).toEqual([]);
    await publish('duckdb://out.duckdb', folder, [users], {loadId: 'load2'});
    expect(await query(file, selectFacts('main._docebo_loads'))).toEqual([
      ['load1', 'teams', null, '3', 'not_loaded'],
      ['load1', 'users', '2', '3', 'published'],
      ['load2', 'users', '2', '3', 'published'],
    ]);
    expect(await query(file, selectFacts('other._docebo_loads'))).toEqual([['load1', 'people', '1', '3', 'published']]);
    expect(await query(file, `SELECT error FROM _docebo_loads WHERE status = 'not_loaded'`)).toEqual([
      [expect.stringContaining('groups')],
    ]);
    expect(
      await query(file, `SELECT comment FROM duckdb_columns() WHERE table_name = '_docebo_loads'`),
    ).not.toContainEqual([null]);
  });

  test('keeps the last outcome of a load, and that it was once published', async () => {
    const {folder, file} = await start();
    const [fails, holds] = [await makeLoad(folder, [ada, ada]), await makeLoad(folder, [ada])];
    const another = await makeLoad(folder, [bob], {table: groups});
    await publish('duckdb://out.duckdb', folder, [fails, another]);
    await publish('duckdb://out.duckdb', folder, [holds, another]);
    await publish('duckdb://out.duckdb', folder, [fails, another]);
    expect(await query(file, selectFacts('_docebo_loads'))).toEqual([
      ['load1', 'groups', '1', '3', 'published'],
      ['load1', 'users', '1', '3', 'published'],
    ]);
  });

  test('gets the columns that it lacks, and keeps those of others', async () => {
    const {folder, file} = await start();
    await query(
      file,
      `CREATE TABLE _docebo_loads (Load_ID TEXT, mine INTEGER); INSERT INTO _docebo_loads VALUES ('old', 5)`,
    );
    const [users] = await publish('duckdb://out.duckdb', folder, [await makeLoad(folder, [ada])]);
    expect(users?.warnings).toEqual([]);
    expect(await query(file, 'SELECT load_id, mine, status FROM _docebo_loads ORDER BY 1')).toEqual([
      ['load1', null, 'published'],
      ['old', 5, null],
    ]);
  });

  test('does not keep a table from being published, whatever somebody has made of it', async () => {
    const {folder, file} = await start();
    await query(
      file,
      'CREATE SCHEMA a; CREATE SCHEMA b; CREATE SCHEMA c; CREATE VIEW a._docebo_loads AS SELECT 1 AS load_id',
      'CREATE TABLE b._docebo_loads (load_id INTEGER); CREATE TABLE c._docebo_loads (mine INTEGER NOT NULL)',
    );
    const loads = await Promise.all(['a', 'b', 'c', 'd'].map(async schema => makeLoad(folder, [ada], {schema})));
    const published = await publish('duckdb://out.duckdb', folder, loads);
    expect(published.map(({rows, warnings}) => [rows, warnings.map(text => text.split(': ')[0])])).toEqual([
      ...loads.map(() => [1, ['a', 'b', 'c'].map(schema => `The load was not noted in ${schema}._docebo_loads`)]),
    ]);
    expect(await query(file, 'SELECT a.name, b.name, c.name FROM a.users a, b.users b, c.users c')).toEqual([
      ['Ada', 'Ada', 'Ada'],
    ]);
    expect(await query(file, 'SELECT count(*)::INT FROM d._docebo_loads')).toEqual([[1]]);
  });
});

describe.each(fileUris)('the ledger beside $scheme files', ({scheme, uri}) => {
  const name = `_docebo_loads.${scheme}`;

  test('is appended to, with the columns of others and texts of any kind', async () => {
    const folder = await makeFolder();
    const [users, refused] = [
      await makeLoad(folder, [ada], {schema: 'dest'}),
      await makeLoad(folder, [ada, ada], {table: groups}),
    ];
    await publish(uri, folder, [users, refused]);
    const first = await readRowsOf(scheme, join(folder, 'out', name));
    await publish(uri, folder, [users, refused], {loadId: 'load2'});
    const rows = await readRowsOf(scheme, join(folder, 'out', name));
    expect(Object.keys(rows[0] ?? {})).toEqual(ledgerColumnNames);
    expect(rows.filter(row => row['load_id'] === 'load1')).toEqual(first);
    expect(rows.map(row => [row['load_id'], row['table_name'], row['rows'], row['status'], row['warnings']])).toEqual([
      ['load1', 'dest.users', '1', 'published', '[]'],
      ['load1', 'groups', null, 'not_loaded', '[]'],
      ['load2', 'dest.users', '1', 'published', '[]'],
      ['load2', 'groups', null, 'not_loaded', '[]'],
    ]);
    expect((await readdir(join(folder, 'out'))).filter(each => each.endsWith('.tmp'))).toEqual([]);
  });

  test('is left as it is if it is damaged, and the table is published', async () => {
    const folder = await makeFolder();
    await mkdir(join(folder, 'out'));
    await writeFile(join(folder, 'out', name), '{"load_id":"load0","stat');
    const [users] = await publish(uri, folder, [await makeLoad(folder, [ada])]);
    expect(users?.warnings).toEqual([expect.stringMatching(/^The load was not noted in _docebo_loads\.\w+: /)]);
    expect(await readFile(join(folder, 'out', name), 'utf8')).toBe('{"load_id":"load0","stat');
    expect(await readRowsOf(scheme, join(folder, 'out', `users.${scheme}`))).toHaveLength(1);
  });
});

test('a ledger of JSON lines keeps what others have added, and is no obstacle as a folder', async () => {
  const folder = await makeFolder();
  const file = join(folder, 'out', '_docebo_loads.jsonl');
  await mkdir(join(folder, 'out'));
  const theirs = `"mine":{"a":[1]},"many":123456789012345678901234567890,"at":"2026-01-01T10:00:00+02:00","__proto__":1`;
  await writeFile(file, `{"load_id":"2026-01-01",${theirs}}\n{"mine":{"b":2}}\n`);
  const users = await makeLoad(folder, [ada]);
  const [noted] = await publish('jsonl://out', folder, [users]);
  expect(noted?.warnings).toEqual([]);
  expect(await readFile(file, 'utf8')).toContain(theirs);
  const rows = await readRowsOf('jsonl', file);
  expect(rows.map(row => [row['load_id'], row['mine'], row['status']])).toEqual([
    ['2026-01-01', '{"a":[1]}', null],
    [null, '{"b":2}', null],
    ['load1', null, 'published'],
  ]);
  await writeFile(file, '{"load_id":"a","Load_ID":"b"}\n');
  const [twice] = await publish('jsonl://out', folder, [users], {loadId: 'load2'});
  expect(twice).toMatchObject({rows: 1, warnings: [expect.stringContaining('Load_ID')]});
  expect(await readFile(file, 'utf8')).toBe('{"load_id":"a","Load_ID":"b"}\n');
  await mkdir(join(folder, 'more', '_docebo_loads.jsonl'), {recursive: true});
  const [published] = await publish('jsonl://more', folder, [users]);
  expect(published).toMatchObject({rows: 1, warnings: [expect.stringContaining('is not a file')]});
});

test('two loads at once into one folder are both in the ledger', async () => {
  const folder = await makeFolder();
  const loads = [await makeLoad(folder, [ada]), await makeLoad(folder, [bob], {table: groups})];
  await Promise.all(
    loads.map(async (load, i) =>
      publish('jsonl://out', folder, [load], {loadId: `load${i}`, workDir: join(folder, `work${i}`)}),
    ),
  );
  const rows = await readRowsOf('jsonl', join(folder, 'out', '_docebo_loads.jsonl'));
  expect(rows.map(row => row['table_name']).sort()).toEqual(['groups', 'users']);
});

test.each(['duckdb://out.duckdb', 'jsonl://out'])('no table can be called as the ledger in %s', async uri => {
  const folder = await makeFolder();
  await expect(openDestination(uri, {cwd: folder}).check([{schema: null, name: '_Docebo_Loads'}])).rejects.toThrow(
    'The name _Docebo_Loads is reserved for the table of loads',
  );
});

test('texts are bounded, and hold no secret and nothing that a database refuses or a terminal obeys', () => {
  expect(boundText('a\0b\uD800')).toBe('a\\u0000b\\ud800');
  expect(boundText('a\u001b[2Jb\nc\u202ed')).toBe('a\\u001b[2Jb c\\u202ed');
  const secret = new Secret('of-the-ledger-alone');
  expect(boundWarnings([`Key ${secret.reveal()} came twice`])).toBe('["Key *** came twice"]');
  // What is cut in two could not be recognised.
  expect(boundText(`${'x'.repeat(990)}${secret.reveal()}`)).not.toContain('of-the');
  expect(boundText('x'.repeat(5000))).toBe(`${'x'.repeat(999)}…`);
  const many: string[] = JSON.parse(boundWarnings(Array.from({length: 30}, (_, i) => `${i}`)));
  expect([many.length, many.at(-1)]).toEqual([20, 'and 11 more']);
});

describe.skipIf(findObstacle() !== undefined)('the ledger in Postgres', () => {
  const server = useServer();

  test('is committed with the tables, evolves, and does not stand in the way', async () => {
    const [folder, database] = [await makeFolder(), await server.createDatabase()];
    const uri = server.uriOf(database);
    const ask = async (...statements: readonly string[]) => server.query(database, ...statements);
    const users = await makeLoad(folder, [ada, bob]);
    const refused = await makeLoad(folder, [ada, ada], {table: groups});
    await publish(uri, folder, [users, refused]);
    expect(await ask(selectFacts('_docebo_loads'))).toEqual([
      ['load1', 'groups', null, '3', 'not_loaded'],
      ['load1', 'users', '2', '3', 'published'],
    ]);
    await ask('ALTER TABLE _docebo_loads DROP COLUMN warnings, ADD COLUMN mine integer DEFAULT 7');
    const [evolved] = await publish(uri, folder, [users], {loadId: 'load2'});
    expect(evolved?.warnings).toEqual([]);
    expect(await ask(`SELECT warnings::text, mine FROM _docebo_loads WHERE load_id = 'load2'`)).toEqual([['[]', 7]]);
    await ask(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no loads here'; END $$`,
      `CREATE CONSTRAINT TRIGGER late AFTER INSERT ON _docebo_loads DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()`,
    );
    const fewer = await makeLoad(folder, [ada]);
    const [warned] = await publish(uri, folder, [fewer], {loadId: 'load3'});
    expect(warned?.warnings).toEqual(['The load was not noted in public._docebo_loads: no loads here']);
    await ask('DROP TABLE _docebo_loads', 'CREATE VIEW _docebo_loads AS SELECT 1 AS load_id');
    const [beside] = await publish(uri, folder, [await makeLoad(folder, [bob])], {loadId: 'load4'});
    expect(beside).toMatchObject({rows: 1, warnings: [expect.stringContaining('_docebo_loads')]});
    expect(await ask('SELECT name FROM users')).toEqual([['Bob']]);
  });

  test('does not stand in the way where this user has no rights to it', async () => {
    const [folder, database] = [await makeFolder(), await server.createDatabase()];
    await server.query(
      database,
      `CREATE ROLE loader LOGIN PASSWORD 'loads-the-ledger'`,
      'GRANT ALL ON SCHEMA public TO loader',
      'CREATE TABLE _docebo_loads (load_id text)',
    );
    const [users] = await publish(server.uriOf(database, 'loader', 'loads-the-ledger'), folder, [
      await makeLoad(folder, [ada]),
    ]);
    expect(users).toMatchObject({
      rows: 1,
      warnings: [expect.stringMatching(/not noted in public\._docebo_loads: .*owner/)],
    });
    expect(await server.query(database, 'SELECT name FROM users')).toEqual([['Ada']]);
  });

  test('is made once by two loads at once', async () => {
    const [folder, database] = [await makeFolder(), await server.createDatabase()];
    const loads = [await makeLoad(folder, [ada]), await makeLoad(folder, [bob], {table: groups})];
    const published = await Promise.all(
      loads.map(async (load, i) =>
        publish(server.uriOf(database), folder, [load], {loadId: `load${i}`, workDir: join(folder, `work${i}`)}),
      ),
    );
    expect(published.flat().flatMap(({warnings}) => warnings)).toEqual([]);
    expect(await server.query(database, selectFacts('_docebo_loads'))).toHaveLength(2);
  });
});

describe.skipIf(findMissingExtension() !== undefined)('the ledger in DuckLake', () => {
  test('is committed in the snapshot of the tables, evolves, and does not stand in the way', async () => {
    const folder = await makeFolder();
    const uri = 'ducklake:lake.ducklake?data_path=data';
    const ask = async (...statements: readonly string[]) =>
      queryLake(`ducklake:${folder}/lake.ducklake`, extensions, ...statements);
    const users = await makeLoad(folder, [ada, bob]);
    const people = await makeLoad(folder, [ada], {table: makeTable({name: 'people'}), schema: 'Other'});
    const refused = await makeLoad(folder, [ada, ada], {table: groups});
    await publish(uri, folder, [users, refused, people]);
    expect(await ask(selectFacts('main._docebo_loads'), selectFacts('other._docebo_loads'), snapshots)).toEqual([
      [
        ['load1', 'groups', null, '3', 'not_loaded'],
        ['load1', 'users', '2', '3', 'published'],
      ],
      [['load1', 'people', '1', '3', 'published']],
      [['load1', 'docebo-ingest']],
    ]);
    await ask(
      'ALTER TABLE _docebo_loads DROP COLUMN warnings',
      'ALTER TABLE _docebo_loads ADD COLUMN mine INTEGER',
      'DROP TABLE other._docebo_loads',
      'CREATE VIEW other._docebo_loads AS SELECT 1 AS load_id',
    );
    const published = await publish(uri, folder, [users, people], {loadId: 'load2'});
    expect(published.map(({rows, error}) => [rows, error])).toEqual([
      [2, undefined],
      [1, undefined],
    ]);
    expect(published[1]?.warnings).toEqual([expect.stringContaining('not noted in Other._docebo_loads: ')]);
    expect(
      await ask('SELECT load_id, table_name, status, warnings, mine FROM main._docebo_loads ORDER BY ALL'),
    ).toEqual([
      [
        ['load1', 'groups', 'not_loaded', null, null],
        ['load1', 'users', 'published', null, null],
        ['load2', 'users', 'published', '[]', null],
      ],
    ]);
  });
});
