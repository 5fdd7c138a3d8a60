import type {DuckDBConnection} from '@duckdb/node-api';
import {treeOf} from '../routes.js';
import type {Table} from '../table.js';
import {run} from './duckdb.js';
import {quoteIdentifier} from './quote.js';
import {type Sql, sql} from './sql.js';

/** No tree is that deep. What is deeper has no path, so that a chain of nodes cannot fill the memory with texts that grow at each. */
const mostLevels = 100;

/**
 * Fills the column that holds the path of each node of a tree (`Descend.path`). A path begins at a node without a parent, or whose parent has
 * no row; nodes whose parents go round in a circle have none. The key must be proved to be unique: then each node has one path.
 */
export async function fillPaths(connection: DuckDBConnection, staged: Sql, table: Table): Promise<void> {
  const tree = treeOf(table);
  if (tree?.path === undefined || tree.parentId === undefined) return;
  const [id, parent] = [quoteIdentifier(tree.id), quoteIdentifier(tree.parentId)];
  const title = sql`coalesce(${quoteIdentifier(tree.path.of)}, '')`;
  await run(
    connection,
    sql`UPDATE ${staged} AS node SET ${quoteIdentifier(tree.path.column)} = placed.path FROM (
      WITH RECURSIVE nodes AS (SELECT ${id} AS id, nullif(${parent}, ${id}) AS parent, ${title} AS title FROM ${staged}),
      placed AS (
        SELECT id, title AS path, 1 AS level FROM nodes
        WHERE NOT EXISTS (SELECT 1 FROM nodes above WHERE above.id = nodes.parent)
        UNION ALL
        SELECT nodes.id, placed.path || ' / ' || nodes.title, level + 1
        FROM placed JOIN nodes ON nodes.parent = placed.id WHERE level < ${mostLevels}
      )
      SELECT id, path FROM placed
    ) placed WHERE node.${id} = placed.id`,
  );
}
