import {type Accepted, defaultChoices} from '../choices.js';
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

interface TypedRowsOptions {
  readonly workDir: string;
  /** Whether the table can be read once more if rows moved. */
  readonly awaitDrift: boolean;
  readonly accept?: Accepted;
}

/**
 * The rows of a spool, cast and proved as those of a load are, some thousand at a time. Throws what `stage`
 * throws.
 */
export async function* readTypedRows(
  landed: Landed,
  {workDir, awaitDrift, accept = {}}: TypedRowsOptions,
): AsyncGenerator<readonly Readonly<Record<string, unknown>>[]> {
  const {instance} = await openWhenFree(inMemory, {workDir, lockTimeoutMs: 0});
  try {
    const connection = await instance.connect();
    try {
      await run(connection, sql`SET TimeZone = 'UTC'`);
      const staged = sql`staged`;
      const scratch = {loadId: '', earlier: null, workDir, awaitDrift, accept};
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
