import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {PublishOptions} from '../../src/destination/destination.js';
import {openDestination} from '../../src/destination/open.js';
import {DestinationError} from '../../src/errors.js';
import {integer, text} from '../../src/table.js';
import {query} from '../engine/query.js';
import {makeFolder, makeLoad, makeTable, publishOptions} from '../engine/spool.js';

const ada = {user_id: 1, name: 'Ada'};
const bob = {user_id: 2, name: 'Bob'};

const fileIn = (folder: string) => join(folder, 'out.duckdb');

/** What somebody does to a published table, and what is left of it once it is replaced. */
async function replaceAfter(
  statements: readonly string[],
  records: readonly unknown[] = [bob],
  options: Partial<PublishOptions> = {},
) {
  const folder = await makeFolder();
  const destination = openDestination('duckdb:///out.duckdb', {cwd: folder});
  await destination.publish([await makeLoad(folder, [ada])], publishOptions(folder));
  await query(fileIn(folder), ...statements);
  const loads = [await makeLoad(folder, records), await makeLoad(folder, [ada], {name: 'others'})];
  const [users, others] = await destination.publish(loads, publishOptions(folder, {...options, loadId: 'load2'}));
  const ask = async (sql: string) => query(fileIn(folder), sql);
  return {users, others, ask, destination, folder};
}

const names = 'SELECT name FROM users ORDER BY user_id';

describe('of what users make of a published table, a replace keeps', () => {
  test('views, also where columns have come', async () => {
    const {ask} = await replaceAfter([
      'CREATE VIEW names AS SELECT name FROM users',
      'CREATE VIEW everything AS FROM users',
      'CREATE VIEW counted AS SELECT count(*)::INT FROM everything',
      'CREATE MACRO named(n) AS TABLE SELECT * FROM users WHERE name = n',
      'ALTER TABLE users ADD COLUMN note VARCHAR',
    ]);
    expect(await ask('FROM names')).toEqual([['Bob']]);
    expect(await ask('FROM everything')).toEqual([['2', 'Bob', null]]);
    expect(await ask('FROM counted')).toEqual([[1]]);
    expect(await ask(`FROM named('Bob')`)).toEqual([['2', 'Bob', null]]);
  });

  test('indexes and their comments, whatever they are called', async () => {
    const {ask, users} = await replaceAfter([
      'CREATE INDEX by_name ON users (name)',
      `COMMENT ON INDEX by_name IS 'For the portal.'`,
      'CREATE UNIQUE INDEX " ON ""odd"" (x" ON users (lower(name), user_id)',
    ]);
    expect(users?.warnings).toEqual([]);
    expect(await ask('SELECT index_name, is_unique, comment FROM duckdb_indexes() ORDER BY index_name')).toEqual([
      [' ON "odd" (x', true, null],
      ['by_name', false, 'For the portal.'],
    ]);
    expect(await ask(`SELECT user_id FROM users WHERE name = 'Bob'`)).toEqual([['2']]);
  });

  test('comments on the table and its columns, declared or not', async () => {
    const {ask} = await replaceAfter([
      'ALTER TABLE users ADD COLUMN note VARCHAR',
      `COMMENT ON COLUMN users.note IS 'Written by HR.'`,
      `COMMENT ON COLUMN users.name IS 'Something else.'`,
      `COMMENT ON TABLE users IS 'Something else.'`,
    ]);
    expect(await ask('SELECT column_name, comment FROM duckdb_columns() WHERE table_name = $$users$$')).toEqual([
      ['user_id', 'Id of the user.'],
      ['name', 'Something else.'],
      ['note', 'Written by HR.'],
    ]);
    expect(await ask(`SELECT comment FROM duckdb_tables() WHERE table_name = 'users'`)).toEqual([['Something else.']]);
  });

  test('a column of their own that is never null, with its default', async () => {
    const {ask, users} = await replaceAfter([
      'ALTER TABLE users ADD COLUMN stars INTEGER DEFAULT 5',
      'ALTER TABLE users ALTER COLUMN stars SET NOT NULL',
    ]);
    expect(users?.warnings).toEqual([]);
    expect(await ask('SELECT stars FROM users')).toEqual([[5]]);
    await expect(ask('UPDATE users SET stars = NULL')).rejects.toThrow(/NOT NULL/);
  });

  test('how texts compare, in a declared column and in one of their own', async () => {
    const {ask, users} = await replaceAfter([
      'ALTER TABLE users ALTER COLUMN name TYPE VARCHAR COLLATE NOCASE',
      'ALTER TABLE users ADD COLUMN "my ""note" VARCHAR COLLATE NOCASE',
      'ALTER TABLE users ALTER COLUMN name SET NOT NULL',
      'CREATE INDEX by_name ON users (name)',
    ]);
    expect(users?.warnings).toEqual([]);
    expect(await ask(`SELECT user_id FROM users WHERE name = 'BOB'`)).toEqual([['2']]);
    await ask(`UPDATE users SET "my ""note" = 'x'`);
    expect(await ask(`SELECT user_id FROM users WHERE "my ""note" = 'X'`)).toEqual([['2']]);
  });

  test('all of it at once', async () => {
    const {ask, users} = await replaceAfter([
      'ALTER TABLE users ALTER COLUMN name TYPE VARCHAR COLLATE NOCASE',
      `ALTER TABLE users ALTER COLUMN name SET DEFAULT 'Nobody'`,
      'ALTER TABLE users ALTER COLUMN name SET NOT NULL',
      'CREATE SEQUENCE numbers',
      `ALTER TABLE users ADD COLUMN number BIGINT DEFAULT nextval('numbers')`,
      `COMMENT ON COLUMN users.number IS 'In order of landing.'`,
      'ALTER TABLE users ADD COLUMN stars INTEGER DEFAULT 5',
      'ALTER TABLE users ALTER COLUMN stars SET NOT NULL',
      'ALTER TABLE users ADD PRIMARY KEY (user_id)',
      'CREATE INDEX by_name ON users (name)',
    ]);
    expect(users?.error).toBeUndefined();
    expect(users?.warnings).toEqual(['The values of number were lost']);
    expect(await ask('FROM users')).toEqual([['2', 'Bob', '2', 5]]);
    const [sql] = await ask(`SELECT sql FROM duckdb_tables() WHERE table_name = 'users'`);
    expect(sql?.[0]).toMatch(/COLLATE NOCASE DEFAULT\('Nobody'\) NOT NULL.* DEFAULT\(5\) NOT NULL, PRIMARY KEY/);
  });

  test('many columns in one go', async () => {
    const names = Array.from({length: 100}, (_, i) => `mine_${i}`);
    const {ask, users} = await replaceAfter(names.map(name => `ALTER TABLE users ADD COLUMN ${name} INTEGER`));
    expect(users?.warnings).toEqual([]);
    expect(await ask('DESCRIBE users')).toHaveLength(102);
  });

  test('defaults, NOT NULL and a primary key', async () => {
    const {ask, users} = await replaceAfter([
      'CREATE SEQUENCE numbers',
      `ALTER TABLE users ALTER COLUMN user_id SET DEFAULT nextval('numbers')`,
      `ALTER TABLE users ALTER COLUMN name SET DEFAULT 'It''s nobody'`,
      'ALTER TABLE users ALTER COLUMN name SET NOT NULL',
      'ALTER TABLE users ADD PRIMARY KEY (user_id)',
    ]);
    expect(users?.warnings).toEqual([]);
    await ask('INSERT INTO users (user_id) VALUES (DEFAULT)');
    expect(await ask(names)).toEqual([["It's nobody"], ['Bob']]);
    await expect(ask('INSERT INTO users VALUES (7, NULL)')).rejects.toThrow(/NOT NULL/);
    await expect(ask(`INSERT INTO users VALUES (2, 'Again')`)).rejects.toThrow(/duplicate key/i);
  });
});

describe('of what users make of a published table, a replace names what is lost', () => {
  test.each([
    [
      'a unique index that no longer holds',
      ['CREATE UNIQUE INDEX one_name ON users (name)'],
      /CREATE UNIQUE INDEX one_name/,
    ],
    [
      'NOT NULL that no longer holds',
      ['ALTER TABLE users ALTER COLUMN name SET NOT NULL'],
      /NOT NULL of name was lost/,
    ],
    [
      'a primary key that no longer holds',
      ['ALTER TABLE users ADD PRIMARY KEY (name)'],
      /constraint PRIMARY KEY\("?name"?\) was lost/,
    ],
    [
      'constraints that cannot be added to a table',
      [
        'DROP TABLE users',
        'CREATE TABLE users (user_id BIGINT UNIQUE, name VARCHAR CHECK (length(name) > 1))',
        `INSERT INTO users VALUES (1, 'Ada')`,
      ],
      /constraint UNIQUE\(user_id\) was lost.*constraint CHECK.* was lost/s,
    ],
    [
      'a reference to another table',
      [
        'CREATE TABLE teams (id BIGINT PRIMARY KEY)',
        'DROP TABLE users',
        'CREATE TABLE users (user_id BIGINT, name VARCHAR, team BIGINT REFERENCES teams (id))',
      ],
      /constraint FOREIGN KEY \(team\) REFERENCES teams\(id\) was lost/,
    ],
    [
      'a reference to the table itself',
      [
        'DROP TABLE users',
        'CREATE TABLE users (user_id BIGINT PRIMARY KEY, name VARCHAR, boss BIGINT REFERENCES users (user_id))',
      ],
      /constraint FOREIGN KEY \(boss\) REFERENCES users\(user_id\) was lost/,
    ],
    [
      'the values of a column of their own',
      ['ALTER TABLE users ADD COLUMN note VARCHAR', `UPDATE users SET note = 'Met in Rome.'`],
      /^The values of note were lost$/,
    ],
    [
      'values that differ from a default',
      ['ALTER TABLE users ADD COLUMN stars INTEGER DEFAULT 5', `UPDATE users SET stars = 4`],
      /^The values of stars were lost$/,
    ],
    [
      'how a column is generated',
      ['DROP TABLE users', 'CREATE TABLE users (user_id BIGINT, twice BIGINT GENERATED ALWAYS AS (user_id * 2))'],
      /default of twice .* was lost/,
    ],
  ])('%s', async (_, statements, warning) => {
    const twins = [
      {user_id: 1, name: 'A'},
      {user_id: 2, name: 'A'},
      {user_id: 3, name: null},
    ];
    const {users, ask, destination, folder} = await replaceAfter(statements, twins);
    expect(users?.error).toBeUndefined();
    expect(users?.warnings.join('\n')).toMatch(warning);
    expect(await ask('SELECT count(*)::INT FROM users')).toEqual([[3]]);
    const [again] = await destination.publish([await makeLoad(folder, twins)], publishOptions(folder));
    expect(again?.warnings).toEqual([]);
  });
});

test('of a column that we made and is not sent any more, no values are said to be lost', async () => {
  const folder = await makeFolder();
  const destination = openDestination('duckdb:///out.duckdb', {cwd: folder});
  const scored = await makeLoad(folder, [{...ada, Score: 7}], {undeclared: {Score: ['integer']}});
  await destination.publish([scored], publishOptions(folder, {loadMetadata: true}));
  for (const loadId of ['load2', 'load3']) {
    const [users] = await destination.publish([await makeLoad(folder, [ada])], publishOptions(folder, {loadId}));
    expect(users?.warnings).toEqual([]);
  }
  const comment = `SELECT comment FROM duckdb_columns() WHERE column_name = 'score'`;
  expect(await query(fileIn(folder), comment)).toEqual([['Sent as "Score", which is not declared.']]);
});

test('a key keeps its column over the nights, whichever other keys come or are missing', async () => {
  const folder = await makeFolder();
  const destination = openDestination('duckdb:///out.duckdb', {cwd: folder});
  const nights = [{fooBar: 'camel'}, {fooBar: 'camel', foo_bar: 'snake'}, {foo_bar: 'snake'}, {FooBar: 'pascal'}];
  for (const [i, keys] of nights.entries()) {
    const undeclared = Object.fromEntries(Object.keys(keys).map(key => [key, ['string' as const]]));
    const load = await makeLoad(folder, [{...ada, ...keys}], {undeclared});
    const [users] = await destination.publish([load], publishOptions(folder, {loadId: `load${i}`}));
    expect(users?.warnings).toEqual([]);
    const held = await query(fileIn(folder), 'SELECT * EXCLUDE (user_id, name) FROM users');
    const columns = (await query(fileIn(folder), 'DESCRIBE users')).map(([name]) => name).slice(2);
    const row = Object.fromEntries(columns.map((name, column) => [name, held[0]?.[column]]));
    const expected = {foo_bar: 'fooBar', foo_bar_2: 'foo_bar', foo_bar_3: 'FooBar'};
    for (const [name, key] of Object.entries(expected)) expect(row[name] ?? null).toBe(keys[key as 'fooBar'] ?? null);
  }
});

const comments = `SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'users' AND column_name NOT LIKE '!_%' ESCAPE '!'`;

test('a description is renewed where ours stood, of an earlier version too, and nowhere else', async () => {
  const folder = await makeFolder();
  const destination = openDestination('duckdb:///out.duckdb', {cwd: folder});
  const publish = async (night: number, said: string, record: Record<string, unknown> = ada) => {
    const columns = {user_id: integer(`Key, ${said}.`), name: text(`Name, ${said}.`)};
    const table = makeTable({description: `Users, ${said}.`, columns});
    const load = await makeLoad(folder, [record], {table, undeclared: 'cost' in record ? {cost: ['integer']} : {}});
    const [users] = await destination.publish(
      [load],
      publishOptions(folder, {loadId: `load${night}`, loadMetadata: true}),
    );
    expect(users).toMatchObject({rows: 1, warnings: []});
    const [[table_] = []] = await query(
      fileIn(folder),
      `SELECT comment FROM duckdb_tables() WHERE table_name = 'users'`,
    );
    return [table_, Object.fromEntries(await query(fileIn(folder), comments))];
  };
  const sent = 'Sent as "cost", which is not declared.';
  expect(await publish(1, 'first', {...ada, cost: 1})).toEqual([
    'Users, first. Primary key: user_id.',
    {user_id: 'Key, first.', name: 'Name, first.', cost: sent},
  ]);
  expect(await publish(2, 'second', {...ada, cost: 1})).toEqual([
    'Users, second. Primary key: user_id.',
    {user_id: 'Key, second.', name: 'Name, second.', cost: sent},
  ]);
  await query(
    fileIn(folder),
    `COMMENT ON COLUMN users.name IS 'Mine.'`,
    `COMMENT ON COLUMN users.cost IS 'In euros.'`,
    'COMMENT ON COLUMN users.user_id IS NULL',
  );
  const mine = {name: 'Mine.', cost: 'In euros.'};
  expect(await publish(3, 'third', {...ada, cost: 1})).toEqual([
    'Users, third. Primary key: user_id.',
    {user_id: 'Key, third.', ...mine},
  ]);
  expect(await publish(4, 'third')).toEqual(['Users, third. Primary key: user_id.', {user_id: 'Key, third.', ...mine}]);
  expect(await publish(5, 'second', {...ada, cost: 2})).toEqual([
    'Users, second. Primary key: user_id.',
    {user_id: 'Key, second.', ...mine},
  ]);
  expect(await query(fileIn(folder), 'SELECT cost FROM users')).toEqual([['2']]);
});

describe.each([true, false])('a column of somebody else, with our metadata: %s,', loadMetadata => {
  async function nights(statements: readonly string[]) {
    const folder = await makeFolder();
    const destination = openDestination('duckdb:///out.duckdb', {cwd: folder});
    const publish = async (record: Record<string, unknown>, loadId: string) => {
      const undeclared = 'note' in record ? {note: ['string'] as const} : {};
      const load = await makeLoad(folder, [record], {undeclared});
      const [users] = await destination.publish([load], publishOptions(folder, {loadMetadata, loadId}));
      return users;
    };
    await publish(ada, 'load1');
    await query(fileIn(folder), ...statements);
    const users = await publish({...ada, note: 'sent'}, 'load2');
    const again = await publish({...ada, note: 'again'}, 'load3');
    return {users, again, ask: async (sql: string) => query(fileIn(folder), sql)};
  }

  test('stays as it is when Docebo begins to send a key of its name', async () => {
    const {users, again, ask} = await nights([
      `ALTER TABLE users ADD COLUMN Note INTEGER DEFAULT 7`,
      `COMMENT ON COLUMN users.Note IS 'Stars.'`,
    ]);
    expect(users?.warnings).toEqual(['The column note is your own, so the values sent as "note" are in note_2']);
    expect(again?.warnings).toEqual([]);
    expect(await ask('SELECT note, note_2 FROM users')).toEqual([[7, 'again']]);
    expect(await ask(`SELECT column_name, comment FROM duckdb_columns() WHERE column_name ILIKE 'note%'`)).toEqual([
      ['note_2', 'Sent as "note", which is not declared.'],
      ['Note', 'Stars.'],
    ]);
  });
});

test.each([true, false])(
  'a column of ours keeps its key, its name and the comment that somebody gave it, with our metadata: %s',
  async loadMetadata => {
    const folder = await makeFolder();
    const destination = openDestination('duckdb:///out.duckdb', {cwd: folder});
    const publish = async (note: string, loadId: string, own = {}) => {
      const load = await makeLoad(folder, [{...ada, note}], {undeclared: {note: ['string']}});
      const [users] = await destination.publish([load], publishOptions(folder, {loadMetadata, loadId, ...own}));
      return users?.warnings;
    };
    await publish('first', 'load1');
    await query(fileIn(folder), `COMMENT ON COLUMN users.note IS 'Cost centre'`);
    if (loadMetadata) await query(fileIn(folder), `COMMENT ON COLUMN users._docebo_load_id IS 'Theirs'`);
    const unsure = ['The column note holds "note"; whether it held that key before is not known'];
    expect(await publish('second', 'load2')).toEqual(loadMetadata ? unsure : []);
    // Neither the file nor a state folder tells.
    expect(await publish('third', 'load3', {readingsDir: join(folder, 'another')})).toEqual(unsure);
    expect(await query(fileIn(folder), 'SELECT note FROM users')).toEqual([['third']]);
    expect(await query(fileIn(folder), `SELECT comment FROM duckdb_columns() WHERE column_name = 'note'`)).toEqual([
      ['Cost centre'],
    ]);
  },
);

test('a column of a table that a version without such comments made is taken for ours, which is said', async () => {
  const folder = await makeFolder();
  const destination = openDestination('duckdb:///out.duckdb', {cwd: folder});
  const load = await makeLoad(folder, [{...ada, note: 'sent'}], {undeclared: {note: ['string']}});
  await destination.publish([load], publishOptions(folder, {loadMetadata: true}));
  const columns = ['note', '_docebo_load_id'];
  await query(fileIn(folder), ...columns.map(name => `COMMENT ON COLUMN users.${name} IS NULL`));
  const [users] = await destination.publish([load], publishOptions(folder, {loadMetadata: true, loadId: 'load2'}));
  expect(users?.warnings).toEqual(['The column note holds "note"; whether it held that key before is not known']);
  const [again] = await destination.publish([load], publishOptions(folder, {loadMetadata: true, loadId: 'load3'}));
  expect(again?.warnings).toEqual([]);
  expect(await query(fileIn(folder), 'SELECT * EXCLUDE (_docebo_load_id, _docebo_extracted_at) FROM users')).toEqual([
    ['1', 'Ada', 'sent'],
  ]);
});

describe('a table that another one refers to', () => {
  const referred = [
    'ALTER TABLE users ADD PRIMARY KEY (user_id)',
    'CREATE TABLE notes (user_id BIGINT REFERENCES users (user_id), note VARCHAR)',
    `INSERT INTO notes VALUES (1, 'Met in Rome.')`,
    'CREATE INDEX by_name ON users (name)',
  ];

  test('is kept with all that belongs to it; the others are published', async () => {
    const {users, others, ask} = await replaceAfter(referred);
    expect(users?.error).toBeInstanceOf(DestinationError);
    expect(users?.error?.message).toMatch(/^main\.users could not be replaced: .*"notes"/);
    expect(others).toMatchObject({rows: 1, warnings: []});
    expect(others?.error).toBeUndefined();
    expect(await ask(names)).toEqual([['Ada']]);
    expect(await ask('SELECT note FROM notes JOIN users USING (user_id)')).toEqual([['Met in Rome.']]);
    expect(await ask('SELECT index_name FROM duckdb_indexes()')).toEqual([['by_name']]);
    expect((await ask('SELECT table_name FROM duckdb_tables()')).flat().sort()).toEqual(['notes', 'others', 'users']);
  });

  test('holds the others back where all or nothing is asked for', async () => {
    const {users, others, ask} = await replaceAfter(referred, [bob], {allOrNothing: true});
    expect(users?.error).toBeInstanceOf(DestinationError);
    expect(others?.error?.message).toMatch(/held back by users/);
    expect((await ask('SELECT table_name FROM duckdb_tables()')).flat().sort()).toEqual(['notes', 'users']);
  });
});
