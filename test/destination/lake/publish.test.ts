import {once} from 'node:events';
import {readdirSync, statSync} from 'node:fs';
import {readdir, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {DuckDBInstance} from '@duckdb/node-api';
import {describe, expect, test} from 'vitest';
import {openDestination} from '../../../src/destination/open.js';
import {makeExportTable} from '../../../src/export-table.js';
import {boolean, date, double, integer, json, text, timestamp} from '../../../src/table.js';
import {landRecords, makeFolder, makeLoad, makeTable} from '../../engine/spool.js';
import {extensions, findObstacle} from '../../helpers/extensions.js';
import {holdFile} from '../publisher.js';
import {makeLake, snapshots} from './publishing.js';

/** More than DuckLake keeps in its catalog instead of in files. */
const people = (count: number, prefix = 'Name') =>
  Array.from({length: count}, (_, i) => ({user_id: i + 1, name: `${prefix} ${i + 1}`}));

const listRows = (folder: string) =>
  readdirSync(join(folder, 'data'), {recursive: true, encoding: 'utf8'}).filter(name => name.endsWith('.parquet'));

const later = {readAt: '2025-07-24T00:00:00.000Z'};

describe.skipIf(findObstacle() !== undefined)('a DuckLake whose catalog is a file', () => {
  test('gets one snapshot a load, in which only the rows that differ are written', async () => {
    const folder = await makeFolder();
    const {destination, publish, query} = makeLake(folder, extensions);
    expect(await destination.check([{schema: 'docebo', name: 'users'}])).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
    const others = makeTable({name: 'Odd "name"; --', columns: {user_id: integer('Id.')}});
    const load = async (records: readonly unknown[], spool = {}) => [
      await makeLoad(folder, records, {schema: 'docebo', ...spool}),
      await makeLoad(folder, [{user_id: 1}], {table: others, schema: `It's "odd"`}),
    ];
    const [users] = await publish(await load(people(30)), {loadId: 'load1'});
    expect(users).toEqual({
      table: 'users',
      rows: 30,
      invalidDates: {},
      castFailures: {},
      mendedTexts: {},
      warnings: [],
    });
    const files = listRows(folder);
    expect(files).toHaveLength(1);
    for (const [name, mode] of [
      ['data', 0o700],
      ['lake.ducklake', 0o600],
    ] as const)
      expect(statSync(join(folder, name)).mode & 0o777).toBe(mode);
    await publish(await load(people(30), later), {loadId: 'load2'});
    expect(listRows(folder)).toEqual(files);
    const changed = [...people(28), {user_id: 29, name: null}, {user_id: 31, name: 'New'}];
    await publish(await load(changed, later), {loadId: 'load3'});
    const [told, rows, odd, comments] = await query(
      snapshots,
      'SELECT user_id, name, rowid, _docebo_load_id FROM docebo.users WHERE user_id > 27 ORDER BY 1',
      `SELECT count(*) FROM "It's ""odd"""."Odd ""name""; --"`,
      `SELECT comment FROM duckdb_tables() WHERE table_name = 'users'
        UNION ALL SELECT comment FROM duckdb_columns() WHERE table_name = 'users' AND column_name = 'name'`,
    );
    expect(told).toEqual(['load1', 'load2', 'load3'].map(id => [id, 'docebo-ingest']));
    expect(rows).toEqual([
      ['28', 'Name 28', '27', 'load1'],
      ['29', null, '28', 'load3'],
      ['31', 'New', '30', 'load3'],
    ]);
    expect(odd).toEqual([['1']]);
    expect(comments).toEqual([["Everyone's account. Primary key: user_id."], ['What the user is called.']]);
    expect(await destination.findStanding([{schema: 'DOCEBO', name: 'users'}])).toEqual(
      new Set([{schema: 'DOCEBO', name: 'users'}]),
    );
  });

  test('holds values of every kind without loss, as a database does', async () => {
    const folder = await makeFolder();
    const {publish, query} = makeLake(folder, extensions);
    const columns = {
      user_id: integer('Id.'),
      score: double('Score.'),
      active: boolean('Whether.'),
      seen: timestamp('When.'),
      born: date('Day.'),
      more: json('More.'),
      name: text('Name.'),
    };
    const table = makeTable({columns});
    const bare = makeTable({name: 'bare', primaryKey: [], columns});
    const records = [
      '{"user_id":9223372036854775807,"score":5e-324,"active":true,"seen":"2025-07-23T16:37:29.123456Z","born":"0001-01-01"}',
      '{"user_id":-9223372036854775808,"score":0.30000000000000004,"seen":"0001-01-01 00:00:00","born":"9999-12-31","name":""}',
      '{"user_id":3,"more":{"big":12345678901234567890123456789.10,"text":"\\\\\\"","list":[1,null]},"name":"Zoë \\u0000 \'🎓\'"}',
      ...Array.from({length: 20}, (_, i) => `{"user_id":${i + 10}}`),
    ];
    const loads = [await landRecords(folder, table, records), await landRecords(folder, bare, records)];
    await publish(loads);
    await publish(loads, {loadId: 'load2'});
    for (const name of ['users', 'bare']) {
      const [rows, types, written] = await query(
        `SELECT user_id, score, active, seen::VARCHAR, born::VARCHAR, more::VARCHAR, name FROM ${name} ORDER BY coalesce(score, 9), user_id LIMIT 3`,
        `SELECT string_agg(data_type, ', ') FROM duckdb_columns() WHERE table_name = '${name}' AND NOT starts_with(column_name, '_')`,
        `SELECT DISTINCT _docebo_load_id FROM ${name}`,
      );
      expect(rows).toEqual([
        ['9223372036854775807', 5e-324, true, '2025-07-23 16:37:29.123456+00', '0001-01-01', null, null],
        ['-9223372036854775808', 0.30000000000000004, null, '0001-01-01 00:00:00+00', '9999-12-31', null, ''],
        [
          '3',
          null,
          null,
          null,
          null,
          '{"big":12345678901234567890123456789.10,"text":"\\\\\\"","list":[1,null]}',
          "Zoë \0 '🎓'",
        ],
      ]);
      expect(types).toEqual([['BIGINT, DOUBLE, BOOLEAN, TIMESTAMP WITH TIME ZONE, DATE, JSON, VARCHAR']]);
      expect(written).toEqual([['load1']]);
    }
  });

  test('keeps columns of others, gets new ones, widens types, and has another type hold its values', async () => {
    const folder = await makeFolder();
    const {publish, query} = makeLake(folder, extensions);
    const night = async (level: unknown, type: 'integer' | 'number' | 'string', loadId: string) => {
      const load = await makeLoad(folder, [{...people(1)[0], level}], {undeclared: {level: [type]}, ...later});
      const [users] = await publish([load], {loadId});
      return [users?.error, ...(users?.warnings ?? [])];
    };
    expect(await night(7, 'integer', 'load1')).toEqual([undefined]);
    await query(
      'ALTER TABLE users ADD COLUMN stars INTEGER',
      'UPDATE users SET stars = 5',
      `COMMENT ON COLUMN users.level IS 'How far.'`,
    );
    expect(await night(7.5, 'number', 'load2')).toEqual([undefined]);
    expect(await night('high', 'string', 'load3')).toEqual([
      undefined,
      'The column level held DOUBLE and now holds text',
    ]);
    const [rows, words] = await query(
      'SELECT user_id, name, stars, level, _docebo_load_id FROM users',
      `SELECT comment FROM duckdb_columns() WHERE column_name = 'level'`,
    );
    expect(rows).toEqual([['1', 'Name 1', 5, 'high', 'load3']]);
    expect(words).toEqual([['How far.']]);
  });

  test('has the rows of a report compared as a whole, copies included', async () => {
    const folder = await makeFolder();
    const {publish, query} = makeLake(folder, extensions);
    const table = makeExportTable({id: 'r1', name: 'Certificates'}, 'certificates');
    const load = async (...rows: readonly (readonly [string | null, string | null])[]) =>
      makeLoad(
        folder,
        rows.map(([Name, Points]) => ({Name, Points})),
        {table, undeclared: {Name: ['string'], Points: ['string']}, ...later},
      );
    await publish([await load(['Ada', '1'], ['Ada', '1'], ['Bob', '2'], ['Bob', null], ['Eve', '3'])]);
    const second = await load(['Bob', null], ['Ada', '1'], ['Bob', '2'], ['Bob', '2'], ['Eve', '4']);
    await publish([second], {loadId: 'load2'});
    const [rows] = await query('SELECT name, points::VARCHAR, _docebo_load_id FROM certificates ORDER BY ALL');
    expect(rows).toEqual([
      ['Ada', '1', 'load1'],
      ['Bob', '2', 'load1'],
      ['Bob', '2', 'load2'],
      ['Bob', null, 'load1'],
      ['Eve', '4', 'load2'],
    ]);
  });

  test('keeps a table that is refused as it was, and the others with it if all or nothing was asked for', async () => {
    const folder = await makeFolder();
    const {publish, query} = makeLake(folder, extensions);
    const named = async (name: string, records: readonly unknown[], readAt = later.readAt) =>
      makeLoad(folder, records, {table: makeTable({name}), readAt});
    await publish([await named('users', people(20)), await named('groups', people(20))], {loadId: 'load1'});
    await query('CREATE VIEW courses AS SELECT 1 AS user_id', 'INSERT INTO groups (user_id) VALUES (5)');
    const second = [
      await named('users', people(9)),
      await named('groups', people(20)),
      await named('courses', people(1)),
      await named('fine', people(3)),
    ];
    const errors = async (options: object) => (await publish(second, options)).map(({error}) => error?.message ?? null);
    const refused = [
      expect.stringMatching(/^users: 9 rows came, and the earlier table has 20/),
      'main.groups: 20 rows were proved, but 21 would be there',
      'main.courses is a view or something else that is no table, so it was not written to',
    ];
    expect(await errors({loadId: 'load2', maxShrinkPercent: 50, allOrNothing: true})).toEqual([
      ...refused.slice(0, 1),
      'groups is complete, but was held back by users, courses',
      ...refused.slice(2),
      'fine is complete, but was held back by users, courses',
    ]);
    expect(await errors({loadId: 'load3', maxShrinkPercent: 50})).toEqual([...refused, null]);
    const [older] = await publish([await named('users', people(20), '2025-07-23T00:00:00.000Z')], {loadId: 'load0'});
    expect(older?.error?.message).toMatch(/^users: the earlier table was read at 2025-07-24T00:00:00Z \(load load1\)/);
    const [told, counts] = await query(
      `${snapshots} DESC LIMIT 1`,
      'SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM groups), (SELECT count(*) FROM fine)',
    );
    expect(told).toEqual([['load3', 'docebo-ingest']]);
    expect(counts).toEqual([['20', '21', '3']]);
  });

  test('is waited for while another process holds it, and left as it was when the time is up', async () => {
    const folder = await makeFolder();
    const {destination, publish, query} = makeLake(folder, extensions);
    await publish([await makeLoad(folder, people(3))]);
    const holder = await holdFile(join(folder, 'lake.ducklake'));
    const events: string[] = [];
    expect(await destination.check([{schema: null, name: 'users'}])).toEqual([]);
    const load = await makeLoad(folder, people(4), later);
    await expect(publish([load], {onEvent: ({type}) => void events.push(type)})).rejects.toMatchObject({
      name: 'DestinationError',
      message: expect.stringMatching(/lake\.ducklake is held by another process \(PID \d+\); waited/),
    });
    expect(events).toContain('waiting');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await query(snapshots)).toEqual([[['load1', 'docebo-ingest']]]);
  });

  test('that cannot be used says so before anything is read, and leaves nothing behind', async () => {
    const folder = await makeFolder();
    const env = extensions;
    (await DuckDBInstance.create(join(folder, 'plain.duckdb'))).closeSync();
    await writeFile(join(folder, 'text'), 'This is no database, whatever its name.');
    const {publish, query} = makeLake(folder, env);
    await publish([await makeLoad(folder, people(20))]);
    const check = async (uri: string, more: Record<string, string> = {}) =>
      openDestination(uri, {cwd: folder, env: {...env, ...more}}).check([{schema: null, name: 'users'}]);
    expect(await check('ducklake:plain.duckdb')).toEqual([]);
    const failures: readonly (readonly [() => Promise<unknown>, RegExp, RegExp | null])[] = [
      [() => check('ducklake:text'), /text exists, but it is not a DuckDB file/, /Name another file/],
      [() => check('ducklake:new?data_path=text/rows'), /text is not a folder/, null],
      [() => check('ducklake:text/new'), /text is not a folder/, null],
      [
        () => check('ducklake:lake.ducklake?data_path=elsewhere'),
        /does not match existing data path in the catalog/,
        /leave data_path out of the URI/,
      ],
      [
        () => check('ducklake:new', {DOCEBO_DUCKDB_EXTENSIONS: join(folder, 'text')}),
        /DuckDB's extension ducklake cannot be loaded/,
        /v1\.5\.5\/\w+\/ducklake\.duckdb_extension of a folder, and name that folder in DOCEBO_DUCKDB_EXTENSIONS/,
      ],
      [
        () => check('md:analytics'),
        /MotherDuck cannot be opened: no token was given/,
        /set motherduck_token, DOCEBO_DEST_PASSWORD/,
      ],
    ];
    for (const [attempt, message, hint] of failures) {
      await expect(attempt()).rejects.toMatchObject({
        name: 'DestinationError',
        exitCode: 6,
        message: expect.stringMatching(message),
        ...(hint !== null && {hint: expect.stringMatching(hint)}),
      });
    }
    await rm(join(folder, 'data'), {recursive: true});
    await writeFile(join(folder, 'data'), 'in the way');
    await expect(check('ducklake:lake.ducklake')).rejects.toThrow(/data is not a folder/);
    const load = await makeLoad(folder, people(40), later);
    await expect(
      makeLake(folder, env, 'ducklake:lake.ducklake').publish([load], {loadId: 'load2'}),
    ).rejects.toMatchObject({
      name: 'DestinationError',
      hint: expect.stringContaining('Check that this user may write to the data path.'),
    });
    expect(await query(snapshots)).toEqual([[['load1', 'docebo-ingest']]]);
    const [refused] = await makeLake(folder, env, 'ducklake:new').publish([
      await makeLoad(folder, [{user_id: null, name: 'x'}]),
    ]);
    expect(refused?.error?.name).toBe('IncompleteError');
    expect((await readdir(folder)).filter(name => /^new|^elsewhere/.test(name))).toEqual([]);
  });
});
