import {mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {writeSourceUri} from '../../src/cli/commands/source-uri.js';
import {type Emulator, startEmulator} from '../../src/emulator/index.js';
import {findObstacle, superuser, useServer} from '../helpers/postgres.js';
import {runCli} from './run-cli.js';

describe.skipIf(findObstacle() !== undefined)('the command, with Postgres as the destination', () => {
  const server = useServer();
  let folder: string;
  let emulator: Emulator;
  let database: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'docebo-cli-postgres-'));
    emulator = await startEmulator({users: 30});
    database = await server.createDatabase();
  });

  afterEach(async () => {
    await emulator.close();
    await rm(folder, {recursive: true});
  });

  const run = async (args: readonly string[], env: Record<string, string> = {}) =>
    runCli([...args, '--state-dir', join(folder, 'state')], env, folder);
  const source = () => ['--source-uri', writeSourceUri(emulator)];
  const users = ['--source-table', 'users,branches', '--dest-table', 'docebo'];

  test('loads tables, lists the run, and loads it again, without a password on disk or in what is printed', async () => {
    const uri = server.uriOf(database);
    const ingested = await run(['ingest', ...source(), ...users, '--dest-uri', uri, '--json', '--debug']);
    expect(ingested.exitCode).toBe(0);
    const told = JSON.parse(ingested.stdout);
    expect(told.destination).toBe(`postgres://docebo@127.0.0.1:${server.port}/${database}`);
    expect(told.tables[0]).toMatchObject({table: 'users', destination: 'docebo.users', status: 'published', rows: 30});
    expect(await server.query(database, 'SELECT count(*) FROM docebo.users')).toEqual([['30']]);
    const listed = await run(['runs']);
    expect(listed.stdout).toContain(`into ${told.destination}`);
    await server.query(database, 'DELETE FROM docebo.users WHERE user_id > 5');
    const env = {DOCEBO_DEST_PASSWORD: superuser.password};
    const loaded = await run(['load', 'last', '--json'], env);
    expect(loaded).toMatchObject({exitCode: 0});
    expect(await server.query(database, 'SELECT count(*) FROM docebo.users')).toEqual([['30']]);
    const refused = await run(['load', 'last']);
    expect(refused).toMatchObject({
      exitCode: 6,
      stderr: expect.stringContaining('the server wants a password, and none was given. Put it into'),
    });
    const checked = await run(['check', ...source(), ...users, '--dest-uri', uri]);
    expect(checked.exitCode).toBe(0);
    const texts = [ingested, listed, loaded, refused, checked].flatMap(({stdout, stderr}) => [stdout, stderr]);
    for (const name of await readdir(folder, {recursive: true})) {
      texts.push(await readFile(join(folder, name), 'utf8').catch(() => ''));
    }
    expect(texts.length).toBeGreaterThan(12);
    for (const secret of [superuser.password, encodeURIComponent(superuser.password)]) {
      expect(texts.filter(text => text.includes(secret))).toEqual([]);
    }
  });

  test('takes the password from a file, and the place from variables of Postgres', async () => {
    const secret = join(folder, 'secret');
    await writeFile(secret, `${superuser.password}\n`);
    const env = {
      ...{PGHOST: '127.0.0.1', PGPORT: String(server.port), PGUSER: superuser.user, PGDATABASE: database},
      ...{DOCEBO_DEST_PASSWORD_FILE: secret, DOCEBO_INGEST_DEST_URI: 'postgresql://'},
    };
    expect(await run(['ingest', ...source(), ...users], env)).toMatchObject({exitCode: 0});
    const system = ['--source-table', 'users', '--dest-table', 'pg_toast.users'];
    const checked = await run(['check', ...source(), ...system], env);
    expect(checked).toMatchObject({exitCode: 6, stderr: expect.stringContaining("pg_toast, which is Postgres's own")});
  });

  test.each([
    [['ingest', 'URI', '--source-table', 'users'], 2, 'Unknown argument: postgres://docebo:***@'],
    [['URI'], 2, 'Unknown command: postgres://docebo:***@'],
    [['ingest', '--dest-uri', 'URI?sslmode=prefer', '--source-table', 'users'], 2, 'sslmode=prefer may leave'],
    [['ingest', '--dest-uri', 'URI?sslmod=disable', '--source-table', 'users'], 2, 'option "sslmod" that is not known'],
    [['ingest', '--dest-uri', 'URI', '--source-table', 'users', '--publish', 'URI'], 2, '--publish takes'],
    [['ingest', '--dest-uri', 'xURI', '--source-table', 'users'], 2, 'looks like a source URI'],
  ])('refuses %j with code %i, without the password', async (words, exitCode, message) => {
    const uri = `postgres://docebo:p%40ss-w0rd-of-mine@127.0.0.1:${server.port}/${database}`;
    const done = await run([...words.map(word => word.replace('URI', uri)), ...source()]);
    expect(done).toMatchObject({exitCode, stderr: expect.stringContaining(message)});
    expect(done.stderr).not.toMatch(/w0rd/);
  });
});
