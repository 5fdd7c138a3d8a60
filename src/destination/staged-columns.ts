import type {DuckDBConnection} from '@duckdb/node-api';
import {queryRows} from '../engine/duckdb.js';
import {type Sql, sql} from '../engine/sql.js';

/** A column of the staged table. */
export interface StagedColumn {
  readonly name: string;
  /** As DuckDB calls it. */
  readonly type: string;
}

export async function listColumns(connection: DuckDBConnection, staged: Sql): Promise<readonly StagedColumn[]> {
  const described = await queryRows(connection, sql`DESCRIBE ${staged}`);
  return described.map(([name, type]) => ({name: String(name), type: String(type)}));
}
