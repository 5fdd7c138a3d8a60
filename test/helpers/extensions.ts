import {existsSync, readdirSync} from 'node:fs';
import {mkdir, mkdtemp, rm, symlink} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {DuckDBInstance, version} from '@duckdb/node-api';
import {afterAll, beforeAll} from 'vitest';

const names = ['ducklake', 'postgres_scanner'];

/** Packages of Python hold the extensions, each beside the version of DuckDB that it is built for. */
function findFiles(): ReadonlyMap<string, string> {
  const bin = process.env['DOCEBO_TEST_PYTHON'];
  if (bin === undefined || bin === '') return new Map();
  const lib = resolve(bin, '..', 'lib');
  const places = (existsSync(lib) ? readdirSync(lib) : []).map(each => join(lib, each, 'site-packages'));
  const found = names.flatMap(name =>
    places
      .map(place => join(place, `duckdb_extension_${name}`, 'extensions', version(), `${name}.duckdb_extension`))
      .filter(existsSync)
      .map((file): readonly [string, string] => [name, file]),
  );
  return new Map(found);
}

/** Why the extensions cannot be tested here; undefined if they can. */
export function findObstacle(): string | undefined {
  const files = findFiles();
  const missing = names.filter(name => !files.has(name));
  if (missing.length === 0) return undefined;
  return `DuckDB's extensions ${missing.join(' and ')} ${version()} are not in the environment that DOCEBO_TEST_PYTHON names (test/connectors/extensions.txt)`;
}

/** A folder that DuckDB takes the extensions from, for the tests of a file. */
export function useExtensions(): {readonly env: Readonly<Record<string, string>>} {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'docebo-extensions-'));
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const [[platform] = []] = (await connection.runAndReadAll('PRAGMA platform')).getRowsJson();
    connection.closeSync();
    instance.closeSync();
    const place = join(folder, version(), String(platform));
    await mkdir(place, {recursive: true});
    for (const [name, file] of findFiles()) await symlink(file, join(place, `${name}.duckdb_extension`));
  });
  afterAll(async () => rm(folder, {recursive: true, force: true}));
  return {
    get env() {
      return {DOCEBO_DUCKDB_EXTENSIONS: folder};
    },
  };
}
