import {rm} from 'node:fs/promises';
import pg from 'pg';
import {describe, expect, test} from 'vitest';
import type {PublishOptions} from '../../../src/destination/destination.js';
import {openDestination} from '../../../src/destination/open.js';
import {digestRows} from '../../../src/destination/postgres/unchanged.js';
import {withDuckdb} from '../../../src/engine/duckdb.js';
import {sql} from '../../../src/engine/sql.js';
import type {RunEvent} from '../../../src/report.js';
import {integer, json, text} from '../../../src/table.js';
import {makeFolder, makeLoad, makeTable, publishOptions} from '../../engine/spool.js';
import {findObstacle, superuser, useServer} from '../../helpers/postgres.js';
import {makePlace} from './publishing.js';

const columns = {user_id: integer('Key.'), name: text('Name.'), extra: json('More.')};
const table = makeTable({columns});
const people = [
  {user_id: 1, name: 'Ada', extra: {b: 1, a: [1.5, null]}},
  {user_id: 2, name: 'nul\0', extra: null},
  {user_id: 3, name: null, extra: 'x'},
];
const truth = [
  ['1', 'Ada', {b: 1, a: [1.5, null]}],
  ['2', 'nul\ufffd', null],
  ['3', null, 'x'],
];

describe.skipIf(findObstacle() !== undefined)('a table whose rows came before', () => {
  const server = useServer();

  /** A place that holds the people, since its table was made with them, and how to send some to it once more. */
  async function publishTwice() {
    const place = await makePlace(server);
    let loads = 0;
    const publish = async (records: readonly unknown[], options: Partial<PublishOptions> = {}) => {
      const told: string[] = [];
      const onEvent = (event: RunEvent) => void (event.type === 'debug' && told.push(event.message));
      const readAt = `2025-07-23T16:37:${30 + loads}.000Z`;
      const load = await makeLoad(place.folder, records, {table, readAt});
      const [users] = await place.publish([load], {loadMetadata: true, loadId: `load${++loads}`, onEvent, ...options});
      expect(users?.error).toBeUndefined();
      expect(users?.rows).toBe(records.length);
      return {isSent: !told.some(message => message.includes('none was sent')), users};
    };
    const rows = () => place.query('SELECT user_id, name, extra FROM users ORDER BY user_id');
    const versions = () => place.query('SELECT user_id, xmin::text, ctid::text FROM users ORDER BY user_id');
    expect(await publish(people)).toMatchObject({isSent: true, users: {mendedTexts: {name: 1}}});
    expect(await publish(people)).toMatchObject({isSent: false, users: {mendedTexts: {name: 1}}});
    expect(await rows()).toEqual(truth);
    return {...place, publish, rows, versions};
  }

  test('is not sent again, in whatever order, night after night, and says when it was read', async () => {
    const {publish, rows, versions, query} = await publishTwice();
    const before = await versions();
    expect(await publish(people)).toMatchObject({isSent: false, users: {mendedTexts: {name: 1}}});
    expect(await publish([...people].reverse())).toMatchObject({isSent: false});
    expect(await versions()).toEqual(before);
    expect(await rows()).toEqual(truth);
    const [comment] = await query(`SELECT col_description('users'::regclass, 4)`);
    expect(comment?.[0]).toMatch(/Complete as of 2025-07-23T16:37:33.000Z, load load4\.$/);
    expect(await publish(people.slice(0, 2))).toMatchObject({isSent: true});
    expect(await rows()).toEqual(truth.slice(0, 2));
    expect(await publish(people.slice(0, 2))).toMatchObject({isSent: true});
    expect(await publish(people.slice(0, 2))).toMatchObject({isSent: false});
  });

  test.each([
    ['with a value changed', [`UPDATE users SET name = 'Eve' WHERE user_id = 1`]],
    ['with a row gone', ['DELETE FROM users WHERE user_id = 1']],
    ['with a row for another', [`DELETE FROM users WHERE user_id = 1`, `INSERT INTO users VALUES (4, 'Ada')`]],
    ['emptied', ['TRUNCATE users']],
    ['whose column is a new one', ['ALTER TABLE users DROP COLUMN name', 'ALTER TABLE users ADD COLUMN name text']],
    ['whose columns have changed names', ['ALTER TABLE users RENAME name TO x', 'ALTER TABLE users ADD name text']],
    ['of another type', ['ALTER TABLE users ALTER extra TYPE text']],
    [
      'made anew',
      ['CREATE TABLE copy (LIKE users INCLUDING ALL)', 'DROP TABLE users', 'ALTER TABLE copy RENAME TO users'],
    ],
    ['without its key', ['ALTER TABLE users DROP CONSTRAINT users_pkey']],
    ['that says nothing of the last load', [`COMMENT ON COLUMN users._docebo_load_id IS 'Mine.'`]],
    ['gone', ['DROP TABLE users']],
  ])('is compared, and mended, if somebody has left it %s', async (_, statements) => {
    const {publish, rows, query} = await publishTwice();
    for (const statement of statements) await query(statement);
    const {isSent} = await publish(people);
    expect(isSent).toBe(true);
    expect(await rows()).toEqual(truth);
    const key = `SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'users'::regclass AND contype = 'p'`;
    expect(await query(key)).toEqual([['PRIMARY KEY (user_id)']]);
  });

  test.each<[string, unknown[]]>([
    ['a NULL that is an empty text', people.map(person => ({...person, name: person.name ?? ''}))],
    [
      'a text that is written as the JSON was',
      people.map(person => ({...person, extra: JSON.stringify(person.extra)})),
    ],
    ['two values that have changed places', people.map((person, i) => ({...person, name: people[(i + 1) % 3]?.name}))],
  ])('is sent for %s', async (_, records) => {
    const {publish} = await publishTwice();
    expect(await publish(records)).toMatchObject({isSent: true});
  });

  test('is sent if another state folder, or none, knows what came before', async () => {
    const {publish, folder, rows, query} = await publishTwice();
    const other = {readingsDir: `${folder}/other`};
    const changed = people.map(person => ({...person, name: 'changed'}));
    expect(await publish(changed, other)).toMatchObject({isSent: true});
    expect(await publish(changed, other)).toMatchObject({isSent: true});
    expect(await publish(changed, other)).toMatchObject({isSent: false});
    // What the first folder knows of is no more there.
    expect(await publish(people)).toMatchObject({isSent: true});
    expect(await rows()).toEqual(truth);
    await rm(publishOptions(folder).readingsDir, {recursive: true});
    expect(await publish(people)).toMatchObject({isSent: true});
    expect(await query('SELECT count(*) FROM users')).toEqual([['3']]);
  });

  test.each([
    [
      'a trigger wrote another value than was sent',
      `CREATE TRIGGER mine BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION shout()`,
      'DROP TRIGGER mine ON users',
    ],
    [
      'a trigger let no row be changed',
      `CREATE TRIGGER mine BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION keep()`,
      'DROP TRIGGER mine ON users',
    ],
    [
      'a trigger changed the table once it was written',
      `CREATE TRIGGER mine AFTER INSERT ON users EXECUTE FUNCTION rename()`,
      'DROP TRIGGER mine ON users',
    ],
    [
      'a rule let no row be changed',
      'CREATE RULE mine AS ON UPDATE TO users DO INSTEAD NOTHING',
      'DROP RULE mine ON users',
    ],
  ])('is compared, and mended, after %s', async (_, statement, end) => {
    const {publish, rows, query} = await publishTwice();
    await query(
      `CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name = upper(NEW.name); RETURN NEW; END $$`,
      `CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$`,
      `CREATE FUNCTION rename() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE users SET name = 'Eve'; RETURN NULL; END $$`,
      statement,
    );
    const changed = people.map(person => ({...person, name: 'changed'}));
    await publish(changed);
    await query(end);
    expect(await publish(changed)).toMatchObject({isSent: true});
    expect((await rows()).map(([, name]) => name)).toEqual(['changed', 'changed', 'changed']);
  });

  test('is compared, and mended, where a trigger was given to it as it was made', async () => {
    const {folder, publish, query} = await makePlace(server);
    await query(
      `CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name = upper(NEW.name); RETURN NEW; END $$`,
      `CREATE FUNCTION give() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
        IF to_regclass('users') IS NOT NULL AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'mine') THEN
          CREATE TRIGGER mine BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION shout();
        END IF; END $$`,
      `CREATE EVENT TRIGGER gives ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION give()`,
    );
    const names = [];
    for (const statement of ['SELECT 1', 'DROP TRIGGER mine ON users']) {
      await query(statement);
      await publish([await makeLoad(folder, people.slice(0, 1), {table})]);
      names.push((await query('SELECT name FROM users'))[0]?.[0]);
    }
    expect(names).toEqual(['ADA', 'Ada']);
  });

  test('is sent if it has partitions, whose columns may become others while they are detached', async () => {
    const {publish, rows, query} = await publishTwice();
    await query(
      'ALTER TABLE users RENAME TO plain',
      'CREATE TABLE users (LIKE plain INCLUDING ALL) PARTITION BY LIST (user_id)',
      'CREATE TABLE users_1 PARTITION OF users FOR VALUES IN (1)',
      'CREATE TABLE users_others PARTITION OF users DEFAULT',
      'INSERT INTO users SELECT * FROM plain',
    );
    for (let night = 0; night < 2; night++) expect(await publish(people)).toMatchObject({isSent: true});
    await query(
      'ALTER TABLE users DETACH PARTITION users_1',
      'ALTER TABLE users_1 DROP COLUMN name',
      `ALTER TABLE users_1 ADD COLUMN name text DEFAULT 'Eve'`,
      'ALTER TABLE users ATTACH PARTITION users_1 FOR VALUES IN (1)',
    );
    expect(await publish(people)).toMatchObject({isSent: true});
    expect(await rows()).toEqual(truth);
  });

  test('is sent if each load sets off a trigger, even one that changes no row', async () => {
    const {publish, query} = await publishTwice();
    await query(
      'CREATE TABLE nights (at timestamptz)',
      `CREATE FUNCTION count_night() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO nights VALUES (now()); RETURN NULL; END $$`,
      'CREATE TRIGGER mine AFTER INSERT ON users EXECUTE FUNCTION count_night()',
    );
    for (let night = 0; night < 2; night++) expect(await publish(people)).toMatchObject({isSent: true});
    expect(await query('SELECT count(*) FROM nights')).toEqual([['2']]);
    await query('DROP TRIGGER mine ON users');
    await publish(people);
    expect(await publish(people)).toMatchObject({isSent: false});
  });

  test('is sent once for columns whose values go', async () => {
    const {publish, query} = await publishTwice();
    expect(await publish(people, {loadMetadata: false})).toMatchObject({isSent: true});
    expect(await query('SELECT count(_docebo_load_id), count(_docebo_extracted_at) FROM users')).toEqual([['0', '0']]);
  });

  test('is left as it is where somebody changes it while it is compared, and said to be', async () => {
    const {folder, uri, database, publish, rows} = await publishTwice();
    const other = new pg.Client({host: '127.0.0.1', port: server.port, database, ...superuser});
    await other.connect();
    try {
      await other.query(`BEGIN; UPDATE users SET name = 'Eve' WHERE user_id = 1`);
      const onEvent = ({type}: RunEvent) => void (type === 'waiting' && other.query('COMMIT'));
      const destination = openDestination(uri, {env: {}, lockTimeoutMs: 20_000});
      const loads = [
        await makeLoad(folder, people, {table}),
        await makeLoad(folder, [{user_id: 9}], {name: 'fine', table: makeTable({name: 'fine'})}),
      ];
      const options = {loadMetadata: true, loadId: 'load9', onEvent, allowOlder: true};
      const [users, fine] = await destination.publish(loads, publishOptions(folder, options));
      expect(users?.error?.message).toBe('public.users was changed by somebody else while it was compared');
      expect(fine).toMatchObject({rows: 1});
      expect(fine?.error).toBeUndefined();
    } finally {
      await other.end();
    }
    expect((await rows())[0]).toEqual(['1', 'Eve', truth[0]?.[2]]);
    await publish(people);
    expect(await rows()).toEqual(truth);
  });
});

test('rows of long texts are digested in little memory, and told apart by their ends', async () => {
  const folder = await makeFolder();
  const digestOf = async (end: string) =>
    withDuckdb(':memory:', {workDir: folder, lockTimeoutMs: 0}, async connection => {
      await connection.run(`SET max_temp_directory_size = '0 KB'; SET memory_limit = '300 MB'`);
      await connection.run(
        `CREATE VIEW staged AS SELECT i AS user_id, repeat('x', 100000) || '${end}' AS name FROM range(2100) range(i)`,
      );
      const columns = [
        {name: 'user_id', type: 'BIGINT'},
        {name: 'name', type: 'VARCHAR'},
      ];
      return digestRows(connection, sql`staged`, columns, []);
    });
  expect(await digestOf('a')).toBe(await digestOf('a'));
  expect(await digestOf('b')).not.toBe(await digestOf('a'));
});
