import {execFileSync} from 'node:child_process';
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {DuckDBInstance} from '@duckdb/node-api';
import {describe, expect, onTestFinished, test} from 'vitest';
import {openDestination} from '../../../src/destination/open.js';
import type {IngestError} from '../../../src/errors.js';
import {makeFolder, makeLoad, makeTable, publishOptions} from '../../engine/spool.js';
import {extensions, findObstacle as findExtensionObstacle} from '../../helpers/extensions.js';
import {findObstacle as findServerObstacle, superuser, useServer} from '../../helpers/postgres.js';
import {publishNoted} from '../noted.js';
import {makeLake, queryLake, snapshots} from './publishing.js';

const people = (count: number, prefix = 'Name') =>
  Array.from({length: count}, (_, i) => ({user_id: i + 1, name: `${prefix} ${i + 1}`}));

const users = {schema: null, name: 'users'};
const later = {readAt: '2025-07-24T00:00:00.000Z'};

const isLackingAnything = findExtensionObstacle() !== undefined || findServerObstacle() !== undefined;

describe.skipIf(isLackingAnything)('a DuckLake whose catalog is in Postgres', () => {
  const server = useServer();
  const quoted = superuser.password.replace(/[\\']/g, '\\$&');
  const connectionTo = (database: string) =>
    `postgres:host=127.0.0.1 port=${server.port} dbname=${database} user=${superuser.user}`;

  test('gets one snapshot a load, while another program goes on reading, and no password is kept', async () => {
    const [folder, database] = [await makeFolder(), await server.createDatabase()];
    const uri = `ducklake:${connectionTo(database)} password='${quoted}'?data_path=data`;
    const {destination, publish} = makeLake(folder, extensions, uri);
    expect(destination.address).toEqual({
      scheme: 'ducklake',
      path: `postgres://docebo@127.0.0.1:${server.port}/${database}?data_path=${folder}/data/`,
    });
    expect(await destination.check([users])).toEqual([]);
    expect(await destination.findStanding([users])).toEqual(new Set());
    expect(await readdir(folder)).toEqual([]);
    expect(await server.query(database, `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`)).toEqual([['0']]);
    await publish([await makeLoad(folder, people(30))], {loadId: 'load1'});
    const reader = await (
      await DuckDBInstance.create(':memory:', {
        extension_directory: extensions.DOCEBO_DUCKDB_EXTENSIONS,
      })
    ).connect();
    onTestFinished(() => reader.closeSync());
    const ask = async () => (await reader.runAndReadAll('SELECT DISTINCT left(name, 3) FROM lake.users')).getRowsJson();
    await reader.run(`ATTACH 'ducklake:${connectionTo(database)} password=''${quoted}''' AS lake; BEGIN`);
    expect(await ask()).toEqual([['Nam']]);
    // By its address, as a run that is loaded again, and with the password from the environment.
    const again = openDestination(destination.address, {
      env: {...extensions, DOCEBO_DEST_PASSWORD: superuser.password},
      lockTimeoutMs: 300,
    });
    const {publish: publishAgain} = makeLake(folder, extensions, uri);
    await publishAgain([await makeLoad(folder, people(30, 'New'), later)], {loadId: 'load2'});
    expect(await ask()).toEqual([['Nam']]);
    await reader.run('COMMIT');
    expect(await ask()).toEqual([['New']]);
    expect(await again.findStanding([users])).toEqual(new Set([users]));
    expect((await reader.runAndReadAll(snapshots)).getRowsJson()).toEqual([
      ['load1', 'docebo-ingest'],
      ['load2', 'docebo-ingest'],
    ]);
  });

  test('says so if another session has changed the table meanwhile, and is left as that one made it', async () => {
    const [folder, database] = [await makeFolder(), await server.createDatabase()];
    const {publish} = makeLake(
      folder,
      extensions,
      `ducklake:${connectionTo(database)} password='${quoted}'?data_path=data`,
    );
    await publish([await makeLoad(folder, people(30))], {loadId: 'load1'});
    const intrude = `
      import {DuckDBInstance} from '@duckdb/node-api';
      const connection = await (await DuckDBInstance.create(':memory:', {extension_directory: process.argv[2]})).connect();
      await connection.run(process.argv[1]);`;
    const statement = `ATTACH 'ducklake:${connectionTo(database)} password=''${quoted}''' AS lake; INSERT INTO lake.users (user_id) VALUES (99)`;
    let hasIntruded = false;
    const published = publish([await makeLoad(folder, people(29), later)], {
      loadId: 'load2',
      onEvent(event) {
        if (event.type !== 'debug' || hasIntruded) return;
        hasIntruded = true;
        const folderOfExtensions = extensions.DOCEBO_DUCKDB_EXTENSIONS;
        execFileSync(process.execPath, ['--input-type=module', '-e', intrude, statement, folderOfExtensions]);
      },
    });
    await expect(published).rejects.toMatchObject({
      name: 'DestinationError',
      message: expect.stringMatching(/another session has changed the same tables meanwhile$/),
      hint: 'Nothing was published, every table is as it was. Run again.',
    });
    const catalog = `ducklake:${connectionTo(database)} password='${quoted}'`;
    const [rows, told] = await queryLake(catalog, extensions, 'SELECT count(*) FROM users', snapshots);
    expect(rows).toEqual([['31']]);
    expect(told).toEqual([
      ['load1', 'docebo-ingest'],
      [null, null],
    ]);
  });

  test('has the rows of two loads at once in one ledger', async () => {
    const [folder, database] = [await makeFolder(), await server.createDatabase()];
    const uri = `ducklake:${connectionTo(database)} password='${quoted}'?data_path=data`;
    const {destination, publish} = makeLake(folder, extensions, uri);
    await publish([await makeLoad(folder, people(1))], {loadId: 'load0'});
    const loads = await Promise.all(
      ['a', 'b'].map(async name => makeLoad(folder, people(1), {table: makeTable({name})})),
    );
    const published = await Promise.all(
      loads.map(async (load, i) =>
        publishNoted(
          destination,
          [load],
          publishOptions(folder, {loadId: `load${i + 1}`, workDir: join(folder, `work${i}`)}),
        ),
      ),
    );
    expect(published.flat().map(({error, warnings}) => [error, warnings])).toEqual(loads.map(() => [undefined, []]));
    const catalog = `ducklake:${connectionTo(database)} password='${quoted}'`;
    const [rows] = await queryLake(catalog, extensions, 'SELECT load_id, table_name FROM _docebo_loads ORDER BY ALL');
    expect(rows).toEqual([
      ['load1', 'a'],
      ['load2', 'b'],
    ]);
  });

  test('that cannot be used says what to do, without a secret', async () => {
    const [folder, database] = [await makeFolder(), await server.createDatabase()];
    await server.query('postgres', `CREATE ROLE guest LOGIN PASSWORD 'guest-password'`);
    onTestFinished(async () => void (await server.query('postgres', 'DROP ROLE guest')));
    const check = async (words: string, more: Record<string, string> = {}) =>
      openDestination(`ducklake:postgres:host=127.0.0.1 port=${server.port} ${words}`, {
        cwd: folder,
        env: {...extensions, ...more},
        lockTimeoutMs: 300,
      }).check([users]);
    const lake = await server.createDatabase();
    const lakeUri = `ducklake:${connectionTo(lake)} password='${quoted}'?data_path=data`;
    const elsewhere = await makeFolder();
    await makeLake(elsewhere, extensions, lakeUri).publish([await makeLoad(elsewhere, people(1))]);
    await server.query(
      lake,
      'GRANT ALL ON SCHEMA public TO guest; GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO guest',
    );
    onTestFinished(async () => void (await server.query(lake, 'DROP OWNED BY guest')));
    await server.query(
      lake,
      `CREATE ROLE reader LOGIN PASSWORD 'guest-password' SUPERUSER; ALTER ROLE reader SET default_transaction_read_only = on`,
    );
    onTestFinished(async () => void (await server.query('postgres', 'DROP ROLE reader')));
    const password = {DOCEBO_DEST_PASSWORD: superuser.password};
    const failures: readonly (readonly [() => Promise<unknown>, RegExp, RegExp])[] = [
      [
        () => check(`dbname=${database} user=docebo password=wrong-password?data_path=x`),
        /password authentication failed for user "docebo"/,
        /DOCEBO_DEST_PASSWORD/,
      ],
      [
        () => check('dbname=missing user=docebo?data_path=x', password),
        /"missing" does not exist/,
        /Create the database/,
      ],
      [
        () => check('host=no-such-host.invalid dbname=x user=docebo sslmode=disable?data_path=x', password),
        /no-such-host\.invalid/,
        /name of the host/,
      ],
      [
        () => check(`dbname=${database} user=guest?data_path=x`, {DOCEBO_DEST_PASSWORD: 'guest-password'}),
        /guest may create nothing in the schema public/,
        /GRANT CREATE ON SCHEMA public TO "guest"/,
      ],
      [
        () => check(`dbname=${lake} user=guest`, {DOCEBO_DEST_PASSWORD: 'guest-password'}),
        /guest may not read and write all of its own tables/,
        /GRANT ALL ON ALL TABLES IN SCHEMA public TO "guest"/,
      ],
      [
        () => check(`dbname=${lake} user=reader`, {DOCEBO_DEST_PASSWORD: 'guest-password'}),
        /it takes no changes/,
        /Name the primary server/,
      ],
      [() => check(`dbname=${database} user=docebo`, password), /nothing says where its rows go/, /\?data_path=/],
    ];
    for (const [attempt, message, hint] of failures) {
      const error = await attempt().then(
        () => expect.fail('It did not fail'),
        (thrown: IngestError) => thrown,
      );
      expect(error).toMatchObject({name: 'DestinationError', exitCode: 6});
      expect(error.message).toMatch(message);
      expect(error.hint).toMatch(hint);
      for (const secret of ['wrong-password', 'guest-password', superuser.password])
        expect(`${error.message} ${error.hint}`).not.toContain(secret);
    }
    expect(await readdir(join(folder))).toEqual([]);
  });
});
