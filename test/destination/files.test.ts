import {mkdir, readdir, readFile, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {openDestination} from '../../src/destination/open.js';
import {DestinationError, IncompleteError} from '../../src/errors.js';
import {text} from '../../src/table.js';
import {everyType, makeFolder, makeLoad, makeTable, publishOptions} from '../engine/spool.js';
import {fileUris, readRowsOf} from './rows-of-files.js';

const table = makeTable({columns: everyType});

describe.each(fileUris)('a folder of $scheme', ({scheme, uri}) => {
  const read = async (folder: string, name = 'users') => readRowsOf(scheme, join(folder, 'out', `${name}.${scheme}`));

  test('holds every value of every kind, and tells nothing from an empty text', async () => {
    const folder = await makeFolder();
    const sent = [
      {user_id: 2, name: '', score: -0.1, active: 0, seen_at: '0001-01-01 00:00:00', born_on: '0001-01-01', extra: ''},
      {user_id: 3},
      {
        user_id: '9007199254740993',
        name: ' é/<",;\\\r\n\u0000🚀\'',
        score: '12.5',
        active: 1,
        seen_at: '2025-07-23 16:37:29',
        born_on: '2025-07-23',
        extra: {a: [1, null, {b: 'c,"d'}]},
      },
    ];
    const load = await makeLoad(folder, sent, {table});
    const [users] = await openDestination(uri, {cwd: folder}).publish([load], publishOptions(folder));
    expect(users).toEqual({table: 'users', rows: 3, invalidDates: {}, castFailures: {}, mendedTexts: {}, warnings: []});
    const rows = [...(await read(folder))].sort((a, b) => Number(a['user_id']) - Number(b['user_id']));
    // JavaScript has no such integer.
    if (scheme !== 'jsonl') expect(rows[2]?.['user_id']).toBe('9007199254740993');
    expect(rows.map(({user_id: _, ...row}) => row)).toEqual([
      {
        name: '',
        score: '-0.1',
        active: 'false',
        seen_at: '0001-01-01T00:00:00Z',
        born_on: '0001-01-01',
        extra: scheme === 'jsonl' ? '' : '""',
      },
      {name: null, score: null, active: null, seen_at: null, born_on: null, extra: null},
      {
        name: sent[2]?.name,
        score: '12.5',
        active: 'true',
        seen_at: '2025-07-23T16:37:29Z',
        born_on: '2025-07-23',
        extra: '{"a":[1,null,{"b":"c,\\"d"}]}',
      },
    ]);
  });

  test('writes a moment with a part of a second where it has one, whatever the others of its column have', async () => {
    const folder = await makeFolder();
    const moments = [
      '2025-07-23T16:37:29Z',
      '2025-07-23T16:37:29.000001Z',
      '1969-12-31T23:59:59.500000Z',
      '0001-01-01T00:00:00Z',
    ];
    const records = moments.map((seen_at, i) => ({user_id: i, seen_at}));
    const load = await makeLoad(folder, records, {table});
    await openDestination(uri, {cwd: folder}).publish([load], publishOptions(folder));
    const held = (await read(folder)).map(row => [Number(row['user_id']), row['seen_at']]);
    expect(held.sort()).toEqual(moments.map((moment, i) => [i, moment]));
  });

  test('holds a table of one column in which a value is missing', async () => {
    const folder = await makeFolder();
    const single = makeTable({primaryKey: [], columns: {name: text('Name.')}});
    const load = await makeLoad(folder, [{name: 'x'}, {name: null}, {name: ''}], {table: single});
    const [users] = await openDestination(uri, {cwd: folder}).publish([load], publishOptions(folder));
    expect(users?.error).toBeUndefined();
    const names = (await read(folder)).map(row => row['name']);
    expect(names).toHaveLength(3);
    expect(new Set(names)).toEqual(new Set(['x', null, '']));
  });

  test('holds the finished files only, and no other user of the machine reads them', async () => {
    const folder = await makeFolder();
    const loads = [await makeLoad(folder, [{user_id: 1}]), await makeLoad(folder, [{user_id: 1}], {schema: 'hr'})];
    await openDestination(uri, {cwd: folder}).publish(loads, publishOptions(folder));
    expect(await readdir(join(folder, 'out'))).toEqual([`hr.users.${scheme}`, `users.${scheme}`]);
    expect((await stat(join(folder, 'out', `users.${scheme}`))).mode & 0o777).toBe(0o600);
  });

  test('keeps the earlier file of a table that does not hold, and publishes the others', async () => {
    const folder = await makeFolder();
    await mkdir(join(folder, 'out'));
    await writeFile(join(folder, 'out', `users.${scheme}`), 'earlier');
    const loads = [
      await makeLoad(folder, [{user_id: 1}, {user_id: 1}]),
      await makeLoad(folder, [{user_id: 2}], {name: 'fine'}),
    ];
    const [users, fine] = await openDestination(uri, {cwd: folder}).publish(loads, publishOptions(folder));
    expect(users?.error).toBeInstanceOf(IncompleteError);
    expect(fine?.rows).toBe(1);
    expect(await readFile(join(folder, 'out', `users.${scheme}`), 'utf8')).toBe('earlier');
    expect(await readdir(join(folder, 'out'))).toEqual([`fine.${scheme}`, `users.${scheme}`]);
  });

  test('is left by no name', async () => {
    const folder = await makeFolder();
    const destination = openDestination(uri, {cwd: folder});
    const load = await makeLoad(folder, [{user_id: 1}], {name: '../../evil\0/x'});
    expect(destination.describe(load.target)).toBe(`%2E%2E%2F%2E%2E%2Fevil%00%2Fx.${scheme}`);
    await destination.publish([load], publishOptions(folder));
    expect(await readdir(join(folder, 'out'))).toEqual([`%2E%2E%2F%2E%2E%2Fevil%00%2Fx.${scheme}`]);
  });

  test('holds no file for two tables, and is no file', async () => {
    const folder = await makeFolder();
    const destination = openDestination(uri, {cwd: folder});
    const target = {schema: null, name: 'users'};
    await expect(destination.check([target, target])).rejects.toThrow(DestinationError);
    await writeFile(join(folder, 'out'), '');
    await expect(destination.check([target])).rejects.toThrow(DestinationError);
    const load = await makeLoad(folder, [{user_id: 1}]);
    await expect(destination.publish([load], publishOptions(folder))).rejects.toThrow(DestinationError);
  });
});
