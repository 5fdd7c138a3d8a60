import type {CastOptions} from '../choices.js';
import {sentNames} from '../declared-keys.js';
import {toPointer} from '../json/raw-record.js';
import type {SpooledTable} from '../spool/format.js';
import type {Kind, Table} from '../table.js';
import {casts, isDated, isFallible, markFailure, settle} from './casts.js';
import type {Contract} from './contract.js';
import {markDiscarded} from './discard.js';
import type {EvolvedColumn} from './evolve.js';
import {labelOf} from './labels.js';
import {readingColumn, readingColumns} from './moved.js';
import {quoteIdentifier, quoteJsonPath, quoteText} from './quote.js';
import {boundColumn, keyColumns, type Reading, type ReadType, type RootTypes, readPages, readRecords} from './read.js';
import {joinSql, type Sql, sql} from './sql.js';

/** A column to make: its name, its kind, and the paths of keys at which a record may hold it. */
interface Wanted {
  readonly name: string;
  readonly kind: Kind;
  readonly paths: readonly (readonly string[])[];
  /** Whether the record's page may bind its value. Never true of an undeclared key that happens to have the same name. */
  readonly isBound: boolean;
  /** Set if it holds the label of the option whose id stands at the path. */
  readonly labels?: EvolvedColumn | undefined;
}

/**
 * What may be wrong with a value: it does not fit its column, is not a valid date, was not valid text, or names another parent than the
 * one in whose list the record came.
 */
export type Failure = 'castFailures' | 'invalidDates' | 'mendedTexts' | 'otherParents';

/** Where a column's failures are marked: a bit in an extra column, which is dropped once they are counted. */
export interface FailureBit {
  readonly column: string;
  readonly failure: Failure;
  readonly mask: Sql;
  readonly bit: number;
}

export interface Selection {
  readonly select: Sql;
  readonly failures: readonly FailureBit[];
}

export interface Selectable {
  readonly table: Table;
  readonly spooled: SpooledTable;
  readonly contract: Contract;
  readonly reading: Reading;
  /** The first row's number, or null if rows need no numbers. They follow the order of the records only on a single thread. */
  readonly numberedFrom: number | null;
  readonly loadId: string;
  readonly options: CastOptions;
}

const bitsPerMask = 60;

/** The statement that turns a table's spool into typed rows. Where rows moved, it gives all readings of them. */
export function selectRows(facts: Selectable): Selection {
  const {table, spooled, contract, loadId, options, numberedFrom} = facts;
  const wanted = wantedColumns(table, contract, spooled.bound);
  const rootTypes = typesToRead(wanted, contract);
  const keyColumn = keyColumns(rootTypes);
  const failures = noteFailures(wanted, spooled);
  const boundNames = wanted.filter(({isBound}) => isBound).map(({name}) => name);

  // A report that is read as CSV does not tell an empty text from none.
  const noneIfEmpty = (value: Sql) => (table.exportOf === undefined ? value : sql`nullif(${value}, '')`);
  const sent = wanted.map(
    (column, i) => sql`${noneIfEmpty(sentValue(column, rootTypes, keyColumn, spooled))} AS ${sentName(i)}`,
  );
  const mended = wanted.flatMap((column, i) =>
    isMendable(column, spooled) ? [sql`${wasMended(column)} AS ${mendedName(i)}`] : [],
  );
  const claimed = wanted.flatMap((column, i) =>
    column.isBound
      ? [sql`${sentValue({...column, isBound: false}, rootTypes, keyColumn, spooled)} AS ${claimedName(i)}`]
      : [],
  );
  const typed = wanted.map(({kind}, i) => sql`${casts[kind].typed(sentName(i))} AS ${typedName(i)}`);
  const settled = wanted.map(
    ({name, kind}, i) => sql`${settle(kind, sentName(i), typedName(i), options)} AS ${quoteIdentifier(name)}`,
  );
  const metadata = options.loadMetadata
    ? [sql`${quoteText(loadId)} AS _docebo_load_id`, sql`extracted_at AS _docebo_extracted_at`]
    : [];

  const discarded = markDiscarded(contract.discardedBy.map(key => sql`r.${keyColumn(key)}`));
  const reading = spooled.moved
    ? readingColumns.map(
        name => sql`${name === 'row' ? sql`r` : sql`page`}.${quoteIdentifier(name)} AS ${readingColumn(name)}`,
      )
    : [];
  const kept = [...settled, ...metadata, ...maskColumns(wanted, failures), ...discarded.names];
  const records = readRecords(spooled, rootTypes, facts.reading);
  const select = sql`
    SELECT ${joinSql([...kept, ...(spooled.moved ? readingColumns.map(readingColumn) : [])])}
    FROM (
      SELECT *, ${joinSql(typed)}
      FROM (
        SELECT ${joinSql([sql`page.extracted_at`, ...reading, ...sent, ...claimed, ...mended, ...discarded.columns])}
        FROM (SELECT *, ${numberedFrom === null ? sql`0` : sql`${numberedFrom} + row_number() OVER ()`} AS row FROM ${records}) r
        JOIN (${readPages(spooled, boundNames)}) page ON page.page = r.page
      )
    )`;
  return {select, failures};
}

const sentName = (index: number) => sql`s${index}`;
const typedName = (index: number) => sql`t${index}`;
const mendedName = (index: number) => sql`m${index}`;
const claimedName = (index: number) => sql`c${index}`;

function wantedColumns(table: Table, {evolved}: Contract, bound: ReadonlySet<string>): Wanted[] {
  const declared = Object.entries(table.columns).map(([name, column]) => ({
    name,
    kind: column.kind,
    paths: sentNames(name, column).map(path => path.split('.')),
    isBound: bound.has(name),
  }));
  const undeclared = evolved.map(column => {
    const {key, name, kind, labels} = column;
    return {name, kind, paths: [[labels ?? key]], isBound: false, ...(labels !== undefined && {labels: column})};
  });
  return [...declared, ...undeclared];
}

function typesToRead(wanted: readonly Wanted[], {discardedBy}: Contract): RootTypes {
  const types = new Map<string, ReadType>(discardedBy.map(key => [key, 'JSON']));
  for (const {kind, paths} of wanted) {
    for (const [root = '', ...rest] of paths) {
      if (kind === 'json' || rest.length > 0) types.set(root, 'JSON');
      else if (!types.has(root)) types.set(root, 'VARCHAR');
    }
  }
  return types;
}

function sentValue(
  {name, kind, paths, isBound, labels}: Wanted,
  rootTypes: RootTypes,
  keyColumn: (key: string) => Sql,
  {exact}: Pick<SpooledTable, 'exact'>,
): Sql {
  const fromRecord = paths.flatMap(path => {
    const [root = '', ...rest] = path;
    const key = sql`r.${keyColumn(root)}`;
    const isJson = kind === 'json';
    const pointer = toPointer(path);
    const text = sql`json_extract_string(r.notes, ${quoteJsonPath(['exact', pointer])})`;
    const exactly = !exact.has(pointer) ? [] : [isJson ? sql`CAST(${text} AS JSON)` : text];
    if (rest.length === 0 && (isJson || rootTypes.get(root) !== 'JSON')) return [...exactly, key];
    const inside = quoteJsonPath(rest);
    const read = isJson
      ? sql`nullif(json_extract(${key}, ${inside}), 'null'::JSON)`
      : sql`json_extract_string(${key}, ${inside})`;
    return [...exactly, read];
  });
  const fromPage = sql`page.${boundColumn(name)}`;
  // A row belongs to the parent in whose list it came, whatever its record says.
  const values = isBound ? [kind === 'json' ? sql`to_json(${fromPage})` : fromPage, ...fromRecord] : fromRecord;
  if (values.length === 0) return sql`CAST(NULL AS VARCHAR)`;
  const value = values.length === 1 ? joinSql(values) : sql`coalesce(${joinSql(values)})`;
  return labels === undefined ? value : labelOf(value, labels);
}

/** Whether any value that the column reads was mended in some record. */
function isMendable({paths, labels}: Wanted, {mended}: Pick<SpooledTable, 'mended'>): boolean {
  return labels === undefined && paths.some(path => mended.has(toPointer(path)));
}

function wasMended({paths}: Wanted): Sql {
  const pointers = paths.map(path => quoteJsonPath(['mended', toPointer(path)]));
  return joinSql(
    pointers.map(pointer => sql`json_extract(r.notes, ${pointer}) IS NOT NULL`),
    sql` OR `,
  );
}

function noteFailures(wanted: readonly Wanted[], spooled: SpooledTable): FailureBit[] {
  const failures = wanted.flatMap(column => {
    const {name, kind} = column;
    const about: Failure[] = isFallible(kind) ? [isDated(kind) ? 'invalidDates' : 'castFailures'] : [];
    if (isMendable(column, spooled)) about.push('mendedTexts');
    if (column.isBound) about.push('otherParents');
    return about.map(failure => ({column: name, failure}));
  });
  return failures.map((failure, i) => ({
    ...failure,
    mask: sql`_docebo_failed_${Math.floor(i / bitsPerMask)}`,
    bit: i % bitsPerMask,
  }));
}

function maskColumns(wanted: readonly Wanted[], failures: readonly FailureBit[]): Sql[] {
  const masks = [...new Set(failures.map(({mask}) => mask))];
  const places = new Map(wanted.map(({name, kind}, i) => [name, {kind, i}]));
  return masks.map(mask => {
    const terms = failures
      .filter(failure => failure.mask === mask)
      .flatMap(({column, failure, bit}) => {
        const place = places.get(column);
        if (place === undefined) return [];
        const mark = 2n ** BigInt(bit);
        if (failure === 'mendedTexts') return [sql`CASE WHEN ${mendedName(place.i)} THEN ${mark} ELSE 0 END`];
        if (failure === 'otherParents') {
          const claimed = casts[place.kind].typed(claimedName(place.i));
          return [sql`CASE WHEN ${claimed} <> ${typedName(place.i)} THEN ${mark} ELSE 0 END`];
        }
        return [markFailure(place.kind, sentName(place.i), typedName(place.i), mark)];
      });
    return sql`CAST(${joinSql(terms, sql` + `)} AS BIGINT) AS ${mask}`;
  });
}
