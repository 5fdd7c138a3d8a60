import {mkdir, readdir, readFile, truncate, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {publishToJsonl} from '../../src/destination/publish-jsonl.js';
import {swap} from '../../src/destination/swap.js';
import {writeJsonl} from '../../src/destination/write-jsonl.js';
import {run, withDuckdb} from '../../src/engine/duckdb.js';
import {sql} from '../../src/engine/sql.js';
import {DestinationError} from '../../src/errors.js';
import {query} from '../engine/query.js';
import {makeFolder, makeLoad, publishOptions} from '../engine/spool.js';

describe('a file of which less is written than was said', () => {
  const whole = '{"user_id":1,"name":null}\n{"user_id":2,"name":null}\n';

  test.each([
    ['at the end of a line', whole.slice(0, 26)],
    ['within a line', whole.slice(0, 40)],
    ['but for the end of the last line', whole.slice(0, -1)],
    ['wholly', ''],
    ['within a line, and zeros behind it', `${whole.slice(0, 40)}${'\0'.repeat(11)}\n`],
    ['at the beginning', whole.slice(10)],
    ['twice', `${whole}${whole}`],
  ])('is not put in place: %s', async (_, written) => {
    const folder = await makeFolder();
    const out = join(folder, 'out');
    await mkdir(out);
    await writeFile(join(out, 'users.jsonl'), '{"user_id":7}\n{"user_id":8}\n');
    const loads = [
      await makeLoad(folder, [{user_id: 1}, {user_id: 2}]),
      await makeLoad(folder, [{user_id: 3}], {name: 'fine'}),
    ];
    const [users, fine] = await publishToJsonl(out, loads, publishOptions(folder), async (connection, staged, file) => {
      await writeJsonl(connection, staged, file);
      if ((await readFile(file, 'utf8')).length === whole.length) await writeFile(file, written);
    });
    expect(users?.error).toBeInstanceOf(DestinationError);
    expect(users?.error?.message).toMatch(
      /^users\.jsonl: 2 rows were proved, but the file that was written holds \d lines/,
    );
    expect(fine?.error).toBeUndefined();
    expect(await readFile(join(out, 'users.jsonl'), 'utf8')).toBe('{"user_id":7}\n{"user_id":8}\n');
    expect(await readdir(out)).toEqual(['fine.jsonl', 'users.jsonl']);
  });

  test('is not put in place where it is large', async () => {
    const folder = await makeFolder();
    const out = join(folder, 'out');
    const load = await makeLoad(
      folder,
      Array.from({length: 20}, (_, i) => ({user_id: i, name: 'x'.repeat(1_000_000)})),
    );
    const [users] = await publishToJsonl(out, [load], publishOptions(folder), async (connection, staged, file) => {
      await writeJsonl(connection, staged, file);
      await truncate(file, 8 * 1024 * 1024);
    });
    expect(users?.error?.message).toMatch(
      /^users\.jsonl: 20 rows were proved, but the file that was written holds 9 lines, some of them torn/,
    );
    const [again] = await publishToJsonl(out, [load], publishOptions(folder));
    expect(again?.error).toBeUndefined();
  });
});

test('tables whose rows in place are not those that were proved are not committed', async () => {
  const folder = await makeFolder();
  const file = join(folder, 'out.duckdb');
  await query(
    file,
    'CREATE TABLE users AS SELECT 7 AS id',
    'CREATE TABLE staged AS FROM range(2) range(id)',
    'CREATE TABLE more AS FROM range(2) range(id)',
  );
  const move = (name: string, to: string, rows: number) =>
    ({from: ['out', 'main', name], to: ['out', 'main', to], indexes: [], rows}) as const;
  const moves = [move('more', 'fine', 2), move('staged', 'users', 3)];
  const obstacle = await withDuckdb(file, {workDir: folder, lockTimeoutMs: 0}, async connection => {
    const found = await swap(connection, moves);
    await run(connection, sql`DROP TABLE staged`);
    return found;
  });
  expect(obstacle).toEqual({move: moves[1], index: null, said: '3 rows were proved, but 2 are in place'});
  expect(await query(file, 'SELECT table_name FROM duckdb_tables() ORDER BY ALL')).toEqual([['more'], ['users']]);
  expect(await query(file, 'FROM users')).toEqual([[7]]);
});
