import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {Load, PublishOptions} from '../../src/destination/destination.js';
import {openDestination} from '../../src/destination/open.js';
import {refuseShrunken} from '../../src/destination/shrink.js';
import {ContractError, DriftError, exitCodes, IncompleteError} from '../../src/errors.js';
import {query} from '../engine/query.js';
import {makeFolder, makeLoad, makeTable, publishOptions} from '../engine/spool.js';
import {fileUris, readRowsOf} from './rows-of-files.js';

const rows = (count: number) => Array.from({length: count}, (_, i) => ({user_id: i, name: `User ${i}`}));

const places = [
  {
    scheme: 'duckdb',
    uri: 'duckdb:///out.duckdb',
    count: async (folder: string) =>
      Number((await query(join(folder, 'out.duckdb'), 'SELECT count(*) FROM users'))[0]?.[0]),
  },
  ...fileUris.map(({scheme, uri}) => ({
    scheme,
    uri,
    count: async (folder: string) => (await readRowsOf(scheme, join(folder, 'out', `users.${scheme}`))).length,
  })),
];

describe.each(places)('an earlier table of $scheme', ({uri, count}) => {
  async function publish(folder: string, loads: readonly Load[], options: Partial<PublishOptions> = {}) {
    return openDestination(uri, {cwd: folder}).publish(loads, publishOptions(folder, options));
  }

  async function replace(before: number, after: number, options: Partial<PublishOptions> = {}) {
    const folder = await makeFolder();
    await publish(folder, [await makeLoad(folder, rows(before))]);
    const loads = [await makeLoad(folder, rows(after)), await makeLoad(folder, rows(1), {name: 'others'})];
    const [users, others] = await publish(folder, loads, {...options, loadId: 'load2'});
    return {users, others, held: await count(folder)};
  }

  test('is not replaced by no rows; the others are published', async () => {
    const {users, others, held} = await replace(3, 0);
    expect(users?.error).toBeInstanceOf(IncompleteError);
    expect(users?.error).not.toBeInstanceOf(DriftError);
    expect(users?.error).toMatchObject({
      message: 'users: no rows came, and the earlier table has 3 rows',
      hint: expect.stringContaining('--allow-empty'),
      exitCode: exitCodes.incomplete,
    });
    expect(users?.rows).toBe(0);
    expect(others?.error).toBeUndefined();
    expect(held).toBe(3);
  });

  test('is not replaced where more than the allowed share is gone', async () => {
    const {users, others, held} = await replace(1000, 499);
    expect(users?.error).toMatchObject({
      name: 'IncompleteError',
      message:
        'users: 499 rows came, and the earlier table has 1,000: 50.1 % are gone, more than the 50 % that are allowed',
      hint: expect.stringContaining('--max-shrink 51.'),
    });
    expect(others?.rows).toBe(1);
    expect(held).toBe(1000);
  });

  test('that is kept keeps those that were read by its rows, near and far, and no others', async () => {
    const folder = await makeFolder();
    const tables = (held: number) => [
      {name: 'grandchildren', held: 5, ancestors: ['children', 'users']},
      {name: 'children', held: 5, ancestors: ['users']},
      {name: 'users', held, ancestors: []},
      {name: 'others', held: 5, ancestors: ['fine']},
      {name: 'fine', held: 5, ancestors: []},
    ];
    const make = async ({name, held, ancestors}: ReturnType<typeof tables>[number]) => {
      const load = await makeLoad(folder, rows(held), {table: makeTable({name})});
      return {...load, ancestors};
    };
    const first = await publish(folder, await Promise.all(tables(10).map(make)));
    expect(first.map(({error}) => error)).toEqual(first.map(() => undefined));
    const second = await publish(folder, await Promise.all(tables(1).map(make)), {loadId: 'load2'});
    expect(second.map(({error}) => error?.message)).toEqual([
      'grandchildren depends on the rows of users, which was refused',
      'children depends on the rows of users, which was refused',
      expect.stringMatching(/^users: 1 row came/),
      undefined,
      undefined,
    ]);
    expect(second[1]?.error).toMatchObject({name: 'IncompleteError', cause: second[2]?.error});
    expect(await count(folder)).toBe(10);
  });

  test('that is kept for a key that is not allowed keeps no others', async () => {
    const folder = await makeFolder();
    const parent = await makeLoad(folder, [{user_id: 1, more: 1}], {undeclared: {more: ['integer']}});
    const child = {...(await makeLoad(folder, rows(1), {table: makeTable({name: 'children'})})), ancestors: ['users']};
    const [users, children] = await publish(folder, [parent, child], {schemaContract: 'freeze'});
    expect(users?.error).toBeInstanceOf(ContractError);
    expect(children?.error).toBeUndefined();
  });

  test.each<[before: number, after: number, options: Partial<PublishOptions>]>([
    [10, 4, {maxShrinkPercent: 60}],
    [3, 0, {allowEmpty: true, maxShrinkPercent: 0}],
  ])('of %i rows is replaced by %i where %j allows it', async (before, after, options) => {
    const {users, held} = await replace(before, after, options);
    expect(users?.error).toBeUndefined();
    expect(held).toBe(after);
  });

  test('that shrank holds the others back where all or nothing is asked for', async () => {
    const {users, others} = await replace(3, 0, {allOrNothing: true});
    expect([users?.error?.name, others?.error?.name]).toEqual(['IncompleteError', 'IncompleteError']);
  });

  test('may be without rows where there was none', async () => {
    const folder = await makeFolder();
    const [users] = await publish(folder, [await makeLoad(folder, [])], {maxShrinkPercent: 0});
    expect(users).toMatchObject({rows: 0});
    expect(users?.error).toBeUndefined();
    expect(await count(folder)).toBe(0);
  });
});

const usual = {maxShrinkPercent: 50, allowEmpty: false};
type Guards = Partial<typeof usual>;

test.each<[before: number, after: number, guards: Guards]>([
  [1000, 500, {}],
  [3, 3, {maxShrinkPercent: 0}],
  [2, 5, {maxShrinkPercent: 0}],
  [1000, 667, {maxShrinkPercent: 33.3}],
  [1000, 1, {maxShrinkPercent: 100}],
  [3, 0, {allowEmpty: true}],
  [0, 0, {maxShrinkPercent: 0}],
])('%i rows may become %i where %j is allowed', (before, after, guards) => {
  refuseShrunken('users', before, after, {...usual, ...guards});
});

test.each<[before: number, after: number, guards: Guards]>([
  [1000, 999, {maxShrinkPercent: 0}],
  [1000, 666, {maxShrinkPercent: 33.3}],
  [1000, 499, {allowEmpty: true}],
  [3, 0, {maxShrinkPercent: 100}],
])('%i rows may not become %i where only %j is allowed', (before, after, guards) => {
  expect(() => refuseShrunken('users', before, after, {...usual, ...guards})).toThrow(IncompleteError);
});

test.each([
  [1000, 499, 51],
  [100, 9, 91],
  [1000, 1, 100],
])('%i rows may become %i with the percentage that is named, and with none below', (before, after, least) => {
  const refuse = (maxShrinkPercent: number) => refuseShrunken('users', before, after, {...usual, maxShrinkPercent});
  expect(() => refuse(least - 1)).toThrow(
    expect.objectContaining({hint: expect.stringMatching(new RegExp(`--max-shrink ${least}\\.$`))}),
  );
  refuse(least);
});

test('a new table without rows has its columns with their types', async () => {
  const folder = await makeFolder();
  const destination = openDestination('duckdb:///out.duckdb', {cwd: folder});
  await destination.publish([await makeLoad(folder, [])], publishOptions(folder, {loadMetadata: true}));
  const columns = await query(join(folder, 'out.duckdb'), 'DESCRIBE users');
  expect(columns.map(([name, type]) => `${name} ${type}`)).toEqual([
    'user_id BIGINT',
    'name VARCHAR',
    '_docebo_load_id VARCHAR',
    '_docebo_extracted_at TIMESTAMP WITH TIME ZONE',
  ]);
});

test.each([
  ['jsonl', '{}\n{}\n{}'],
  ['csv', 'a,b\n1,"x\n""y"\n2,\n3,'],
  ['csv', 'a\r\n1\r\n\r\n3\r\n'],
] as const)('rows of an earlier file of %s count as they stand in %j', async (scheme, text) => {
  const folder = await makeFolder();
  await mkdir(join(folder, 'out'));
  await writeFile(join(folder, 'out', `users.${scheme}`), text);
  const load = await makeLoad(folder, rows(1));
  const [users] = await openDestination(`${scheme}://out`, {cwd: folder}).publish([load], publishOptions(folder));
  expect(users?.error?.message).toContain('the earlier table has 3');
});

test.each(fileUris)(
  'a new file of $scheme without rows tells the columns where the format can',
  async ({scheme, uri}) => {
    const folder = await makeFolder();
    const load = await makeLoad(folder, []);
    await openDestination(uri, {cwd: folder}).publish([load], publishOptions(folder, {loadMetadata: true}));
    const file = join(folder, 'out', `users.${scheme}`);
    if (scheme !== 'parquet') {
      const header = 'user_id,name,_docebo_load_id,_docebo_extracted_at\r\n';
      expect(await readFile(file, 'utf8')).toBe(scheme === 'csv' ? header : '');
      return;
    }
    expect((await query(':memory:', `DESCRIBE FROM '${file}'`)).map(([name, type]) => `${name} ${type}`)).toEqual([
      'user_id BIGINT',
      'name VARCHAR',
      '_docebo_load_id VARCHAR',
      '_docebo_extracted_at TIMESTAMP WITH TIME ZONE',
    ]);
  },
);
