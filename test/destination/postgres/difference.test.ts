import pg from 'pg';
import {describe, expect, test} from 'vitest';
import {makeExportTable} from '../../../src/export-table.js';
import {integer, text} from '../../../src/table.js';
import {makeLoad, makeTable} from '../../engine/spool.js';
import {findObstacle, superuser, useServer} from '../../helpers/postgres.js';
import {makePlace} from './publishing.js';

const ada = {user_id: 1, name: 'Ada'};
const bob = {user_id: 2, name: 'Bob'};
const eve = {user_id: 3, name: 'Eve'};

describe.skipIf(findObstacle() !== undefined)('a table that is published again', () => {
  const server = useServer();

  /** Publishes records, lets somebody run statements, and publishes others. */
  async function publishTwice(first: readonly unknown[], statements: readonly string[], second: readonly unknown[]) {
    const place = await makePlace(server);
    const options = {loadMetadata: true, maxShrinkPercent: 100};
    await place.publish([await makeLoad(place.folder, first)], {...options, loadId: 'load1'});
    if (statements.length > 0) await place.query(...statements);
    const rowsBefore = await place.query('SELECT user_id, xmin::text, ctid::text FROM users ORDER BY user_id');
    const load = await makeLoad(place.folder, second, {readAt: '2025-07-24T00:00:00.000Z'});
    const [users] = await place.publish([load], {...options, loadId: 'load2'});
    const rowsAfter = await place.query('SELECT user_id, xmin::text, ctid::text FROM users ORDER BY user_id');
    return {...place, users, rowsBefore, rowsAfter};
  }

  test('has only the rows written that differ', async () => {
    const {query, rowsBefore, rowsAfter, users} = await publishTwice(
      [ada, bob, eve],
      [],
      [ada, {...bob, name: 'Rob'}, {user_id: 4, name: null}],
    );
    expect(users).toMatchObject({rows: 3, warnings: []});
    expect(await query('SELECT user_id, name, _docebo_load_id, _docebo_extracted_at FROM users ORDER BY 1')).toEqual([
      ['1', 'Ada', 'load1', new Date('2025-07-23T16:37:29Z')],
      ['2', 'Rob', 'load2', new Date('2025-07-24T00:00:00Z')],
      ['4', null, 'load2', new Date('2025-07-24T00:00:00Z')],
    ]);
    expect(rowsAfter[0]).toEqual(rowsBefore[0]);
    expect(rowsAfter[1]).not.toEqual(rowsBefore[1]);
    // Postgres's own count, which it brings up to date a moment later.
    const counted = 'SELECT n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables WHERE relid = $$users$$::regclass';
    await expect.poll(async () => query(counted), {timeout: 10_000}).toEqual([['4', '1', '1']]);
  });

  test('has no row written if none differs, and a null that stays one is no difference', async () => {
    const records = [ada, bob, {user_id: 3, name: null}];
    const {rowsBefore, rowsAfter} = await publishTwice(records, [], records);
    expect(rowsAfter).toEqual(rowsBefore);
  });

  test('keeps views, grants, indexes, triggers, foreign keys and rows of others that point to it', async () => {
    const {query, rowsAfter} = await publishTwice(
      [ada, bob],
      [
        'CREATE VIEW everything AS SELECT * FROM users',
        'CREATE MATERIALIZED VIEW stored AS SELECT * FROM users',
        'CREATE INDEX by_name ON users (lower(name))',
        'DROP ROLE IF EXISTS reader',
        'CREATE ROLE reader',
        'GRANT SELECT ON users, everything TO reader',
        'CREATE TABLE notes (user_id bigint REFERENCES users, note text)',
        `INSERT INTO notes VALUES (1, 'first')`,
        'CREATE TABLE log (name text)',
        `CREATE FUNCTION log_it() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO log VALUES (NEW.name); RETURN NEW; END'`,
        'CREATE TRIGGER logs AFTER UPDATE OR INSERT ON users FOR EACH ROW EXECUTE FUNCTION log_it()',
      ],
      [ada, {...bob, name: 'Rob'}, eve],
    );
    expect(rowsAfter).toHaveLength(3);
    expect(await query('SELECT name FROM everything ORDER BY 1')).toEqual([['Ada'], ['Eve'], ['Rob']]);
    expect(await query(`SELECT has_table_privilege('reader', 'users', 'SELECT')`)).toEqual([[true]]);
    expect(await query(`SELECT 1 FROM pg_indexes WHERE indexname = 'by_name'`)).toHaveLength(1);
    expect(await query('SELECT note FROM notes JOIN users USING (user_id)')).toEqual([['first']]);
    expect(await query('SELECT name FROM log ORDER BY 1')).toEqual([['Eve'], ['Rob']]);
    await query('DROP OWNED BY reader', 'DROP ROLE reader');
  });

  test('is read by a long transaction meanwhile, which goes on seeing the earlier rows', async () => {
    const place = await makePlace(server);
    const options = {loadMetadata: true};
    await place.publish([await makeLoad(place.folder, [ada, bob])], options);
    const reader = new pg.Client({host: '127.0.0.1', port: server.port, database: place.database, ...superuser});
    await reader.connect();
    try {
      await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      const ask = async () =>
        (await reader.query('SELECT name FROM users ORDER BY user_id')).rows.map(({name}) => name);
      expect(await ask()).toEqual(['Ada', 'Bob']);
      const [users] = await place.publish([await makeLoad(place.folder, [eve, bob])], {...options, loadId: 'load2'});
      expect(users?.error).toBeUndefined();
      expect(await ask()).toEqual(['Ada', 'Bob']);
      await reader.query('COMMIT');
      expect(await ask()).toEqual(['Bob', 'Eve']);
    } finally {
      await reader.end();
    }
  });

  test('keeps columns of others with their values, and their comments', async () => {
    const {query, users} = await publishTwice(
      [ada, bob],
      [
        'ALTER TABLE users ADD COLUMN stars integer NOT NULL DEFAULT 5',
        'ALTER TABLE users ADD COLUMN shout text GENERATED ALWAYS AS (upper(name)) STORED',
        'UPDATE users SET stars = 9 WHERE user_id = 2',
        `COMMENT ON COLUMN users.stars IS 'By HR.'`,
        `COMMENT ON COLUMN users.name IS 'Something else.'`,
        `COMMENT ON TABLE users IS 'Ours.'`,
      ],
      [ada, {...bob, name: 'Rob'}, eve],
    );
    expect(users?.warnings).toEqual([]);
    expect(await query('SELECT name, stars, shout FROM users ORDER BY user_id')).toEqual([
      ['Ada', 5, 'ADA'],
      ['Rob', 9, 'ROB'],
      ['Eve', 5, 'EVE'],
    ]);
    const comments = `SELECT col_description('users'::regclass, attnum) FROM pg_attribute
      WHERE attrelid = 'users'::regclass AND attname IN ('name', 'stars') ORDER BY attnum`;
    expect(await query(comments)).toEqual([['Something else.'], ['By HR.']]);
    expect(await query(`SELECT obj_description('users'::regclass)`)).toEqual([['Ours.']]);
  });

  test('gets new columns, keeps those that no longer come without values, and widens types', async () => {
    const {folder, publish, query} = await makePlace(server);
    const nights: readonly (readonly [Record<string, unknown>, Record<string, 'integer' | 'string' | 'number'>])[] = [
      [{level: 7}, {level: 'integer'}],
      [
        {level: 7, tag: 'x'},
        {level: 'integer', tag: 'string'},
      ],
      [{level: 7.5}, {level: 'number'}],
      [
        {level: 'high', tag: 'y'},
        {level: 'string', tag: 'string'},
      ],
    ];
    const seen: unknown[] = [];
    for (const [i, [extra, types]] of nights.entries()) {
      const undeclared = Object.fromEntries(Object.entries(types).map(([key, type]) => [key, [type]]));
      const load = await makeLoad(folder, [{...ada, ...extra}], {undeclared});
      const [users] = await publish([load], {loadMetadata: true, loadId: `load${i}`});
      seen.push([
        users?.warnings,
        (await query(`SELECT to_jsonb(u) - '_docebo_load_id' - '_docebo_extracted_at' FROM users u`))[0]?.[0],
      ]);
    }
    expect(seen).toEqual([
      [[], {...ada, level: 7}],
      [[], {...ada, level: 7, tag: 'x'}],
      [[], {...ada, level: 7.5, tag: null}],
      [['The column level held DOUBLE and now holds text'], {...ada, level: 'high', tag: 'y'}],
    ]);
  });

  test('is left as it was if a view stands in the way of a column that changes its type, and says so', async () => {
    const {folder, publish, query} = await makePlace(server);
    const load = (level: unknown, type: 'integer' | 'string') =>
      makeLoad(folder, [{...ada, level}], {undeclared: {level: [type]}});
    await publish([await load(7, 'integer')]);
    await query('CREATE VIEW levels AS SELECT level FROM users');
    const others = await makeLoad(folder, [bob], {table: makeTable({name: 'others'})});
    const [users, fine] = await publish([await load('high', 'string'), others], {loadId: 'load2'});
    expect(users?.error?.message).toMatch(
      /^public\.users could not be written: cannot alter type of a column used by a view/,
    );
    expect(users?.error).toMatchObject({hint: expect.stringContaining('The earlier table was kept. Drop the view')});
    expect(await query('SELECT level FROM levels')).toEqual([['7']]);
    expect(fine).toMatchObject({rows: 1});
    expect(await query('SELECT name FROM others')).toEqual([['Bob']]);
  });

  test('of a report has its rows compared as a whole, copies included', async () => {
    const {folder, publish, query} = await makePlace(server);
    const table = makeExportTable({id: 'r1', name: 'Certificates'}, 'certificates');
    const undeclared = {Name: ['string'], Points: ['string']} as const;
    const row = (Name: string | null, Points: string | null) => ({Name, Points});
    const options = {loadMetadata: true};
    const first = [row('Ada', '1'), row('Ada', '1'), row('Bob', '2'), row('Bob', null), row('Eve', '3')];
    await publish([await makeLoad(folder, first, {table, undeclared})], options);
    const before = await query('SELECT name, points, ctid::text FROM certificates ORDER BY ctid');
    expect(before).toHaveLength(5);
    const second = [row('Bob', null), row('Ada', '1'), row('Bob', '2'), row('Bob', '2'), row('Eve', '4')];
    await publish([await makeLoad(folder, second, {table, undeclared})], {...options, loadId: 'load2'});
    const after = await query('SELECT name, points, ctid::text, _docebo_load_id FROM certificates ORDER BY ctid');
    const kept = after.filter(([, , , load]) => load === 'load1').map(each => each.slice(0, 3));
    expect(before).toEqual(expect.arrayContaining(kept));
    expect(kept.map(([name]) => name).sort()).toEqual(['Ada', 'Bob', 'Bob']);
    const added = after.filter(([, , , load]) => load === 'load2').map(([name, points]) => `${name} ${points}`);
    expect(added.sort()).toEqual(['Bob 2', 'Eve 4']);
  });

  test.each([
    ['with', ['user_id']],
    ['without', []],
  ])('has nothing else written if its partitions, %s a key, have rows in the same places', async (_, primaryKey) => {
    const {folder, publish, query} = await makePlace(server);
    const table = makeTable({primaryKey});
    await query(
      'CREATE TABLE users (user_id bigint, name text) PARTITION BY LIST (user_id)',
      'CREATE TABLE users_1 PARTITION OF users FOR VALUES IN (1)',
      'CREATE TABLE users_others PARTITION OF users DEFAULT',
    );
    await publish([await makeLoad(folder, [ada, bob, eve], {table})]);
    const changed = [{...ada, name: 'Adele'}, bob, eve];
    const [users] = await publish([await makeLoad(folder, changed, {table})], {loadId: 'load2'});
    expect(users?.error).toBeUndefined();
    const rows = 'SELECT user_id, name FROM users ORDER BY 1';
    expect(await query(rows)).toEqual([
      ['1', 'Adele'],
      ['2', 'Bob'],
      ['3', 'Eve'],
    ]);
    await publish([await makeLoad(folder, [bob, eve], {table})], {loadId: 'load3'});
    expect(await query(rows)).toEqual([
      ['2', 'Bob'],
      ['3', 'Eve'],
    ]);
  });

  test('has another primary key if another is declared', async () => {
    const {folder, publish, query} = await makePlace(server);
    await publish([await makeLoad(folder, [ada, bob])]);
    const table = makeTable({primaryKey: ['user_id', 'name'], columns: {user_id: integer('Id.'), name: text('Name.')}});
    const [users] = await publish([await makeLoad(folder, [ada, {...ada, name: 'Eve'}], {table})], {loadId: 'load2'});
    expect(users?.error).toBeUndefined();
    expect(
      await query(
        `SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'users'::regclass AND contype = 'p'`,
      ),
    ).toEqual([['PRIMARY KEY (user_id, name)']]);
  });

  test('goes with its parents and children under foreign keys between them', async () => {
    const {folder, publish, query} = await makePlace(server);
    const children = makeTable({name: 'enrollments', columns: {user_id: integer('User.')}});
    const loads = async (ids: readonly number[]) => [
      await makeLoad(
        folder,
        ids.map(user_id => ({user_id, name: 'x'})),
      ),
      await makeLoad(
        folder,
        ids.map(user_id => ({user_id})),
        {table: children},
      ),
    ];
    await publish(await loads([1, 2, 3]));
    await query('ALTER TABLE enrollments ADD FOREIGN KEY (user_id) REFERENCES users');
    const published = await publish(await loads([2, 3, 4]), {loadId: 'load2'});
    expect(published.map(({error}) => error)).toEqual([undefined, undefined]);
    await query(
      'CREATE TABLE notes (user_id bigint REFERENCES users DEFERRABLE INITIALLY IMMEDIATE)',
      'INSERT INTO notes VALUES (3)',
    );
    const [users, enrollments] = await publish(await loads([2, 4, 5]), {loadId: 'load3'});
    expect(users?.error?.message).toMatch(
      /^public\.users could not be written: .* violates foreign key .* on table "notes"/,
    );
    // Its new rows point to users who could not be written either.
    expect(enrollments?.error?.message).toMatch(/^public\.enrollments could not be written: .* violates foreign key/);
    expect(await query('SELECT user_id FROM enrollments JOIN users USING (user_id) ORDER BY 1')).toEqual([
      ['2'],
      ['3'],
      ['4'],
    ]);
  });
});
