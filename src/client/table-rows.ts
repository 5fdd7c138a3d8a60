import {UsageError} from '../errors.js';
import {filterTable, listRoutes} from '../filter-table.js';
import {boundBy, type Docebo} from '../source/docebo.js';
import {refuseAborted} from '../source/http/until-aborted.js';
import type {Row, Table} from '../table.js';
import {type AnyRow, type ListRequest, readList, UnservedError} from './read-list.js';
import {readWhole} from './read-whole.js';

/** What a filter may be set to; several values where Docebo takes several. */
export type FilterValue = string | number | bigint | readonly (string | number | bigint)[];

/** The names of the filters that a table declares. */
export type FilterOf<T extends Table> = keyof NonNullable<T['filters']> & string;

export interface RowsOptions<F extends string = string> {
  /** Only some rows, by the filters that Docebo knows for the table; tables/README.md lists them. */
  readonly filter?: {readonly [Name in F]?: FilterValue};
  /** The most rows; a whole number from 1. @default all */
  readonly limit?: number;
  /** Ends it with an InterruptedError, also in the middle of a reply or of a wait for the budget. */
  readonly signal?: AbortSignal;
}

/**
 * A row of a declared table, with the values that a load publishes: integers are bigint, moments and days are Date, JSON is parsed. Keys that are not
 * declared are there too, under the names of their columns. A table that is one list gives them page by page: what is not declared has the type that all of
 * its page fits, which on another page, and in a load, may be another one.
 */
export type TypedRow<T extends Table> = Row<T> & {readonly [field: `field_${number}`]: unknown};

/** One declared table of the tenant. */
export class TableRows<T extends Table> {
  readonly table: T;
  readonly #docebo: Docebo;

  constructor(docebo: Docebo, table: T) {
    this.#docebo = docebo;
    this.table = table;
  }

  /**
   * The rows, each once. A table that is one list gives them page by page, so that stopping early saves the calls; any other is read whole first. If rows
   * move meanwhile, pages are read again: a row that was given is not given again, so its values are those of the first reading, of which a load publishes
   * the last. Two different records of one key on one page are refused, as in a load. Ends only once the table, or what the filter leaves of it, was proved whole. Throws UsageError at once for a filter or limit that cannot be, and the
   * package's other errors while reading.
   */
  rows(options: RowsOptions<FilterOf<T>> = {}): AsyncGenerator<TypedRow<T>, void> {
    const {limit = Number.POSITIVE_INFINITY, signal} = options;
    refuseLimit(limit);
    const given = Object.entries<FilterValue | undefined>(options.filter ?? {}).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, [value].flat().map(each => writeValue(name, each))] as const],
    );
    const isWhole = given.length === 0;
    const table: Table = isWhole ? this.table : filterTable(this.table, Object.fromEntries(given), this.table.name);
    // Rows that come again are told apart by their key.
    const routes = table.primaryKey.length === 0 ? [] : listRoutes(table);
    const docebo = boundBy(this.#docebo, signal);
    // Cast to the kinds that the declaration names.
    return readAny(docebo, {table, routes, limit}, isWhole) as AsyncGenerator<TypedRow<T>, void>;
  }
}

function refuseLimit(limit: number): void {
  if (limit === Number.POSITIVE_INFINITY || (Number.isSafeInteger(limit) && limit >= 1)) return;
  throw new UsageError(`limit takes a whole number from 1, not ${limit}.`);
}

/** A number that a double has rounded would be the id of another. */
function writeValue(filter: string, value: string | number | bigint): string {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return String(value);
  throw new UsageError(`The filter ${filter} takes whole numbers that are exact, not ${value}.`, {
    hint: 'Beyond 2^53 give it as a bigint or as text.',
  });
}

/** By its list if that is served, and otherwise as a load reads it. `isWhole`: whether the whole table is wanted. */
async function* readAny(docebo: Docebo, request: ListRequest, isWhole: boolean): AsyncGenerator<AnyRow, void> {
  const {table, routes, limit} = request;
  const hasOthers = isWhole && table.routes.length > routes.length;
  if (routes.length > 0) {
    try {
      return yield* readList(docebo, request);
    } catch (error) {
      if (!hasOthers || !(error instanceof UnservedError)) throw error instanceof UnservedError ? error.cause : error;
    }
  }
  yield* take(limit, readWhole(docebo, table), docebo.signal);
}

async function* take(
  limit: number,
  rows: AsyncGenerator<AnyRow, void>,
  signal: AbortSignal,
): AsyncGenerator<AnyRow, void> {
  let count = 0;
  for await (const row of rows) {
    refuseAborted(signal);
    yield row;
    if (++count >= limit) return;
  }
}
