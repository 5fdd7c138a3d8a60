import {open} from 'node:fs/promises';
import type {DuckDBConnection} from '@duckdb/node-api';
import {queryRows} from '../engine/duckdb.js';
import {quoteIdentifier, quoteText} from '../engine/quote.js';

interface Column {
  readonly name: string;
  readonly type: string;
}

/** Writes a table as a record a line: dates as ISO 8601, every other type as DuckDB writes it in JSON. */
export async function writeJsonl(connection: DuckDBConnection, staged: string, file: string): Promise<void> {
  // Created first, for its mode: DuckDB would take the process's umask.
  await (await open(file, 'w', 0o600)).close();
  const described = await queryRows(connection, `DESCRIBE ${staged}`);
  const columns = described.map(([name, type]) => ({name: String(name), type: String(type)}));
  const fractional = await findFractions(connection, staged, columns.filter(isMoment));
  const written = columns.map(column => formatColumn(column, fractional.has(column.name)));
  await connection.run(
    `COPY (SELECT ${written.join(', ')} FROM ${staged}) TO ${quoteText(file)} (FORMAT json, USE_TMP_FILE false)`,
  );
}

/** Columns in which any moment has a part of a second: looked for once (5 ms), since to ask for every value is half of writing. */
async function findFractions(
  connection: DuckDBConnection,
  staged: string,
  moments: readonly Column[],
): Promise<ReadonlySet<string>> {
  if (moments.length === 0) return new Set();
  const hasAny = moments.map(({name}) => `coalesce(bool_or(epoch_us(${quoteIdentifier(name)}) % 1000000 <> 0), false)`);
  const [found = []] = await queryRows(connection, `SELECT ${hasAny.join(', ')} FROM ${staged}`);
  return new Set(moments.filter((_, i) => found[i] === true).map(({name}) => name));
}

function isMoment({type}: Column): boolean {
  return type === 'TIMESTAMP WITH TIME ZONE';
}

function formatColumn(column: Column, hasFractions: boolean): string {
  const name = quoteIdentifier(column.name);
  if (column.type === 'DATE') return `strftime(${name}, '%Y-%m-%d') AS ${name}`;
  if (!isMoment(column)) return name;
  // Without a zone it takes half as long, and the session's is UTC anyway.
  const moment = `make_timestamp(epoch_us(${name}))`;
  const whole = `strftime(${moment}, '%Y-%m-%dT%H:%M:%SZ')`;
  if (!hasFractions) return `${whole} AS ${name}`;
  const exact = `strftime(${moment}, '%Y-%m-%dT%H:%M:%S.%fZ')`;
  return `CASE WHEN epoch_us(${name}) % 1000000 = 0 THEN ${whole} ELSE ${exact} END AS ${name}`;
}
