import type {DuckDBConnection} from '@duckdb/node-api';
import {DestinationError} from '../errors.js';
import {queryRows, run} from './duckdb.js';
import {isOutOfMemory} from './failures.js';
import {memoryLimitMb} from './open.js';
import {quoteText} from './quote.js';
import {sql} from './sql.js';

/**
 * Makes a table within DuckDB's memory limit. If it does not fit, it is tried again with one thread, which holds half as much at a time,
 * and with the highest limit. If it still does not fit, only that table fails.
 */
export async function withinMemory<T>(connection: DuckDBConnection, table: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (!isOutOfMemory(error)) throw error;
  }
  const usual = await queryRows(connection, sql`SELECT current_setting('memory_limit')`);
  await run(connection, sql`SET threads = 1; SET memory_limit = '${memoryLimitMb}MB'`);
  try {
    return await make();
  } catch (error) {
    if (!isOutOfMemory(error)) throw error;
    throw new DestinationError(`${table} does not fit in the ${memoryLimitMb} MB of memory that DuckDB may take`, {
      hint: 'Its records are very large, or hold very many undeclared keys: the schema contract "discard_value" leaves those out.',
      cause: error,
    });
  } finally {
    await run(connection, sql`RESET threads; SET memory_limit = ${quoteText(String(usual[0]?.[0]))}`);
  }
}
