import type {DuckDBConnection} from '@duckdb/node-api';
import {run} from '../engine/duckdb.js';
import {withinMemory} from '../engine/memory.js';
import {isHeavy} from '../engine/pieces.js';
import {type Sql, sql} from '../engine/sql.js';
import {type Staged, stage} from '../engine/stage.js';
import type {Load} from './destination.js';
import {inFile} from './in-file.js';

/** Stages and proves a load, and has `write` make a file of the staged table, which is gone afterwards. */
export async function withStaged(
  connection: DuckDBConnection,
  load: Load,
  options: Parameters<typeof stage>[3],
  write: (staged: Sql, proved: Staged) => Promise<void>,
): Promise<Staged> {
  const staged = sql`staged`;
  const make = async () =>
    withinMemory(connection, load.table.name, async () => {
      const proved = await stage(connection, load, staged, options);
      await write(staged, proved);
      return proved;
    });
  try {
    return (await isHeavy(connection, load.spooled)) ? await inFile(connection, options.workDir, make) : await make();
  } finally {
    await run(connection, sql`DROP TABLE IF EXISTS ${staged}`);
  }
}
