import {DuckDBInstance} from '@duckdb/node-api';
import type {Load, PublishOptions} from '../../../src/destination/destination.js';
import {openDestination} from '../../../src/destination/open.js';
import {publishOptions} from '../../engine/spool.js';

type Env = Readonly<Record<string, string>>;

/** A DuckLake, and how to publish to it and to look at it. */
export function makeLake(folder: string, env: Env, uri = 'ducklake:lake.ducklake?data_path=data') {
  const destination = openDestination(uri, {cwd: folder, env, lockTimeoutMs: 300});
  return {
    destination,
    publish: async (loads: readonly Load[], options: Partial<PublishOptions> = {}) =>
      destination.publish(loads, publishOptions(folder, {loadMetadata: true, maxShrinkPercent: 100, ...options})),
    query: async (...statements: readonly string[]) =>
      queryLake(`ducklake:${folder}/lake.ducklake`, env, ...statements),
  };
}

let looking: Promise<DuckDBInstance> | undefined;

/** Attaches a catalog as `lake`, as another program would, and gives the rows of each statement. */
export async function queryLake(catalog: string, env: Env, ...statements: readonly string[]) {
  // One for all tests of a file: it takes DuckDB a third of a second to load an extension.
  looking ??= DuckDBInstance.create(':memory:', {
    extension_directory: env['DOCEBO_DUCKDB_EXTENSIONS'] ?? '',
    autoinstall_known_extensions: 'false',
  });
  const connection = await (await looking).connect();
  try {
    await connection.run(`SET TimeZone = 'UTC'; ATTACH '${catalog.replaceAll("'", "''")}' AS lake; USE lake`);
    const rows: unknown[][][] = [];
    for (const statement of statements) rows.push((await connection.runAndReadAll(statement)).getRowsJson());
    return rows;
  } finally {
    await connection.run('USE memory; DETACH lake');
    connection.closeSync();
  }
}

export const snapshots = `SELECT commit_message, author FROM lake.snapshots() WHERE snapshot_id > 0 ORDER BY snapshot_id`;
