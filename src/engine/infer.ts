import type {DuckDBConnection} from '@duckdb/node-api';
import type {SpooledTable} from '../spool/format.js';
import type {Kind} from '../table.js';
import {moment} from './casts.js';
import {queryRows} from './duckdb.js';
import {isDuckdbFailure} from './failures.js';
import {quoteText} from './quote.js';
import {keyColumns, type Reading, type ReadType, readRecords} from './read.js';
import {joinSql, type Sql, sql} from './sql.js';

/** For each key, the kinds that all of its values fit, the narrowest first; null if it has none. */
export type FittingKinds = ReadonlyMap<string, readonly Kind[] | null>;

/** A bit for each kind that a value may fit. */
const bits = {boolean: 1, integer: 2, double: 4, date: 8, timestamp: 16} as const;
const narrowestFirst = ['boolean', 'integer', 'double', 'date', 'timestamp'] as const;

/**
 * Which kinds fit all values of each key, so that no value is changed by being cast: a zero in front makes a code of a number, more than 15
 * digits do not fit a double. A day that does not exist fits, because it can only be a date that is wrong.
 */
export async function inferKinds(connection: DuckDBConnection, spooled: SpooledTable): Promise<FittingKinds> {
  const keys = [...spooled.undeclared.keys()];
  if (keys.length === 0) return new Map();
  const types = new Map<string, ReadType>(keys.map(key => [key, 'VARCHAR']));
  const keyColumn = keyColumns(types);
  const values = keys.map((key, i) => sql`nullif(trim(${keyColumn(key)}), '') AS v${i}`);
  const ask = async (reading: Reading) => {
    const records = readRecords(spooled, types, reading);
    const [row = []] = await queryRows(
      connection,
      sql`SELECT ${joinSql(keys.map((_, i) => judge(sql`v${i}`)))} FROM (SELECT ${joinSql(values)} FROM ${records})`,
    );
    return row;
  };
  const row = await ask('typed').catch(error => {
    // A record that holds a key twice.
    if (!isDuckdbFailure(error)) throw error;
    return ask('whole');
  });
  return new Map(keys.map((key, i) => [key, readKinds(row.slice(i * judgements, (i + 1) * judgements))]));
}

const judgements = 3;

/** The bits of the kinds that all values fit, whether any is a date that exists, and whether numbers would lose a zero at their end. */
function judge(value: Sql): Sql {
  const fits = (pattern: string) => sql`regexp_full_match(${value}, ${quoteText(pattern)})`;
  const kinds = sql`CASE
    WHEN ${value} IS NULL THEN NULL
    WHEN lower(${value}) IN ('true', 'false') THEN ${bits.boolean}
    WHEN ${fits('0|-?[1-9]\\d{0,14}')} THEN ${bits.integer | bits.double}
    WHEN ${fits('-?[1-9]\\d{0,18}')} AND try_cast(${value} AS BIGINT) IS NOT NULL THEN ${bits.integer}
    WHEN ${fits('-?(0|[1-9]\\d*)\\.\\d+')} AND length(${value}) <= 16 THEN ${bits.double}
    WHEN ${fits('\\d{4}-\\d{2}-\\d{2}')} THEN ${bits.date | bits.timestamp}
    WHEN ${fits(moment)} THEN ${bits.timestamp}
    ELSE 0 END`;
  const isDate = sql`${value} LIKE '____-__-__%' AND try_cast(left(${value}, 10) AS DATE) >= DATE '0001-01-01'`;
  // Prices have two decimals each. Where their number varies, 1.1 and 1.10 may be two versions.
  const decimals = sql`CASE WHEN ${value} LIKE '%.%' THEN length(${value}) - position('.' IN ${value}) END`;
  const losesZero = sql`bool_or(${value} LIKE '%.%0') AND min(${decimals}) <> max(${decimals})`;
  return sql`bit_and(${kinds}), coalesce(bool_or(${isDate}), false), coalesce(${losesZero}, false)`;
}

function readKinds([fitting, hasDate, losesZero]: readonly unknown[]): readonly Kind[] | null {
  if (fitting === null || fitting === undefined) return null;
  return narrowestFirst.filter(kind => {
    if ((Number(fitting) & bits[kind]) === 0) return false;
    if (kind === 'date' || kind === 'timestamp') return hasDate === true;
    return kind !== 'double' || losesZero === false;
  });
}
