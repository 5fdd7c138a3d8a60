import {chmod, link, lstat, mkdir, readdir, stat, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {openDestination} from '../../src/destination/open.js';
import {nameUnfinished} from '../../src/engine/unfinished.js';
import {DestinationError} from '../../src/errors.js';
import {query} from '../engine/query.js';
import {makeFolder, makeLoad, publishOptions} from '../engine/spool.js';
import {fileUris, readRowsOf} from './rows-of-files.js';

const ada = {user_id: 1, name: 'Ada'};
/** What a process of this machine has left that is no more. */
const stray = (await nameUnfinished()).replace(/^(\.docebo-ingest-)\d+-\d*/, '$1999999999-');

async function modeOf(file: string): Promise<number> {
  return (await stat(file)).mode & 0o777;
}

describe('a DuckDB file', () => {
  test('that goes by two hard links is opened once at a time', async () => {
    const folder = await makeFolder();
    const publishTo = async (file: string, name: string) =>
      openDestination(`duckdb:///${file}`, {cwd: folder}).publish(
        [await makeLoad(folder, [ada], {name})],
        publishOptions(folder, {loadId: name}),
      );
    await publishTo('one.duckdb', 'first');
    await link(join(folder, 'one.duckdb'), join(folder, 'two.duckdb'));
    const names = ['a', 'b', 'c', 'd'];
    const published = await Promise.all(names.map((name, i) => publishTo(i % 2 ? 'one.duckdb' : 'two.duckdb', name)));
    expect(published.map(([each]) => each?.error)).toEqual(names.map(() => undefined));
    const tables = await query(join(folder, 'one.duckdb'), 'SELECT table_name FROM duckdb_tables() ORDER BY ALL');
    expect(tables.flat()).toEqual([...names, 'first']);
  });

  test('is made where a link leads, for this user alone, and taken away again if nothing is published', async () => {
    const folder = await makeFolder();
    await mkdir(join(folder, 'real'));
    await symlink('real/x.duckdb', join(folder, 'out.duckdb'));
    const destination = openDestination('duckdb:///out.duckdb', {cwd: folder});
    await destination.check([]);
    const [refused] = await destination.publish([await makeLoad(folder, [ada, ada])], publishOptions(folder));
    expect(refused?.error).toBeDefined();
    expect(await readdir(join(folder, 'real'))).toEqual([]);
    const [users] = await destination.publish([await makeLoad(folder, [ada])], publishOptions(folder));
    expect(users?.error).toBeUndefined();
    expect(await modeOf(join(folder, 'real', 'x.duckdb'))).toBe(0o600);
    expect(await query(join(folder, 'real', 'x.duckdb'), 'SELECT name FROM users')).toEqual([['Ada']]);
    expect((await lstat(join(folder, 'out.duckdb'))).isSymbolicLink()).toBe(true);
    expect(
      (await readdir(join(folder, 'real'))).concat(await readdir(folder)).filter(name => /wal|tmp/.test(name)),
    ).toEqual([]);
  });

  test('that is there is rid of what a killed process left beside it', async () => {
    const folder = await makeFolder();
    const destination = openDestination('duckdb:///out.duckdb', {cwd: folder});
    await destination.publish([await makeLoad(folder, [ada])], publishOptions(folder));
    await writeFile(join(folder, stray), '');
    await destination.publish([await makeLoad(folder, [ada])], publishOptions(folder, {loadId: 'load2'}));
    expect(await readdir(folder)).not.toContain(stray);
  });
});

describe.each(fileUris)('a file of $scheme', ({scheme, uri}) => {
  test.each(['there', 'not there yet'])('is written where a link leads, which is %s', async state => {
    const folder = await makeFolder();
    await mkdir(join(folder, 'out'));
    await mkdir(join(folder, 'real'));
    const real = join(folder, 'real', `people.${scheme}`);
    if (state === 'there') await writeFile(real, '');
    await symlink(`../real/people.${scheme}`, join(folder, 'out', `users.${scheme}`));
    await writeFile(join(folder, 'real', stray), '');
    const destination = openDestination(uri, {cwd: folder});
    await destination.check([{schema: null, name: 'users'}]);
    const [users] = await destination.publish([await makeLoad(folder, [ada])], publishOptions(folder));
    expect(users?.error).toBeUndefined();
    expect((await lstat(join(folder, 'out', `users.${scheme}`))).isSymbolicLink()).toBe(true);
    expect(await readRowsOf(scheme, real)).toEqual([{user_id: '1', name: 'Ada'}]);
    expect(await readdir(join(folder, 'real'))).toEqual([`people.${scheme}`]);
  });

  test('is refused before the first request where a link leads to no place that can be written', async () => {
    const folder = await makeFolder();
    await mkdir(join(folder, 'out'));
    await writeFile(join(folder, 'real'), '');
    await symlink(`../real/people.${scheme}`, join(folder, 'out', `users.${scheme}`));
    const check = openDestination(uri, {cwd: folder}).check([{schema: null, name: 'users'}]);
    await expect(check).rejects.toThrow(DestinationError);
  });

  test('stays readable for whom it was', async () => {
    const folder = await makeFolder();
    const destination = openDestination(uri, {cwd: folder});
    const load = await makeLoad(folder, [ada]);
    await destination.publish([load], publishOptions(folder));
    await chmod(join(folder, 'out', `users.${scheme}`), 0o644);
    await destination.publish([load], publishOptions(folder));
    expect(await modeOf(join(folder, 'out', `users.${scheme}`))).toBe(0o644);
  });
});
