import {mkdir, mkdtemp, rm, symlink} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DuckDBInstance, version} from '@duckdb/node-api';
import {findFiles, findObstacle} from './extensions.js';

/**
 * Makes a folder from which DuckDB takes its extensions, for all tests. Without them it says once which tests are left out, and why; where their packages were to be
 * installed, it says so by failing.
 */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  const obstacle = findObstacle();
  if (obstacle !== undefined) {
    const told = `The tests of ducklake: are left out: ${obstacle}.`;
    if ((process.env['DOCEBO_TEST_PYTHON'] ?? '') !== '') throw new Error(told);
    process.stderr.write(`${told}\n`);
    return undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), 'docebo-extensions-'));
  const place = join(folder, version(), await findPlatform());
  await mkdir(place, {recursive: true});
  for (const [name, file] of findFiles()) await symlink(file, join(place, `${name}.duckdb_extension`));
  process.env['DOCEBO_DUCKDB_EXTENSIONS'] = folder;
  return async () => rm(folder, {recursive: true, force: true});
}

async function findPlatform(): Promise<string> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const [[platform] = []] = (await connection.runAndReadAll('PRAGMA platform')).getRowsJson();
  connection.closeSync();
  instance.closeSync();
  return String(platform);
}
