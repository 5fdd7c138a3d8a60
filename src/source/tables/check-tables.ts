import type {Table} from '../../table.js';
import type {Docebo} from '../docebo.js';
import {compareColumns, type Differences} from './compare-columns.js';
import {RouteMemory} from './route-memory.js';
import {type Readability, TableSampler} from './sample-tables.js';

export type {Readability} from './sample-tables.js';

/** What one page of a table shows of it. */
export interface TableCheck extends Readability, Differences {}

/** So many records show which columns a list sends, and are soon sent. */
const pageSize = 20;

/**
 * Asks for one page of every table, one after the other. Throws CredentialsError, SignInError and UnavailableError; any other error is reported as
 * an obstacle.
 */
export async function checkTables(
  docebo: Docebo,
  tables: readonly Table[],
  memory = new RouteMemory(null),
): Promise<readonly TableCheck[]> {
  const sampler = new TableSampler(docebo, {memory, pageSize, mostParents: 1, mostRecords: 1});
  const checks: TableCheck[] = [];
  for (const table of tables) {
    const {readability, route, records} = await sampler.sample(table);
    checks.push({...readability, ...compareColumns(table, route, records)});
  }
  return checks;
}
