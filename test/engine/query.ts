import {DuckDBInstance} from '@duckdb/node-api';

/** Runs statements against a file the way any other DuckDB user would; gives the rows of the last one. */
export async function query(file: string, ...statements: readonly string[]) {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  try {
    let rows: unknown[][] = [];
    for (const sql of statements) rows = (await connection.runAndReadAll(sql)).getRowsJson();
    return rows;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
