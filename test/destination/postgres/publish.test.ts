import {describe, expect, test} from 'vitest';
import {openDestination} from '../../../src/destination/open.js';
import {boolean, date, double, integer, json, text, timestamp} from '../../../src/table.js';
import {landRecords, makeFolder, makeLoad, makeTable} from '../../engine/spool.js';
import {findObstacle, useServer} from '../../helpers/postgres.js';
import {makePlace} from './publishing.js';

const ada = {user_id: 1, name: 'Ada'};
const bob = {user_id: 2, name: 'Bob'};

describe.skipIf(findObstacle() !== undefined)('a table in Postgres', () => {
  const server = useServer();

  test('holds a typed row for every record, by its primary key', async () => {
    const {folder, publish, query} = await makePlace(server);
    const [users] = await publish([await makeLoad(folder, [ada, bob])]);
    expect(users).toEqual({table: 'users', rows: 2, invalidDates: {}, castFailures: {}, mendedTexts: {}, warnings: []});
    expect(await query('SELECT * FROM public.users ORDER BY user_id')).toEqual([
      ['1', 'Ada'],
      ['2', 'Bob'],
    ]);
    expect(
      await query(
        `SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'users'::regclass AND contype = 'p'`,
      ),
    ).toEqual([['PRIMARY KEY (user_id)']]);
  });

  test('holds values of every kind without loss', async () => {
    const {folder, publish, query} = await makePlace(server);
    const table = makeTable({
      columns: {
        user_id: integer('Id.'),
        score: double('Score.'),
        active: boolean('Whether.'),
        seen: timestamp('When.'),
        born: date('Day.'),
        more: json('More.'),
        name: text('Name.'),
      },
    });
    const texts = ['', ' ', 'a\n\\.\nb', '\\.', '\\N', 'NULL', 'a"b,c\'d\\', 'a\r\nb\tc', 'Zoë 🎓 \ufffd'];
    const numbers = ['0.1', '5e-324', '1.7976931348623157e308', '-123456789012345680', '0.30000000000000004'];
    const records = [
      ...texts.map((name, i) => `{"user_id":${i},"name":${JSON.stringify(name)},"score":${numbers[i] ?? 'null'}}`),
      '{"user_id":9223372036854775807,"active":true,"seen":"2025-07-23T16:37:29.123456Z","born":"0001-01-01"}',
      '{"user_id":-9223372036854775808,"active":"0","seen":"0001-01-01 00:00:00","born":"9999-12-31"}',
      '{"user_id":100,"more":{"big":12345678901234567890123456789.10,"text":"a\\\\u0000\\"","list":[1,null,true]}}',
    ];
    const [users] = await publish([await landRecords(folder, table, records)]);
    expect(users).toMatchObject({rows: 12, mendedTexts: {}, castFailures: {}, invalidDates: {}, warnings: []});
    expect(await query('SELECT name FROM users WHERE user_id BETWEEN 0 AND 99 ORDER BY user_id')).toEqual(
      texts.map(name => [name]),
    );
    const scores = await query('SELECT score FROM users WHERE score IS NOT NULL ORDER BY user_id');
    expect(scores).toEqual(numbers.map(number => [Number(number)]));
    expect(
      await query(
        `SET TimeZone = 'UTC'`,
        'SELECT user_id, active, seen::text, born::text FROM users WHERE active IS NOT NULL ORDER BY user_id',
      ),
    ).toEqual([
      ['-9223372036854775808', false, '0001-01-01 00:00:00+00', '9999-12-31'],
      ['9223372036854775807', true, '2025-07-23 16:37:29.123456+00', '0001-01-01'],
    ]);
    expect(await query('SELECT more::text FROM users WHERE more IS NOT NULL')).toEqual([
      ['{"big": 12345678901234567890123456789.10, "list": [1, null, true], "text": "a\\\\u0000\\""}'],
    ]);
    expect(
      await query(
        `SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'users'::regclass AND attnum > 0 ORDER BY attnum`,
      ),
    ).toEqual([
      ['bigint'],
      ['double precision'],
      ['boolean'],
      ['timestamp with time zone'],
      ['date'],
      ['jsonb'],
      ['text'],
    ]);
  });

  test('has U+FFFD for every U+0000, which Postgres cannot hold, and counts the values', async () => {
    const {folder, publish, query} = await makePlace(server);
    const table = makeTable({columns: {user_id: integer('Id.'), name: text('Name.'), more: json('More.')}});
    const records = [
      '{"user_id":1,"name":"a\\u0000b\\u0000","more":{"k\\u0000":"\\u0000\\u0000\\\\u0000\\\\\\u0000"}}',
      '{"user_id":2,"name":"\\\\u0000","more":["\\\\u0000"]}',
    ];
    const [users] = await publish([await landRecords(folder, table, records)]);
    expect(users).toMatchObject({rows: 2, mendedTexts: {name: 1, more: 1}});
    expect(await query('SELECT name, more FROM users ORDER BY user_id')).toEqual([
      ['a\ufffdb\ufffd', {'k\ufffd': '\ufffd\ufffd\\u0000\\\ufffd'}],
      ['\\u0000', ['\\u0000']],
    ]);
    const [refused] = await publish([await landRecords(await makeFolder(), table, records)], {onCastError: 'fail'});
    expect(refused?.error?.message).toBe('users: texts that hold invalid characters, by column: name (1), more (1)');
  });

  test('has the comments that a table in DuckDB has, and tells when it was read', async () => {
    const {folder, publish, query} = await makePlace(server);
    const load = await makeLoad(folder, [{...ada, Rôle: 'x'}], {undeclared: {Rôle: ['string']}});
    await publish([load], {loadMetadata: true});
    const comments = `SELECT attname, col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = 'users'::regclass AND attnum > 0`;
    expect(await query(comments)).toEqual([
      ['user_id', 'Id of the user.'],
      ['name', 'What the user is called.'],
      ['rôle', 'Sent as "Rôle", which is not declared.'],
      [
        '_docebo_load_id',
        expect.stringMatching(
          /^The load that the row came with\. .* Complete as of 2025-07-23T16:37:29\.000Z, load load1\.$/,
        ),
      ],
      ['_docebo_extracted_at', 'When the page that holds the row was read from Docebo, UTC.'],
    ]);
    expect(await query(`SELECT obj_description('users'::regclass)`)).toEqual([
      ["Everyone's account. Primary key: user_id."],
    ]);
  });

  test('may have any name, and a schema that is created', async () => {
    const {folder, publish, query, uri} = await makePlace(server);
    const targets = [
      {schema: 'select', name: 'order'},
      {schema: 'a"; DROP SCHEMA public; --', name: "it's \\ a 'table'.x"},
      {schema: 'Mixed Case', name: 'Users'},
      {schema: 'Mixed Case', name: 'users'},
    ];
    await openDestination(uri, {env: {}}).check(targets);
    const loads = await Promise.all(
      targets.map(async (target, i) => ({
        ...(await makeLoad(folder, [ada], {table: makeTable({name: `t${i}`})})),
        target,
      })),
    );
    const published = await publish(loads);
    expect(published.map(({error}) => error)).toEqual([undefined, undefined, undefined, undefined]);
    const found = await query(
      `SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    expect(new Set(found.map(String))).toEqual(new Set(targets.map(({schema, name}) => `${schema},${name}`)));
    const standing = await openDestination(uri, {env: {}}).findStanding([...targets, {schema: null, name: 'users'}]);
    expect([...standing]).toEqual(targets);
  });

  test('has long names shortened, each to another, with a warning; the next night has the same', async () => {
    const {folder, publish, query, uri} = await makePlace(server);
    const [one, other] = ['one', 'other'].map(ending => `${'ä'.repeat(40)}_${ending}`);
    const record = {...ada, [String(one)]: 1, [String(other)]: 2};
    const undeclared = {[String(one)]: ['integer'], [String(other)]: ['integer']} as const;
    const name = 'table_'.repeat(20);
    const [users] = await publish([await makeLoad(folder, [record], {undeclared, name})]);
    expect(users?.warnings).toEqual([
      expect.stringMatching(/^The column ä+_one is longer than the 63 bytes .* so it is called ä+_[0-9a-f]{8}$/),
      expect.stringMatching(/^The column ä+_other is longer than the 63 bytes /),
    ]);
    const columns = `SELECT attname FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
      WHERE relname LIKE 'table_table%' AND relkind = 'r' AND attnum > 0 ORDER BY attnum`;
    const names = await query(columns);
    expect(names).toHaveLength(4);
    const load = await makeLoad(folder, [{...record, [String(one)]: 7}], {undeclared, name});
    const [again] = await publish([load], {loadId: 'load2'});
    expect(again?.warnings).toEqual([]);
    expect(await query(columns)).toEqual(names);
    const check = openDestination(uri, {env: {}}).check([{schema: null, name}]);
    expect(await check).toEqual([expect.stringMatching(/^The table (table_)+ is longer than the 63 bytes/)]);
    const twins = ['a', 'b'].map(ending => ({schema: null, name: name + ending}));
    const found = await openDestination(uri, {env: {}}).findStanding([{schema: null, name}, ...twins]);
    expect([...found]).toEqual([{schema: null, name}]);
  });

  test('is copied a piece at a time', async () => {
    const {folder, publish, query} = await makePlace(server);
    const name = 'x'.repeat(10_000);
    const load = await makeLoad(
      folder,
      Array.from({length: 10_000}, (_, i) => `{"user_id":${i},"name":"${name}"}`),
    );
    const before = process.memoryUsage().external;
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().external);
    }, 5);
    await publish([load]).finally(() => clearInterval(watch));
    expect(await query('SELECT count(*), sum(length(name)) FROM users')).toEqual([['10000', '100000000']]);
    expect(most - before).toBeLessThan(80e6);
  });
});
