import type {CastOptions} from '../destination/destination.js';
import type {Kind} from '../table.js';

/**
 * How each kind of column is made from the text that was sent, in two steps of SQL: `present` is the value without what means
 * "no value", `typed` is what the column holds. A value that is present and not typed is a failure, and is counted.
 */
interface Cast {
  readonly type: string;
  readonly present: (sent: string) => string;
  readonly typed: (present: string) => string;
}

const blanks = `' ' || chr(9) || chr(10) || chr(13)`;
const withoutBlanks = (sent: string) => `nullif(trim(${sent}, ${blanks}), '')`;

function withoutNoDate(sent: string): string {
  const trimmed = withoutBlanks(sent);
  return `CASE WHEN lower(${trimmed}) IN ('0', 'null') THEN NULL ELSE ${trimmed} END`;
}

/**
 * try_cast alone takes 'infinity', 'epoch', BC, five-digit years, one-digit months and offsets such as +99:99, so the form is
 * checked first. A text without a zone is read in the session's, which `engine/duckdb.ts` sets to UTC.
 */
const moment =
  '\\d{4}-\\d{2}-\\d{2}([T ]([01]\\d|2[0-3]):\\d{2}(:\\d{2}(\\.\\d+)?( ?(Z|UTC)|[+-](0\\d|1[0-4])(:?[0-5]\\d)?)?)?)?';

function toMoment(present: string): string {
  const wellFormed = `regexp_full_match(${present}, '${moment}') AND NOT starts_with(${present}, '0000')`;
  return `CASE WHEN ${wellFormed} THEN try_cast(${present} AS TIMESTAMPTZ) END`;
}

/** try_cast('12.5' AS BIGINT) rounds, and takes '1_000' and '1e3'. */
function toInteger(present: string): string {
  return `CASE WHEN regexp_full_match(${present}, '[+-]?\\d+(\\.0*)?') THEN try_cast(${present} AS BIGINT) END`;
}

function toDouble(present: string): string {
  const wellFormed = `regexp_full_match(${present}, '[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?')`;
  const tried = `try_cast(${present} AS DOUBLE)`;
  return `CASE WHEN ${wellFormed} AND isfinite(${tried}) THEN ${tried} END`;
}

function toBoolean(present: string): string {
  return `CASE lower(${present}) WHEN 'true' THEN true WHEN '1' THEN true WHEN 'false' THEN false WHEN '0' THEN false END`;
}

const asSent = (sent: string) => sent;

export const casts: Readonly<Record<Kind, Cast>> = {
  integer: {type: 'BIGINT', present: withoutBlanks, typed: toInteger},
  double: {type: 'DOUBLE', present: withoutBlanks, typed: toDouble},
  boolean: {type: 'BOOLEAN', present: withoutBlanks, typed: toBoolean},
  timestamp: {type: 'TIMESTAMP WITH TIME ZONE', present: withoutNoDate, typed: toMoment},
  date: {type: 'DATE', present: withoutNoDate, typed: present => `CAST(${toMoment(present)} AS DATE)`},
  text: {type: 'VARCHAR', present: asSent, typed: asSent},
  json: {type: 'JSON', present: asSent, typed: asSent},
};

export function isDated(kind: Kind): boolean {
  return kind === 'timestamp' || kind === 'date';
}

/** Whether a present value may fail to fit the kind. */
export function isFallible(kind: Kind): boolean {
  return kind !== 'text' && kind !== 'json';
}

/** What stands in the column once it is known whether the cast held. */
export function settle(kind: Kind, present: string, typed: string, {invalidDates}: Pick<CastOptions, 'invalidDates'>) {
  if (!isDated(kind) || invalidDates === 'null') return typed;
  const epoch = kind === 'date' ? `DATE '1970-01-01'` : `TIMESTAMPTZ '1970-01-01 00:00:00+00'`;
  return `CASE WHEN ${present} IS NULL THEN NULL ELSE coalesce(${typed}, ${epoch}) END`;
}
