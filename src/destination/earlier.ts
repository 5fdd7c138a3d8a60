import type {DuckDBConnection} from '@duckdb/node-api';
import {queryNumber, queryRows} from '../engine/duckdb.js';
import {foldCase, foldCaseSql} from '../engine/fold-case.js';
import type {EarlierColumns} from '../engine/name-keys.js';
import {quoteIdentifier, quoteName, quoteText} from '../engine/quote.js';
import {describeKey, isTitled, readKey} from '../engine/sent-as.js';
import {joinSql, type Sql, sql, trust} from '../engine/sql.js';
import type {Load} from './destination.js';
import {splitReading} from './difference/reading-note.js';
import type {Reading} from './older.js';
import {isOurs, listColumn, type OurComments, readOurComments} from './our-comments.js';
import {type NotedRoute, splitNote} from './route-note.js';

/** Catalog, schema and name of a table. */
export type Place = readonly [string, string, string];

/** The table, view or nothing that is at the target now. */
export interface Earlier {
  readonly place: Place;
  readonly isView: boolean;
  /** 0 if there is no table. */
  readonly rows: number;
  /** Without the note of when it was read, which only tables have of which unchanged rows are kept. */
  readonly comment: string | null;
  /** As it is. */
  readonly fullComment: string | null;
  /** When its rows were read, as that note says. */
  readonly reading: Reading | undefined;
  readonly ours: OurComments;
  /** The route that served it. */
  readonly route: NotedRoute;
  readonly types: EarlierColumns;
  readonly columns: readonly EarlierColumn[];
  /** As DuckDB writes them: `PRIMARY KEY(id)`, `CHECK((z > 0))`. NOT NULL is left out. */
  readonly constraints: readonly {readonly kind: string; readonly text: Sql}[];
  readonly indexes: readonly EarlierIndex[];
}

export interface EarlierColumn {
  readonly name: string;
  readonly type: Sql;
  readonly collation: Sql | null;
  readonly default: Sql | null;
  readonly isNullable: boolean;
  /** The undeclared key that it holds, if that is known. */
  readonly key: string | null;
  /** Without the note of when the table was read. */
  readonly comment: string | null;
  /** As it is. */
  readonly fullComment: string | null;
}

/** An index that somebody created on the table. */
export interface EarlierIndex {
  readonly name: string;
  /** The statement that created it, as DuckDB keeps it. */
  readonly sql: string;
  readonly comment: string | null;
}

type Rows = readonly (readonly unknown[])[];

/** What DuckDB's catalog says of some tables and views, by the name of each. */
export interface Standing {
  readonly views: ReadonlyMap<string, Rows>;
  readonly tables: ReadonlyMap<string, Rows>;
  readonly columns: ReadonlyMap<string, Rows>;
  readonly constraints: ReadonlyMap<string, Rows>;
  readonly indexes: ReadonlyMap<string, Rows>;
}

/** Asks for all places at once, because each of these questions has DuckDB go through every column or table of the file. */
export async function readStanding(connection: DuckDBConnection, places: readonly Place[]): Promise<Standing> {
  const wanted = joinSql(places.map(place => sql`(${joinSql(foldPlace(place).map(quoteText))})`));
  const ask = async (source: Sql, facts: Sql, name = sql`table_name`) => {
    const place = joinSql([sql`database_name`, foldCaseSql(sql`schema_name`), foldCaseSql(name)]);
    const rows = await queryRows(
      connection,
      sql`SELECT ${place}, ${facts} FROM ${source} WHERE (${place}) IN (${wanted})`,
    );
    const found = new Map<string, (readonly unknown[])[]>();
    for (const [catalog, schema, table, ...row] of rows) {
      const key = JSON.stringify([catalog, schema, table]);
      found.set(key, [...(found.get(key) ?? []), row]);
    }
    return found;
  };
  const views = await ask(sql`duckdb_views()`, sql`1`, sql`view_name`);
  const tables = await ask(sql`duckdb_tables()`, sql`sql, comment`);
  // The first of the others takes DuckDB longer than opening a file.
  const ifThere = async (source: Sql, facts: Sql) => (tables.size === 0 ? tables : ask(source, facts));
  return {
    views,
    tables,
    columns: await ifThere(
      sql`duckdb_columns()`,
      sql`column_index, column_name, data_type, column_default, is_nullable, comment`,
    ),
    constraints: await ifThere(
      sql`duckdb_constraints()`,
      sql`constraint_type, constraint_text, constraint_column_names, referenced_table, referenced_column_names`,
    ),
    indexes: await ifThere(sql`duckdb_indexes()`, sql`index_name, sql, comment`),
  };
}

function foldPlace([catalog, schema, name]: Place): Place {
  return [catalog, foldCase(schema), foldCase(name)];
}

/**
 * Reads what is at the target, whose columns may hold undeclared keys that were sent; `noted` are the keys by column that were noted, for a table
 * without a list of our comments.
 */
export async function readEarlier(
  connection: DuckDBConnection,
  standing: Standing,
  place: Place,
  {table: declared, spooled}: Pick<Load, 'table' | 'spooled'>,
  noted: ReadonlyMap<string, string> | null,
): Promise<Earlier> {
  const keys = [...spooled.undeclared.keys()];
  const rowsOf = (found: ReadonlyMap<string, Rows>) => found.get(JSON.stringify(foldPlace(place))) ?? [];
  const [views, [table], columns, constraints, indexes] = [
    rowsOf(standing.views),
    rowsOf(standing.tables),
    rowsOf(standing.columns),
    rowsOf(standing.constraints),
    rowsOf(standing.indexes),
  ];
  const collations = readCollations(textOrNull(table?.[0]) ?? '');
  const described = [...columns]
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, ...facts]) => toColumn(facts, collations));
  const fullComment = textOrNull(table?.[1]);
  const {text: comment, reading} = splitReading(fullComment);
  const list = described.find(({name}) => name === listColumn)?.fullComment ?? null;
  const {ours, route, isKnown, columns: found} = identifyColumns(described, keys, noted);
  const empty = declared.exportOf === undefined ? null : await findEmpty(connection, place, found);
  return {
    place,
    ours,
    comment,
    fullComment,
    reading: splitReading(list).reading ?? reading,
    route: route ?? splitNote(comment).route,
    isView: views.length > 0,
    rows: table !== undefined ? await queryNumber(connection, sql`SELECT count(*) FROM ${quoteName(...place)}`) : 0,
    columns: found,
    types: toHeldColumns(found, isKnown, empty),
    constraints: constraints
      .map(([kind, ...facts]) => ({kind: String(kind), text: trust(nameConstraint(facts))}))
      .filter(({kind}) => kind !== 'NOT NULL'),
    indexes: indexes
      .filter(([, sql]) => sql !== null)
      .map(([index, sql, comment]) => ({name: String(index), sql: String(sql), comment: textOrNull(comment)})),
  };
}

/** Tells what each column holds, by our comments, of which one lists the others. */
export function identifyColumns<C extends Pick<EarlierColumn, 'name' | 'comment'>>(
  described: readonly C[],
  keys: readonly string[],
  noted: ReadonlyMap<string, string> | null,
) {
  const list = described.find(({name}) => name === listColumn);
  const {text, route} = splitNote(list?.comment ?? null);
  const ours = readOurComments(text);
  const columns = described.map(column => ({
    ...column,
    key: findKey(column, keys, ours) ?? noted?.get(column.name) ?? null,
  }));
  return {ours, route, isKnown: ours !== null || noted !== null, columns};
}

export function toHeldColumns(
  columns: readonly (Pick<EarlierColumn, 'name' | 'key' | 'comment'> & {readonly type: string})[],
  isKnown: boolean,
  empty: ReadonlySet<string> | null,
): EarlierColumns {
  return new Map(
    columns.map(({name, type, key, comment}) => [
      foldCase(name),
      {type, key, isOwn: key === null && isKnown, isTitled: isTitled(comment), isEmpty: empty?.has(name) ?? false},
    ]),
  );
}

/** Reads the key from our comment on the column, or from the list of our comments if somebody has written another one. */
function findKey(
  {name, comment}: Pick<EarlierColumn, 'name' | 'comment'>,
  keys: readonly string[],
  ours: OurComments,
): string | null {
  return readKey(comment) ?? [...keys, name].find(key => isOurs({column: name, text: describeKey(key)}, ours)) ?? null;
}

/** The columns in which no row holds a value. */
async function findEmpty(
  connection: DuckDBConnection,
  place: Place,
  columns: readonly Pick<EarlierColumn, 'name'>[],
): Promise<ReadonlySet<string>> {
  if (columns.length === 0) return new Set();
  const counts = columns.map(({name}) => sql`count(${quoteIdentifier(name)})`);
  const [row = []] = await queryRows(connection, sql`SELECT ${joinSql(counts)} FROM ${quoteName(...place)}`);
  return new Set(columns.filter((_, i) => Number(row[i]) === 0).map(({name}) => name));
}

function toColumn(
  [name, type, defaultValue, isNullable, comment]: readonly unknown[],
  collations: ReadonlyMap<string, string>,
): Omit<EarlierColumn, 'key'> {
  return {
    name: String(name),
    type: trust(String(type)),
    collation: trustOrNull(collations.get(String(name))),
    default: trustOrNull(defaultValue),
    isNullable: isNullable === true,
    comment: splitReading(textOrNull(comment)).text,
    fullComment: textOrNull(comment),
  };
}

/** SQL that DuckDB itself wrote. */
function trustOrNull(kept: unknown): Sql | null {
  const text = textOrNull(kept);
  return text === null ? null : trust(text);
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

/** The text of a table's reference to itself is empty (DuckDB 1.5.6). */
function nameConstraint([text, columns, table, referenced]: readonly unknown[]): string {
  if (text !== '' || !Array.isArray(columns) || !Array.isArray(referenced)) return String(text);
  return `FOREIGN KEY (${columns.join(', ')}) REFERENCES ${String(table)}(${referenced.join(', ')})`;
}

/** The columns that do not compare their texts by bytes. Only the statement that created the table tells. */
function readCollations(sql: string): ReadonlyMap<string, string> {
  const found = sql.matchAll(/[(,] ?("(?:[^"]|"")*"|[^\s",()]+) VARCHAR COLLATE ([\w.]+)/g);
  return new Map([...found].map(([, name = '', collation = '']) => [unquote(name), collation]));
}

function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
