import {open, stat} from 'node:fs/promises';
import {basename} from 'node:path';
import {queryNumber, queryRows, run} from '../../engine/duckdb.js';
import {firstLine, isDuckdbFailure, isOutOfMemory} from '../../engine/failures.js';
import {quoteIdentifier, quotePath, quoteText} from '../../engine/quote.js';
import {joinSql, type Sql, sql} from '../../engine/sql.js';
import {DestinationError} from '../../errors.js';
import {readFromRows} from '../older.js';
import type {Comment} from '../our-comments.js';
import type {FileFormat} from './format.js';
import {createTyped, describeColumns} from './line-format.js';

/** DuckDB holds a row group in memory as a whole: with groups by number of rows alone, 2,000 texts of 50 KB did not fit. */
const rowGroupBytes = 16 * 1024 * 1024;

export const parquet: FileFormat = {
  scheme: 'parquet',
  check: refuseOther,
  async write(connection, staged, file, comments) {
    await run(
      connection,
      sql`COPY ${staged} TO ${quoteText(file)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE_BYTES ${rowGroupBytes}, USE_TMP_FILE false,
            KV_METADATA {${joinSql(comments.map(describe))}})`,
    );
  },
  async findFault(connection, staged, file, rows) {
    const columns = await describeColumns(connection, staged);
    // In no order, because the rows are written in none.
    const digest = sql`sum(hash(${joinSql(columns.map(({name}) => quoteIdentifier(name)))}))`;
    const expected = await queryRows(connection, sql`SELECT ${digest} FROM ${staged}`);
    try {
      const [[count, ...found] = []] = await queryRows(connection, sql`SELECT count(*), ${digest} FROM ${read(file)}`);
      if (Number(count) !== rows) return `holds ${count} rows`;
      return String(found) === String(expected[0]) ? undefined : 'holds other values';
    } catch (error) {
      if (!isDuckdbFailure(error) || isOutOfMemory(error)) throw error;
      return `cannot be read: ${firstLine(error)}`;
    }
  },
  readInto: async (connection, created, file, types) => createTyped(connection, created, read(file), types),
  async countRows(connection, file) {
    if (!(await holdsAnything(file))) return 0;
    const select = sql`SELECT sum(num_rows) FROM parquet_file_metadata(${quotePath(file)})`;
    return queryNumber(connection, select).catch(error => {
      throw isDuckdbFailure(error) && !isOutOfMemory(error) ? notParquet(file, error) : error;
    });
  },
  async readReading(connection, file) {
    if (!(await holdsAnything(file))) return undefined;
    try {
      const columns = await describeColumns(connection, sql`SELECT * FROM ${read(file)}`);
      return await readFromRows(connection, read(file), columns);
    } catch (error) {
      if (!isDuckdbFailure(error)) throw error;
      return undefined;
    }
  },
};

function read(file: string): Sql {
  // DuckDB would take `month=5` in the path for a column.
  return sql`read_parquet(${quotePath(file)}, hive_partitioning = false)`;
}

/** Parquet has a place for the descriptions of a file, but DuckDB writes none to that of a column. */
function describe({column, text}: Comment): Sql {
  return sql`${quoteText(column === null ? 'description' : `description.${column}`)}: ${quoteText(text)}`;
}

/** Reads the last bytes only. An empty file is taken for one that somebody has made beforehand, for its permissions or its owner. */
async function refuseOther(file: string): Promise<void> {
  // Refuses a path that DuckDB cannot read.
  quotePath(file);
  if (!(await holdsAnything(file))) return;
  const handle = await open(file, 'r');
  try {
    const {size} = await handle.stat();
    const {buffer} = await handle.read(Buffer.alloc(4), 0, 4, Math.max(0, size - 4));
    if (buffer.toString('latin1') !== 'PAR1') throw notParquet(file);
  } finally {
    await handle.close();
  }
}

async function holdsAnything(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && found.size > 0;
}

/** It is not replaced, since nothing tells how many rows it has. */
function notParquet(file: string, cause?: Error): DestinationError {
  const said = cause === undefined ? '' : `: ${firstLine(cause)}`;
  return new DestinationError(`${basename(file)} exists, but it cannot be read as Parquet${said}`, {
    hint: 'Move it away, or choose another name for the table.',
    cause,
  });
}
