import {DuckDBInstance} from '@duckdb/node-api';

/** Holds a DuckDB file as another program would, so that whoever publishes to it waits. */
export async function holdFile<T>(file: string, use: () => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(file);
  try {
    return await use();
  } finally {
    instance.closeSync();
  }
}
