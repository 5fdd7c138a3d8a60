import {existsSync, readdirSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {version} from '@duckdb/node-api';

const names = ['ducklake', 'postgres_scanner'];

/** Packages of Python hold the extensions, each beside the version of DuckDB that it is built for. */
export function findFiles(): ReadonlyMap<string, string> {
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

/** Where DuckDB finds them: see offer-extensions.ts. Tests of the program as a process inherit it. */
export const extensions = {DOCEBO_DUCKDB_EXTENSIONS: process.env['DOCEBO_DUCKDB_EXTENSIONS'] ?? ''};
