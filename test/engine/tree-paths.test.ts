import {DuckDBInstance} from '@duckdb/node-api';
import {expect, test} from 'vitest';
import {sql} from '../../src/engine/sql.js';
import {fillPaths} from '../../src/engine/tree-paths.js';
import {branches} from '../../tables/branches.js';

/** The paths of branches, by id. */
async function pathsOf(values: string): Promise<Record<string, unknown>> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run('CREATE TABLE staged (id BIGINT, parent_id BIGINT, title VARCHAR, path VARCHAR)');
    await connection.run(`INSERT INTO staged (id, parent_id, title) ${values}`);
    await fillPaths(connection, sql`staged`, branches);
    const rows = await connection.runAndReadAll('SELECT id, path FROM staged ORDER BY id');
    return Object.fromEntries(rows.getRowsJson());
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

test.each([
  [
    'from the root down',
    "VALUES (2, 0, 'a'), (0, NULL, 'Root'), (3, 2, 'b / c')",
    {0: 'Root', 2: 'Root / a', 3: 'Root / a / b / c'},
  ],
  ['from a root that is its own parent', "VALUES (0, 0, 'Root'), (2, 0, 'a')", {0: 'Root', 2: 'Root / a'}],
  ['below a node that has no row', "VALUES (3, 2, 'b'), (4, 3, 'c')", {3: 'b', 4: 'b / c'}],
  [
    'through a node without a title',
    "VALUES (1, NULL, 'a'), (2, 1, NULL), (3, 2, 'c')",
    {1: 'a', 2: 'a / ', 3: 'a /  / c'},
  ],
  [
    'but not round a circle, nor below one',
    "VALUES (1, 2, 'a'), (2, 1, 'b'), (3, 2, 'c'), (4, NULL, 'd')",
    {1: null, 2: null, 3: null, 4: 'd'},
  ],
  ['of no rows', 'SELECT 1, 1, NULL WHERE false', {}],
])('paths lead %s', async (_, values, paths) => {
  expect(await pathsOf(values)).toEqual(paths);
});

test('a chain without end has paths only where a tree may be that deep', async () => {
  const paths = await pathsOf("SELECT i, i - 1, repeat('x', 1000) FROM range(1, 20001) t(i)");
  expect(Object.values(paths).filter(path => path !== null)).toHaveLength(100);
});
