import {randomBytes} from 'node:crypto';
import {readdir, readFile, truncate, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {formats} from '../../src/destination/formats/formats.js';
import {publishFiles} from '../../src/destination/publish-files.js';
import {swap} from '../../src/destination/swap.js';
import type {FileScheme} from '../../src/destination-uri.js';
import {run, withDuckdb} from '../../src/engine/duckdb.js';
import {sql} from '../../src/engine/sql.js';
import {DestinationError} from '../../src/errors.js';
import {query} from '../engine/query.js';
import {makeFolder, makeLoad, publishOptions} from '../engine/spool.js';
import {readRowsOf} from './rows-of-files.js';

/** A format whose files are changed once they are written, as a disk may change them. */
function damaging(scheme: FileScheme, damage: (file: string) => Promise<void>) {
  const format = formats[scheme];
  return {
    ...format,
    write: async (...args: Parameters<typeof format.write>) => {
      await format.write(...args);
      await damage(args[2]);
    },
  };
}

const lines = '{"user_id":1,"name":null}\n{"user_id":2,"name":null}\n';
const records = 'user_id,name\r\n1,"x"\r\n2,"y"\r\n';

/** What is left of a file of two rows. */
const damages: readonly (readonly [scheme: FileScheme, how: string, change: (bytes: Buffer) => Buffer | string])[] = [
  ['jsonl', 'at the end of a line', () => lines.slice(0, 26)],
  ['jsonl', 'within a line', () => lines.slice(0, 40)],
  ['jsonl', 'but for the end of the last line', () => lines.slice(0, -1)],
  ['jsonl', 'wholly', () => ''],
  ['jsonl', 'within a line, and zeros behind it', () => `${lines.slice(0, 40)}${'\0'.repeat(11)}\n`],
  ['jsonl', 'at the beginning', () => lines.slice(10)],
  ['jsonl', 'twice', () => `${lines}${lines}`],
  ['csv', 'at the end of a line', () => records.slice(0, 21)],
  ['csv', 'within a line', () => records.slice(0, 23)],
  ['csv', 'within a text', () => records.slice(0, 25)],
  ['csv', 'but for the end of the last line', () => records.slice(0, -1)],
  ['csv', 'wholly', () => ''],
  ['csv', 'within a line, and zeros behind it', () => `${records.slice(0, 26)}\0\r\n`],
  ['csv', 'at the beginning', () => records.slice(1)],
  ['csv', 'at the end of the header', () => records.slice(14)],
  ['csv', 'twice', () => `${records}${records}`],
  ['parquet', 'wholly', () => ''],
  ['parquet', 'at the beginning', bytes => bytes.subarray(10)],
  ['parquet', 'at the end', bytes => bytes.subarray(0, -1)],
  ['parquet', 'but for some bytes of a page', bytes => Buffer.from(bytes).fill(0, 20, 50)],
  ['parquet', 'and zeros behind it', bytes => Buffer.concat([bytes, Buffer.alloc(8)])],
];

describe('a file of which less is written than was said', () => {
  test.each(damages)('is not put in place: %s %s', async (scheme, _, change) => {
    const folder = await makeFolder();
    const out = join(folder, 'out');
    const publish = async (format = formats[scheme]) => {
      const loads = [
        await makeLoad(folder, [
          {user_id: 1, name: scheme === 'jsonl' ? null : 'x'},
          {user_id: 2, name: scheme === 'jsonl' ? null : 'y'},
        ]),
        await makeLoad(folder, [{user_id: 3}], {name: 'fine'}),
      ];
      return publishFiles(out, format, loads, publishOptions(folder));
    };
    await publish();
    const file = join(out, `users.${scheme}`);
    const whole = await readFile(file);
    let written = 0;
    const [users, fine] = await publish(
      damaging(scheme, async unfinished => {
        written += 1;
        if (written === 1) await writeFile(unfinished, change(await readFile(unfinished)));
      }),
    );
    expect(users?.error).toBeInstanceOf(DestinationError);
    expect(users?.error?.message).toMatch(
      new RegExp(`^users\\.${scheme}: 2 rows were proved, but the file that was written (holds|cannot be read: )`),
    );
    expect(fine?.error).toBeUndefined();
    expect((await readFile(file)).equals(whole)).toBe(true);
    expect(await readdir(out)).toEqual([`fine.${scheme}`, `users.${scheme}`]);
  });

  test.each(['jsonl', 'csv', 'parquet'] as const)('is not put in place where it is large: %s', async scheme => {
    const folder = await makeFolder();
    const out = join(folder, 'out');
    const load = await makeLoad(
      folder,
      // Bytes that zstd cannot make fewer of.
      Array.from({length: 20}, (_, i) => ({user_id: i, name: randomBytes(500_000).toString('hex')})),
    );
    const torn = damaging(scheme, file => truncate(file, 8 * 1024 * 1024));
    const [users] = await publishFiles(out, torn, [load], publishOptions(folder));
    expect(users?.error?.message).toMatch(
      /^users\.\w+: 20 rows were proved, but the file that was written (holds 9 rows, some of them torn|cannot be read)/,
    );
    const [again] = await publishFiles(out, formats[scheme], [load], publishOptions(folder));
    expect(again?.error).toBeUndefined();
    expect(await readRowsOf(scheme, join(out, `users.${scheme}`))).toHaveLength(20);
  });
});

test('a Parquet file that holds other rows is not put in place, though they are as many', async () => {
  const folder = await makeFolder();
  const load = await makeLoad(folder, [{user_id: 1, name: 'Ada'}]);
  const others = damaging('parquet', async file => {
    await query(':memory:', `COPY (SELECT 1::BIGINT AS user_id, 'Eve' AS name) TO '${file}' (FORMAT parquet)`);
  });
  const [users] = await publishFiles(join(folder, 'out'), others, [load], publishOptions(folder));
  expect(users?.error?.message).toMatch(/holds other values$/);
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
  const swapped = await withDuckdb(file, {workDir: folder, lockTimeoutMs: 0}, async connection => {
    const found = await swap(connection, moves, async () => []);
    await run(connection, sql`DROP TABLE staged`);
    return found;
  });
  expect(swapped).toEqual({
    obstacle: {move: moves[1], index: null, said: '3 rows were proved, but 2 are in place'},
  });
  expect(await query(file, 'SELECT table_name FROM duckdb_tables() ORDER BY ALL')).toEqual([['more'], ['users']]);
  expect(await query(file, 'FROM users')).toEqual([[7]]);
});
