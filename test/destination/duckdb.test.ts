import {chmod, mkdir, readdir, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {Load, PublishOptions} from '../../src/destination/destination.js';
import {openDestination} from '../../src/destination/open.js';
import {withDuckdb} from '../../src/engine/duckdb.js';
import {DestinationError, IncompleteError, ResponseError} from '../../src/errors.js';
import type {RunEvent} from '../../src/report.js';
import {integer, json, text, timestamp} from '../../src/table.js';
import {query} from '../engine/query.js';
import {makeFolder, makeLoad, makeTable, publishOptions, writeSpool} from '../engine/spool.js';
import {holdFile} from './publisher.js';

const ada = {user_id: '1', name: 'Ada'};
const bob = {user_id: 2, name: 'Bob'};

async function publish(folder: string, loads: readonly Load[], options: Partial<PublishOptions> = {}) {
  const destination = openDestination('duckdb:///out.duckdb', {cwd: folder, lockTimeoutMs: 300});
  return destination.publish(loads, publishOptions(folder, options));
}

const fileIn = (folder: string) => join(folder, 'out.duckdb');

describe('a published table', () => {
  test('holds a typed row for every record', async () => {
    const folder = await makeFolder();
    const [users] = await publish(folder, [await makeLoad(folder, [ada, bob])]);
    expect(users).toEqual({table: 'users', rows: 2, invalidDates: {}, castFailures: {}, mendedTexts: {}, warnings: []});
    expect(await query(fileIn(folder), 'FROM users ORDER BY user_id')).toEqual([
      ['1', 'Ada'],
      ['2', 'Bob'],
    ]);
  });

  test('carries the descriptions of its declaration', async () => {
    const folder = await makeFolder();
    await publish(folder, [await makeLoad(folder, [ada])]);
    const comments = `SELECT comment FROM duckdb_tables() UNION ALL SELECT comment FROM duckdb_columns() WHERE NOT internal`;
    expect((await query(fileIn(folder), comments)).flat().sort()).toEqual([
      "Everyone's account. Primary key: user_id.",
      'Id of the user.',
      'What the user is called.',
    ]);
  });

  test('has a comment on each column of ours too', async () => {
    const folder = await makeFolder();
    await publish(folder, [await makeLoad(folder, [ada])], {loadMetadata: true});
    const comments = `SELECT column_name, comment FROM duckdb_columns() WHERE contains(column_name, '_docebo_') ORDER BY ALL`;
    expect(await query(fileIn(folder), comments)).toEqual([
      ['_docebo_extracted_at', 'When the page that holds the row was read from Docebo, UTC.'],
      ['_docebo_load_id', expect.stringMatching(/^The load that the row came with\. /)],
    ]);
  });

  test('tells which load a row came with, and when it was extracted', async () => {
    const folder = await makeFolder();
    await publish(folder, [await makeLoad(folder, [ada])], {loadMetadata: true});
    const metadata = `SELECT _docebo_load_id, epoch_ms(_docebo_extracted_at) FROM users`;
    expect(await query(fileIn(folder), metadata)).toEqual([['load1', String(Date.UTC(2025, 6, 23, 16, 37, 29))]]);
  });

  test('takes a value from another key, from inside an object, and from the page it came with', async () => {
    const folder = await makeFolder();
    const table = makeTable({
      name: 'courses',
      primaryKey: ['course_id', 'user_id'],
      columns: {
        course_id: integer('Bound.'),
        page: integer('Bound too.'),
        user_id: integer('Of two keys.', {from: ['id', 'idUser']}),
        category: text('Stepped into.', {from: 'category.id'}),
        label: text('Beside it.', {from: ['category.label', 'category']}),
        extra: json('Nested.', {from: 'category.extra'}),
      },
    });
    const spooled = await writeSpool(folder, 'courses', [
      {records: [{id: 1, category: {id: 5, label: 'Five', extra: [1]}}], bound: {course_id: '77', page: '5'}},
      {records: [{id: null, idUser: '2', category: 'plain'}], bound: {course_id: '78'}},
      {records: [{course_id: 9, idUser: 3, category: {extra: null}}], bound: {course_id: '79'}},
    ]);
    await publish(folder, [{table, spooled, target: {schema: null, name: 'courses'}}]);
    expect(await query(fileIn(folder), 'FROM courses ORDER BY user_id')).toEqual([
      ['77', '5', '1', '5', 'Five', '[1]'],
      ['78', null, '2', null, 'plain', null],
      ['79', null, '3', null, '{"extra":null}', null],
    ]);
  });

  test('counts failed casts and invalid dates by column, beyond sixty of them', async () => {
    const folder = await makeFolder();
    const names = Array.from({length: 130}, (_, i) => `c${i}`);
    const table = makeTable({
      primaryKey: [],
      columns: Object.fromEntries(names.map((name, i) => [name, i % 2 === 0 ? integer('Even.') : timestamp('Odd.')])),
    });
    const [users] = await publish(folder, [
      await makeLoad(
        folder,
        [
          {c0: 'x', c129: 'x'},
          {c128: 'x', c129: 'x'},
        ],
        {table},
      ),
    ]);
    expect(users?.castFailures).toEqual({c0: 1, c128: 1});
    expect(users?.invalidDates).toEqual({c129: 2});
    expect((await query(fileIn(folder), 'DESCRIBE users')).map(([name]) => name)).toEqual(names);
  });

  test('may have no records', async () => {
    const folder = await makeFolder();
    const [users] = await publish(folder, [await makeLoad(folder, [])]);
    expect(users?.error).toBeUndefined();
    expect(await query(fileIn(folder), 'SELECT count(*) FROM users')).toEqual([['0']]);
  });

  test('of none leaves no file where there was none', async () => {
    const folder = await makeFolder();
    const [users] = await publish(folder, [await makeLoad(folder, [ada, ada])]);
    expect(users?.error).toBeInstanceOf(IncompleteError);
    expect((await readdir(folder)).filter(name => name.includes('duckdb'))).toEqual([]);
  });

  test('is read by no other user of the machine', async () => {
    const folder = await makeFolder();
    await publish(folder, [await makeLoad(folder, [ada])]);
    expect((await stat(fileIn(folder))).mode & 0o777).toBe(0o600);
    const log = await withDuckdb(fileIn(folder), {workDir: folder, lockTimeoutMs: 0}, async connection => {
      await connection.run('CREATE TABLE more AS SELECT 1 AS one');
      return stat(`${fileIn(folder)}.wal`);
    });
    expect(log.mode & 0o777).toBe(0o600);
    expect(log.size).toBeGreaterThan(0);
  });
});

describe('an earlier table', () => {
  test.each([
    ['records are missing', [ada], /3 records were fetched, but they gave 1 rows/],
    ['a key is repeated', [ada, bob, bob], /1 of 3 rows repeat the key \(user_id\) of another, such as \(2\)/],
    ['a key is null', [ada, {name: 'Nobody'}, bob], /user_id is null in 1 row,/],
  ])('is kept where %s', async (_, records, message) => {
    const folder = await makeFolder();
    await publish(folder, [await makeLoad(folder, [ada])]);
    const load = await makeLoad(folder, records);
    const [users] = await publish(folder, [{...load, spooled: {...load.spooled, records: 3}}]);
    expect(users?.error).toBeInstanceOf(IncompleteError);
    expect(users?.error?.message).toMatch(message);
    expect(await query(fileIn(folder), 'FROM users')).toEqual([['1', 'Ada']]);
    expect(await query(fileIn(folder), 'SELECT table_name FROM duckdb_tables()')).toEqual([['users']]);
  });

  test('is kept where a record cannot be read, which does not hold the others back', async () => {
    const folder = await makeFolder();
    const broken = await makeLoad(folder, ['{"user_id":1,"name":}'], {name: 'broken'});
    const [failed, fine] = await publish(folder, [broken, await makeLoad(folder, [ada])]);
    expect(failed?.error).toBeInstanceOf(ResponseError);
    expect(fine?.rows).toBe(1);
  });

  test('is kept with all others where all or nothing is asked for', async () => {
    const folder = await makeFolder();
    const loads = [await makeLoad(folder, [ada]), await makeLoad(folder, [bob, bob], {name: 'twice'})];
    const published = await publish(folder, loads, {allOrNothing: true});
    expect(published.map(({error}) => error?.name)).toEqual(['IncompleteError', 'IncompleteError']);
    expect(await query(fileIn(folder), 'SELECT table_name FROM duckdb_tables()')).toEqual([]);
  });

  test('passes on the columns that the new one lacks', async () => {
    const folder = await makeFolder();
    await query(
      fileIn(folder),
      'CREATE TABLE users (user_id BIGINT, "Old One" DECIMAL(9, 2))',
      'INSERT INTO users VALUES (9, 1)',
    );
    await publish(folder, [await makeLoad(folder, [ada])]);
    expect((await query(fileIn(folder), 'DESCRIBE users')).map(([name, type]) => [name, type])).toEqual([
      ['user_id', 'BIGINT'],
      ['name', 'VARCHAR'],
      ['Old One', 'DECIMAL(9,2)'],
    ]);
  });

  test('that is a view is not replaced', async () => {
    const folder = await makeFolder();
    await query(fileIn(folder), 'CREATE VIEW users AS SELECT 1 AS one');
    const [users] = await publish(folder, [await makeLoad(folder, [ada])]);
    expect(users?.error).toBeInstanceOf(DestinationError);
    expect(await query(fileIn(folder), 'FROM users')).toEqual([[1]]);
  });
});

describe('undeclared keys', () => {
  const record = {...ada, isActive: true, Score: 7, nested: {a: 1}, mixed: 'x', Name: 'clash'};
  const undeclared = {
    isActive: ['boolean', 'null'],
    Score: ['integer'],
    nested: ['object'],
    mixed: ['string', 'integer'],
    never: ['null'],
  } as const;

  test('stand in the order of their numbers', async () => {
    const folder = await makeFolder();
    const fields = {field_10: 'j', field_2: 'b', field_1: 'a'};
    const types = {field_10: ['string'], field_2: ['string'], field_1: ['string']} as const;
    await publish(folder, [await makeLoad(folder, [{...ada, ...fields}], {undeclared: types})], {loadMetadata: true});
    expect((await query(fileIn(folder), 'DESCRIBE users')).map(([name]) => name)).toEqual([
      'user_id',
      'name',
      'field_1',
      'field_2',
      'field_10',
      '_docebo_load_id',
      '_docebo_extracted_at',
    ]);
  });

  test('become columns by default', async () => {
    const folder = await makeFolder();
    await publish(folder, [await makeLoad(folder, [record], {undeclared})]);
    expect((await query(fileIn(folder), 'DESCRIBE users')).map(([name, type]) => `${name} ${type}`)).toEqual([
      'user_id BIGINT',
      'name VARCHAR',
      'score BIGINT',
      'is_active BOOLEAN',
      'mixed VARCHAR',
      'nested JSON',
    ]);
    expect(await query(fileIn(folder), 'SELECT score, is_active, nested FROM users')).toEqual([['7', true, '{"a":1}']]);
  });

  test('that stand twice in a record are taken once, with a warning', async () => {
    const folder = await makeFolder();
    const [users] = await publish(folder, [await makeLoad(folder, ['{"user_id":1,"name":"Ada","name":"Eve"}', bob])]);
    expect(users?.warnings).toEqual(['Some records hold a key twice; the first of the two values was taken']);
    expect(await query(fileIn(folder), 'SELECT name FROM users ORDER BY user_id')).toEqual([['Ada'], ['Bob']]);
  });

  test('that change type become text', async () => {
    const folder = await makeFolder();
    await publish(folder, [await makeLoad(folder, [record], {undeclared: {Score: ['integer']}})]);
    const sent = {...ada, Score: 'high'};
    const texts = await makeLoad(folder, [sent], {undeclared: {Score: ['string']}});
    const [changed] = await publish(folder, [texts], {loadId: 'load2'});
    expect(changed?.warnings).toEqual(['The column score held BIGINT and now holds text']);
    const numbers = await makeLoad(folder, [record], {undeclared: {Score: ['integer']}});
    const [again] = await publish(folder, [numbers], {loadId: 'load3'});
    expect(again?.warnings).toEqual([]);
    expect(await query(fileIn(folder), 'SELECT score, typeof(score) FROM users')).toEqual([['7', 'VARCHAR']]);
  });

  test('that are numbers stay numbers, whole for a night or not', async () => {
    const folder = await makeFolder();
    const held = [];
    for (const [score, type] of [
      [7, 'integer'],
      [87.5, 'number'],
      [88, 'integer'],
    ] as const) {
      const load = await makeLoad(folder, [{...ada, score}], {undeclared: {score: [type]}});
      const [users] = await publish(folder, [load], {loadId: `load${score}`});
      expect(users?.warnings).toEqual([]);
      held.push(...(await query(fileIn(folder), 'SELECT sum(score)::DOUBLE, typeof(any_value(score)) FROM users')));
    }
    expect(held).toEqual([
      [7, 'BIGINT'],
      [87.5, 'DOUBLE'],
      [88, 'DOUBLE'],
    ]);
  });

  test('that differ from a declared column in case only are a column of their own', async () => {
    const folder = await makeFolder();
    await publish(folder, [await makeLoad(folder, [record], {undeclared: {Name: ['string']}})]);
    expect(await query(fileIn(folder), 'SELECT name, name_2 FROM users')).toEqual([['Ada', 'clash']]);
  });

  test('hold what was sent, and nothing that a page binds under the same name', async () => {
    const folder = await makeFolder();
    const table = makeTable({
      primaryKey: ['group_id', 'user_id'],
      columns: {group_id: integer('Bound.'), user_id: integer('Sent.')},
    });
    const records = [{user_id: 1, id: 5}, {user_id: 2}, {user_id: 3, id: null}];
    const pages = [{records, bound: {group_id: '77', id: '77'}}];
    const spooled = await writeSpool(folder, 'users', pages, {undeclared: {id: ['integer', 'null']}});
    await publish(folder, [{table, spooled, target: {schema: null, name: 'users'}}]);
    expect(await query(fileIn(folder), 'FROM users ORDER BY user_id')).toEqual([
      ['77', '1', '5'],
      ['77', '2', null],
      ['77', '3', null],
    ]);
  });

  test('are left out by discard_value', async () => {
    const folder = await makeFolder();
    await publish(folder, [await makeLoad(folder, [record], {undeclared})], {schemaContract: 'discard_value'});
    expect((await query(fileIn(folder), 'DESCRIBE users')).map(([name]) => name)).toEqual(['user_id', 'name']);
  });

  test('take their records with them by discard_row', async () => {
    const folder = await makeFolder();
    const load = await makeLoad(folder, [record, {...bob, Score: null}], {undeclared: {Score: ['integer', 'null']}});
    const [users] = await publish(folder, [load], {schemaContract: 'discard_row'});
    expect(users?.rows).toBe(1);
    expect(users?.warnings).toEqual(['1 record was left out because it holds undeclared keys: Score']);
    expect(await query(fileIn(folder), 'SELECT name FROM users')).toEqual([['Bob']]);
  });

  test('keep the earlier table by freeze', async () => {
    const folder = await makeFolder();
    const [users] = await publish(folder, [await makeLoad(folder, [record], {undeclared})], {schemaContract: 'freeze'});
    expect(users?.error).toBeInstanceOf(ResponseError);
    expect(users?.error?.message).toBe('users holds keys that are not declared: Score, isActive, mixed, nested');
  });
});

test.each(['"; drop table x; --', "it's", 'a.b', 'naïve 🚀', 'select', 'a"b', '%_[x]*?', '{"a": 1}'])(
  'names are taken literally: %s',
  async odd => {
    const folder = await makeFolder();
    const table = makeTable({
      description: odd,
      columns: {user_id: integer(odd), [odd]: text(odd, {from: ['none', 'name']})},
    });
    const load = await makeLoad(folder, [{...ada, [`${odd}!`]: 1}], {
      table,
      schema: odd,
      name: odd,
      undeclared: {[`${odd}!`]: ['integer']},
    });
    const [published] = await publish(folder, [load]);
    expect(published?.error).toBeUndefined();
    const tables = 'SELECT schema_name, table_name, comment, estimated_size FROM duckdb_tables()';
    expect(await query(fileIn(folder), tables)).toEqual([[odd, odd, `${odd} Primary key: user_id.`, '1']]);
  },
);

describe('the file', () => {
  test('may be called as the schema is', async () => {
    const folder = await makeFolder();
    const destination = openDestination('duckdb:///docebo.duckdb', {cwd: folder});
    const file = join(folder, 'docebo.duckdb');
    await destination.publish([await makeLoad(folder, [ada], {schema: 'docebo'})], publishOptions(folder));
    await query(file, 'CREATE INDEX by_name ON docebo.docebo.users (name)');
    const load = await makeLoad(folder, [bob], {schema: 'docebo'});
    const [users] = await destination.publish([load], publishOptions(folder, {loadId: 'load2'}));
    expect(users?.warnings).toEqual([]);
    expect(await query(file, 'SELECT name FROM docebo.docebo.users')).toEqual([['Bob']]);
  });

  test('has no schema for a table that could not be published', async () => {
    const folder = await makeFolder();
    await publish(folder, [await makeLoad(folder, [ada, ada], {schema: 'hr'})]);
    expect(await query(fileIn(folder), `SELECT schema_name FROM duckdb_schemas() WHERE schema_name = 'hr'`)).toEqual(
      [],
    );
  });

  test('stays small over twenty replaces', async () => {
    const folder = await makeFolder();
    const records = Array.from({length: 5000}, (_, i) => ({user_id: i, name: `${i} ${Math.sin(i)}`.repeat(5)}));
    const load = await makeLoad(folder, records);
    const sizes = [];
    for (let i = 0; i < 20; i++) {
      await publish(folder, [load], {loadId: `load${i}`});
      sizes.push((await stat(fileIn(folder))).size);
    }
    expect(sizes.at(-1)).toBeLessThanOrEqual(3 * (sizes[1] ?? 0));
    expect(await readdir(folder)).not.toContain('out.duckdb.wal');
  });

  test('holds no two tables whose names differ in case only', async () => {
    const folder = await makeFolder();
    const targets = ['users', 'Users'].map(name => ({schema: null, name}));
    const destination = openDestination('duckdb:///out.duckdb', {cwd: folder});
    await expect(destination.check(targets)).rejects.toThrow('Two tables would be written to main.Users');
    const loads = [
      await makeLoad(folder, [ada], {schema: 'HR'}),
      await makeLoad(folder, [bob], {schema: 'hr', name: 'other'}),
    ];
    await publish(folder, loads);
    expect(await query(fileIn(folder), 'SELECT u.name, o.name FROM hr.users u, hr.other o')).toEqual([['Ada', 'Bob']]);
  });

  test.each([
    ['information_schema', 'users', /schema information_schema, which is DuckDB's own/],
    ['PG_CATALOG', 'users', /schema PG_CATALOG/],
    ['system', 'users', /schema system/],
    ['temp', 'users', /schema temp/],
    [null, '_docebo__staging_users', /which later runs remove/],
    ['hr', '_Docebo__Staging_x', /which later runs remove/],
  ])('holds no %s.%s, which is said before the first request', async (schema, name, message) => {
    const destination = openDestination('duckdb:///out.duckdb', {cwd: await makeFolder()});
    const check = destination.check([{schema, name}]);
    await expect(check).rejects.toThrow(DestinationError);
    await expect(check).rejects.toThrow(message);
  });

  test('holds two tables whose names differ in a letter that DuckDB tells apart', async () => {
    const folder = await makeFolder();
    const targets = ['ÄX', 'äx'].map(name => ({schema: name, name}));
    const destination = openDestination('duckdb:///out.duckdb', {cwd: folder});
    await destination.check(targets);
    const records = [[ada, bob], [bob]];
    for (const loadId of ['load1', 'load2']) {
      const loads = await Promise.all(
        targets.map(async ({name}, i) => makeLoad(folder, records[i] ?? [], {schema: name, name})),
      );
      const published = await destination.publish(loads, publishOptions(folder, {loadId}));
      expect(published.map(({error}) => error)).toEqual([undefined, undefined]);
      await query(fileIn(folder), 'ALTER TABLE "ÄX"."ÄX" ADD COLUMN IF NOT EXISTS "mine" INTEGER');
    }
    expect(await query(fileIn(folder), 'DESCRIBE "äx"."äx"')).toHaveLength(2);
    expect(await query(fileIn(folder), 'SELECT count(*)::INT FROM "ÄX"."ÄX"')).toEqual([[2]]);
  });

  test('may be memory, as a rehearsal', async () => {
    const folder = await makeFolder();
    const destination = openDestination('duckdb:///:memory:', {cwd: folder});
    await destination.check([]);
    const [users] = await destination.publish([await makeLoad(folder, [ada])], publishOptions(folder));
    expect(users?.rows).toBe(1);
    expect(await readdir(folder)).not.toContain(':memory:');
  });

  test('is rid of what a killed run had staged', async () => {
    const folder = await makeFolder();
    await query(
      fileIn(folder),
      'CREATE TABLE _docebo__staging_old_users (a INT)',
      'CREATE TABLE mine__staging_x (a INT)',
    );
    await publish(folder, [await makeLoad(folder, [ada])]);
    expect((await query(fileIn(folder), 'SELECT table_name FROM duckdb_tables()')).flat().sort()).toEqual([
      'mine__staging_x',
      'users',
    ]);
  });

  test('that another process holds is a DestinationError that names the process', async () => {
    const folder = await makeFolder();
    const holder = await holdFile(fileIn(folder));
    const publishing = publish(folder, [await makeLoad(folder, [ada])]);
    await expect(publishing).rejects.toThrow(DestinationError);
    await expect(publishing).rejects.toThrow(`PID ${holder.pid}`);
  });

  test('that another process holds is waited for, which is said once', async () => {
    const folder = await makeFolder();
    const holder = await holdFile(fileIn(folder));
    const waits: RunEvent[] = [];
    const onEvent = (event: RunEvent) => {
      waits.push(event);
      // Some tries later.
      setTimeout(() => holder.kill('SIGKILL'), 600);
    };
    const destination = openDestination('duckdb:///out.duckdb', {cwd: folder, lockTimeoutMs: 30_000});
    const [users] = await destination.publish([await makeLoad(folder, [ada])], publishOptions(folder, {onEvent}));
    expect(users?.rows).toBe(1);
    const reason = `${fileIn(folder)} is held by another process (PID ${holder.pid}) (--lock-timeout 30)`;
    expect(waits.filter(({type}) => type === 'waiting')).toEqual([
      {type: 'waiting', reason, seconds: 30, waitsFor: 'destination'},
    ]);
  });

  test('that is not a DuckDB file is refused before the first request, and when publishing', async () => {
    const folder = await makeFolder();
    await writeFile(fileIn(folder), 'Dear diary, this is no database at all.');
    const destination = openDestination('duckdb:///out.duckdb', {cwd: folder});
    await expect(destination.check([])).rejects.toThrow(/not a DuckDB file/);
    await expect(publish(folder, [await makeLoad(folder, [ada])])).rejects.toThrow(DestinationError);
  });

  test('may not be there yet, nor its folder; a check creates neither', async () => {
    const folder = await makeFolder();
    const destination = openDestination('duckdb://a/b/out.duckdb', {cwd: folder});
    await destination.check([]);
    expect(await readdir(folder)).toEqual([]);
    const [users] = await destination.publish([await makeLoad(folder, [ada])], publishOptions(folder));
    expect(users?.rows).toBe(1);
    await destination.check([]);
  });

  test('is refused where its folder cannot be one, or may not be written', async () => {
    const folder = await makeFolder();
    await writeFile(join(folder, 'taken'), '');
    await expect(openDestination('duckdb://taken/out.duckdb', {cwd: folder}).check([])).rejects.toThrow(
      DestinationError,
    );
    await mkdir(join(folder, 'shut'));
    await chmod(join(folder, 'shut'), 0o500);
    const check = openDestination('duckdb://shut/out.duckdb', {cwd: folder}).check([]);
    // The superuser may write anywhere.
    await (process.getuid?.() === 0 ? check : expect(check).rejects.toThrow(DestinationError));
  });
});
