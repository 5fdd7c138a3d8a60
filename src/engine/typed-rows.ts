import {defaultChoices} from '../choices.js';
import type {CustomFields} from '../custom-fields.js';
import type {SpooledTable} from '../spool/format.js';
import type {Table} from '../table.js';
import {run, streamRows} from './duckdb.js';
import {withinMemory} from './memory.js';
import {inMemory, openWhenFree} from './open.js';
import {sql} from './sql.js';
import {stage} from './stage.js';

interface Landed {
  readonly table: Table;
  readonly spooled: SpooledTable;
  readonly fields?: CustomFields;
}

/**
 * The rows of a spool, cast and proved as those of a load are, some thousand at a time. `awaitDrift`: whether the table can be read once more if rows
 * moved. Throws what `stage` throws.
 */
export async function* readTypedRows(
  landed: Landed,
  {workDir, awaitDrift}: {readonly workDir: string; readonly awaitDrift: boolean},
): AsyncGenerator<readonly Readonly<Record<string, unknown>>[]> {
  const {instance} = await openWhenFree(inMemory, {workDir, lockTimeoutMs: 0});
  try {
    const connection = await instance.connect();
    try {
      await run(connection, sql`SET TimeZone = 'UTC'`);
      const staged = sql`staged`;
      const scratch = {loadId: '', earlier: null, workDir, awaitDrift, accept: {}};
      const options = {...defaultChoices.cast, loadMetadata: false, ...scratch};
      await withinMemory(connection, landed.table.name, async () => stage(connection, landed, staged, options));
      yield* streamRows(connection, sql`SELECT * FROM ${staged}`);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}
