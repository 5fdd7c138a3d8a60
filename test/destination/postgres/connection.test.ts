import {once} from 'node:events';
import {writeFile} from 'node:fs/promises';
import {connect, createServer, type Socket} from 'node:net';
import {fileURLToPath} from 'node:url';
import pg from 'pg';
import {describe, expect, onTestFinished, test} from 'vitest';
import type {Target} from '../../../src/destination/destination.js';
import {openDestination} from '../../../src/destination/open.js';
import type {IngestError} from '../../../src/errors.js';
import type {RunEvent} from '../../../src/report.js';
import {makeFolder, makeLoad, publishOptions} from '../../engine/spool.js';
import {findObstacle, superuser, useServer} from '../../helpers/postgres.js';
import {makePlace} from './publishing.js';

const ada = {user_id: 1, name: 'Ada'};
const bob = {user_id: 2, name: 'Bob'};
const users = {schema: null, name: 'users'};

async function failureOf(promise: Promise<unknown>): Promise<IngestError> {
  return promise.then(
    () => expect.fail('It did not fail'),
    (error: IngestError) => error,
  );
}

describe.skipIf(findObstacle() !== undefined)('a connection to Postgres', () => {
  const server = useServer();

  const check = async (uri: string, targets: readonly Target[] = [users], env: Record<string, string> = {}) =>
    openDestination(uri, {env, lockTimeoutMs: 300}).check(targets);

  test('that fails says what to do, without a secret', async () => {
    const database = await server.createDatabase();
    await server.query('postgres', `CREATE ROLE guest LOGIN PASSWORD 'guest-password'`);
    onTestFinished(async () => void (await server.query('postgres', 'DROP ROLE guest')));
    await server.query(database, 'CREATE TABLE users (user_id bigint)', 'CREATE TABLE seen (x int)');
    const guest = server.uriOf(database, 'guest', 'guest-password');
    const failures: readonly (readonly [() => Promise<unknown>, RegExp, RegExp])[] = [
      [
        () => check(server.uriOf(database, 'docebo', 'wrong-password')),
        /password authentication failed for user "docebo"/,
        /DOCEBO_DEST_PASSWORD/,
      ],
      [
        () => check(server.uriOf(database, 'docebo', '')),
        /the server wants a password, and none was given/,
        /DOCEBO_DEST_PASSWORD_FILE/,
      ],
      [() => check(server.uriOf('missing')), /database "missing" does not exist/, /Create the database first/],
      [() => check(server.uriOf(database, undefined, undefined, 1)), /ECONNREFUSED/, /Postgres is running/],
      [
        () => check('postgres://ada@no-such-host.invalid/db?sslmode=disable'),
        /no-such-host\.invalid/,
        /name of the host/,
      ],
      [() => check(`${server.uriOf(database)}?sslmode=require`), /the server offers no TLS/, /sslmode=disable/],
      [
        () => check(guest, [{schema: 'new', name: 'users'}]),
        /no schema new, and guest may create none/,
        /CREATE SCHEMA "new" AUTHORIZATION "guest"/,
      ],
      [
        () => check(guest, [{schema: 'public', name: 'new'}]),
        /guest may create no table in the schema public/,
        /GRANT USAGE, CREATE/,
      ],
      [() => check(guest), /public\.users belongs to another user than guest/, /another name/],
    ];
    for (const [attempt, message, hint] of failures) {
      const error = await failureOf(attempt());
      expect(error).toMatchObject({name: 'DestinationError', exitCode: 6});
      expect(error.message).toMatch(/^The database \S+ at \S+ (could not be opened|cannot be used): /);
      expect(error.message).toMatch(message);
      expect(error.hint).toMatch(hint);
      for (const secret of ['wrong-password', 'guest-password', superuser.password]) {
        expect(`${error.message} ${error.hint}`).not.toContain(secret);
      }
    }
    await server.query(database, `ALTER ROLE docebo IN DATABASE ${database} SET default_transaction_read_only = on`);
    const error = await failureOf(check(server.uriOf(database)));
    expect(error.message).toMatch(/cannot be used: it takes no changes, as a standby/);
  });

  test('takes its password from the environment, or from a file', async () => {
    const database = await server.createDatabase();
    const uri = server.uriOf(database, 'docebo', '');
    const file = `${await makeFolder()}/secret`;
    await writeFile(file, `${superuser.password}\n`);
    for (const env of [
      {PGPASSWORD: superuser.password},
      {DOCEBO_DEST_PASSWORD: superuser.password, PGPASSWORD: 'wrong-password'},
      {DOCEBO_DEST_PASSWORD_FILE: file},
    ]) {
      expect(await check(uri, [users], env)).toEqual([]);
    }
    const error = await failureOf(check(uri, [users], {DOCEBO_DEST_PASSWORD_FILE: '/no/such/file'}));
    expect(error).toMatchObject({name: 'UsageError', message: expect.not.stringContaining('/no/such')});
  });

  test('by TLS verifies the certificate, by the authority that is named', async () => {
    const database = await server.createDatabase();
    const certificates = fileURLToPath(new URL('../../helpers/certificates/', import.meta.url));
    await server.offerTls(`${certificates}valid.pem`);
    const uri = `${server.uriOf(database)}?sslmode=`;
    const trusted = `&sslrootcert=${encodeURIComponent(`${certificates}authority.pem`)}`;
    for (const mode of ['require', 'verify-ca', 'verify-full']) {
      const error = await failureOf(check(`${uri}${mode}`));
      expect(error).toMatchObject({exitCode: 6, hint: expect.stringContaining('sslrootcert')});
      expect(await check(`${uri}${mode}${trusted}`)).toEqual([]);
    }
    await server.offerTls(`${certificates}other-host.pem`);
    const other = await failureOf(check(`${uri}require${trusted}`));
    expect(other).toMatchObject({exitCode: 6, hint: 'Name the host as its certificate does.'});
    const missing = await failureOf(check(`${uri}require&sslrootcert=/no/such.pem`));
    expect(missing).toMatchObject({exitCode: 2, message: 'The certificates in /no/such.pem cannot be read'});
  });

  test('waits for a lock that another session holds, as long as it may, and says so', async () => {
    const {folder, database, uri, publish} = await makePlace(server);
    await publish([await makeLoad(folder, [ada])]);
    const other = new pg.Client({host: '127.0.0.1', port: server.port, database, ...superuser});
    await other.connect();
    onTestFinished(async () => other.end());
    await other.query('BEGIN');
    await other.query('LOCK TABLE users IN ROW EXCLUSIVE MODE');
    const events: RunEvent[] = [];
    const onEvent = (event: RunEvent) => void events.push(event);
    const load = await makeLoad(folder, [bob]);
    const error = await failureOf(publish([load], {onEvent}));
    expect(error).toMatchObject({name: 'DestinationError', hint: expect.stringContaining('--lock-timeout')});
    expect(error.message).toMatch(/"public"\."users" is locked by another session; waited/);
    await other.query('ROLLBACK');
    await other.query('BEGIN');
    await other.query('SELECT * FROM users');
    const more = await makeLoad(folder, [{...ada, more: 1}], {undeclared: {more: ['integer']}});
    const held = await failureOf(publish([more]));
    expect(held).toMatchObject({name: 'DestinationError', hint: expect.stringContaining('--lock-timeout')});
    expect(held.message).toMatch(/could not be written: canceling statement due to lock timeout/);
    await other.query('LOCK TABLE users IN ROW EXCLUSIVE MODE');
    const destination = openDestination(uri, {env: {}, lockTimeoutMs: 30_000});
    const waited = new Promise<void>(resolve => {
      const options = publishOptions(folder, {onEvent: event => (event.type === 'waiting' ? resolve() : undefined)});
      void destination
        .publish([load], options)
        .then(published => events.push({type: 'note', message: `${published[0]?.rows}`}));
    });
    await waited;
    await other.query('COMMIT');
    await expect.poll(() => events.at(-1)).toEqual({type: 'note', message: '1'});
    expect(await server.query(database, 'SELECT name FROM users')).toEqual([['Bob']]);
  });

  test('waits for another run that publishes to the same table', async () => {
    const {folder, publish} = await makePlace(server);
    const loads = await Promise.all(
      Array.from({length: 4}, async (_, i) => makeLoad(folder, [{...ada, name: `n${i}`}])),
    );
    const results = await Promise.allSettled(
      loads.map(async (load, i) => publish([load], {loadId: `load${i}`, workDir: `${folder}/work-${i}`})),
    );
    const done = results.filter(({status}) => status === 'fulfilled');
    expect(done.length).toBeGreaterThan(0);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason.message).toMatch(/is being published by another run/);
    }
  });

  /** Stands between a client and the server, and may end a connection when it sees a statement. */
  async function startProxy(onStatement: (text: string, client: Socket, pass: () => void) => void) {
    const sockets = new Set<Socket>();
    const proxy = createServer(client => {
      const upstream = connect(server.port, '127.0.0.1');
      for (const socket of [client, upstream]) {
        sockets.add(socket);
        socket
          .on('error', () => undefined)
          .on('close', () => {
            client.destroy();
            upstream.destroy();
          });
      }
      client.on('data', data => onStatement(data.toString('latin1'), client, () => upstream.write(data)));
      upstream.on('data', data => client.write(data));
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    onTestFinished(() => {
      proxy.close();
      for (const socket of sockets) socket.destroy();
    });
    const address = proxy.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  const isCommit = (text: string) => /COMMIT\0$/.test(text);

  test.each([
    {at: 'the copy', matches: (text: string) => text.includes('COPY'), says: /lost the connection: .*/},
    {at: 'the first change', matches: (text: string) => text.includes('DELETE FROM'), says: /lost the connection: .*/},
    {at: 'the commit, before it arrived', matches: isCommit, says: /lost the connection before it committed: .*/},
  ])('that is lost at $at publishes nothing, and says so', async ({matches, says}) => {
    const {folder, database, publish} = await makePlace(server);
    await publish([await makeLoad(folder, [ada])]);
    const port = await startProxy((text, client, pass) => (matches(text) ? client.destroy() : pass()));
    const destination = openDestination(server.uriOf(database, undefined, undefined, port), {env: {}});
    const error = await failureOf(
      destination.publish([await makeLoad(folder, [bob])], publishOptions(folder, {loadId: 'load2'})),
    );
    expect(error.message).toMatch(says);
    expect(error).toMatchObject({
      exitCode: 6,
      hint: expect.stringMatching(/^Nothing was published, every table is as it was/),
    });
    expect(await server.query(database, 'SELECT name FROM users')).toEqual([['Ada']]);
  });

  test('that is lost after the commit arrived is made again, to ask what became of it', async () => {
    const {folder, database, publish} = await makePlace(server);
    await publish([await makeLoad(folder, [ada])]);
    const port = await startProxy((text, client, pass) => {
      pass();
      if (isCommit(text)) client.destroy();
    });
    const destination = openDestination(server.uriOf(database, undefined, undefined, port), {env: {}});
    const [published] = await destination.publish(
      [await makeLoad(folder, [bob])],
      publishOptions(folder, {loadId: 'load2'}),
    );
    expect(published).toMatchObject({rows: 1, warnings: [expect.stringContaining('broke off at the commit')]});
    expect(await server.query(database, 'SELECT name FROM users')).toEqual([['Bob']]);
  });

  test('that is lost at the commit, and cannot be made again, leaves a way to ask', async () => {
    const {folder, database, publish} = await makePlace(server);
    await publish([await makeLoad(folder, [ada])]);
    let isDead = false;
    const port = await startProxy((text, client, pass) => {
      if (isCommit(text)) {
        pass();
        isDead = true;
      }
      if (isDead) client.destroy();
      else pass();
    });
    const destination = openDestination(server.uriOf(database, undefined, undefined, port), {env: {}});
    const error = await failureOf(
      destination.publish([await makeLoad(folder, [bob])], publishOptions(folder, {loadId: 'load2'})),
    );
    expect(error.message).toMatch(/lost the connection at the commit, and cannot be asked whether it committed/);
    const [, transaction] = /SELECT txid_status\((\d+)\) says which/.exec(error.hint ?? '') ?? [];
    expect(error.hint).toContain(`_docebo_load_id 'load2'`);
    expect(await server.query(database, `SELECT txid_status(${transaction})`)).toEqual([['committed']]);
  });
});
