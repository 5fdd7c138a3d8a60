/**
 * The vocabulary of a table declaration. A table is a value: its DDL, casts, comments, docs, JSON Schema and contract test are derived
 * from it, so nothing about a table is written twice.
 */

/** What a column may hold. `engine/casts.ts` says how each kind is cast from what Docebo sends. */
export type Kind = 'integer' | 'double' | 'boolean' | 'text' | 'timestamp' | 'date' | 'json';

export interface Column<K extends Kind = Kind> {
  readonly kind: K;
  readonly description: string;
  /**
   * Where the record holds the value, in order of preference: the first value that is not null counts. A dot steps into an object
   * (`category.id`). Default: the key with the column's name; `[]` for a column that is made once the rows are there (`Descend.path`).
   */
  readonly from?: readonly string[];
  /** The table whose key the column holds. */
  readonly references?: KeyedTable;
}

/** A table that one column identifies. */
export interface KeyedTable extends Table {
  readonly primaryKey: readonly [string];
}

interface ColumnOptions {
  from?: string | readonly string[];
  references?: KeyedTable;
}

function column<K extends Kind>(kind: K) {
  return (description: string, {from, references}: ColumnOptions = {}): Column<K> => ({
    kind,
    description,
    ...(from !== undefined && {from: typeof from === 'string' ? [from] : from}),
    ...(references !== undefined && {references}),
  });
}

export const integer = column('integer');
export const double = column('double');
export const boolean = column('boolean');
export const text = column('text');
/** A moment in UTC, for any column that may carry a time of day, whatever its name says. */
export const timestamp = column('timestamp');
/** A day, only for columns that never show a time in the evidence. */
export const date = column('date');
export const json = column('json');

export type Columns = Readonly<Record<string, Column>>;

/** A record as Docebo sent it. */
export type SentRecord = Readonly<Record<string, unknown>>;

/** What an `explode` function knows about its page. */
export interface PageContext {
  /** 1-based number of the page within its list. */
  readonly page: number;
  /** Records asked for per page. */
  readonly pageSize: number;
  /** Values bound from the parent, by placeholder or column name. */
  readonly bound: Readonly<Record<string, string>>;
}

/** Ties a route to the rows of another table: one list is read for each row. */
export interface Parent {
  readonly table: Table;
  /** `{placeholder}` or column of the child → column of the parent. */
  readonly bind: Readonly<Record<string, string>>;
  /** Only parents whose column holds one of these values. A parent without the column is kept. */
  readonly where?: Readonly<Record<string, readonly string[]>>;
  /**
   * Columns whose counts must be above 0 for a parent to have children. A parent with a 0 in any of them is not asked; NULL is not 0. If all
   * of them are above 0, `emptyOn` is not believed.
   */
  readonly skipIfZero?: readonly string[];
  /**
   * Columns of the parent that are as they were as long as its list is: a merge then carries the list over, until it is too old. Left out: the list may
   * change without a trace on the parent.
   */
  readonly unchangedWhen?: readonly string[];
  /** Column of the parent that counts the rows of its list: one that is carried over must have as many. */
  readonly countedBy?: string;
}

/** How a list is asked for the rows that have changed since a moment (tables/API.md#change-filters). */
export interface Changes {
  /** Query parameters that take the moments, as `YYYY-MM-DD HH:MM:SS`. */
  readonly from: string;
  readonly to: string;
  /** Column that holds when a row was last changed. */
  readonly column: string;
  /** How well it is known that the list heeds them, as tables/API.md grades it. However well: a merge believes only what it sees. */
  readonly evidence: 'A' | 'B' | 'UNKNOWN';
  /** Column of the key → the table whose row it names, with which rows may go, and the query parameter that takes such names. */
  readonly goesWith?: Readonly<Record<string, {readonly table: KeyedTable; readonly param: string}>>;
  /** Columns that tell of another row, such as the name of the course enrolled in: they change with that one, without this row's date. */
  readonly copies?: readonly string[];
  /** Path of a GET request for one row, with the column of the key as `{placeholder}`: a row that is thought to be gone is looked up by it. */
  readonly lookup?: string;
}

/** What `explode` makes of a page. */
export interface Exploded {
  /** The items of the list, as sent. They tell where the list ends and whether a page comes again. */
  readonly listed: readonly unknown[];
  readonly records: readonly SentRecord[];
}

/** One way to ask the API for a table. Routes are tried in the order of declaration. */
export interface ApiRoute {
  /** Path of a GET request, with `{placeholders}` bound from the parent. */
  readonly path: string;
  /** Query parameters; values may hold `{placeholders}` too. A key that ends in `[]` is repeated for each value. */
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly parent?: Parent;
  /** Query parameters of a filtered table, whose values are sent as they are (`filterTable`). */
  readonly filter?: Readonly<Record<string, readonly string[]>>;
  /**
   * Where the reply keeps its records: dotted paths to a list, or to a map whose values are the records. The first path that exists
   * counts. Default: `data.items`, `data`, `items`.
   */
  readonly recordsAt?: readonly string[];
  /** Where the reply keeps its only record, which has to hold the key that was asked for. Replaces `recordsAt`. */
  readonly record?: string;
  /** Member that each record holds → what it means if the first of a reply lacks it: the reply is of another shape, and is refused. */
  readonly holds?: Readonly<Record<string, string>>;
  /**
   * Member → what it may hold, if the query lets in only such records: a reply with another one is refused, because the server has ignored the query.
   */
  readonly only?: Readonly<Record<string, readonly string[]>>;
  /** If the list can be asked for what has changed. A merge takes the first route that can, whatever comes before it. */
  readonly changes?: Changes;
  /** For an odd endpoint, whose records have to be made from the body. Replaces `recordsAt`. */
  readonly explode?: (body: unknown, context: PageContext) => Exploded;
  /**
   * `numbered` (default): `page` and `page_size` are sent and followed. `offset`: `from` and `count` are sent instead, the number of
   * records before the page and on it. `single`: the whole list comes in one reply; if that reply says that there are more pages, they are
   * asked for.
   */
  readonly paging?: 'numbered' | 'offset' | 'single';
  /**
   * Whether the list gives a cursor on `get_cursor=1`, by which its pages stay as they were when the first was read
   * (tables/API.md#cursors). How long a cursor lasts is not known: if it is refused, the list is read on without it.
   */
  readonly cursor?: true;
  /**
   * For an export of a report (`exportOf`), which is started and waited for first: whether its rows are read page by page or as a file. The
   * path holds `{executionId}`, which stands for the export.
   */
  readonly export?: 'results' | 'download';
  /** For trees, of which a reply may hold only one level: a node with more below it than was sent is asked for by this query parameter. */
  readonly descend?: Descend;
  /**
   * Statuses that say that a parent was deleted after it was listed, with the reason. The report counts each; too many of them to be
   * chance make the table incomplete.
   */
  readonly tolerate?: Readonly<Record<number, string>>;
  /**
   * Statuses by which Docebo says that a parent has no children, with the reason. The report counts each. If the parent counts some
   * (`skipIfZero`), the status means a deletion, if that is tolerated, or else a failure.
   */
  readonly emptyOn?: Readonly<Record<number, string>>;
}

export interface Descend {
  readonly param: string;
  /** Columns of the table. */
  readonly id: string;
  readonly hasChildren: string;
  readonly parentId?: string;
  /** Nested-set bounds: those of a node's descendants lie strictly between its own. */
  readonly left?: string;
  readonly right?: string;
  /** Where the reply names the root of the tree, which is not among the records. It becomes a row too. */
  readonly root?: string;
  /** The column that holds the path of each node: the texts in the column `of` from the root down, ` / ` between them. Needs `parentId`. */
  readonly path?: {readonly column: string; readonly of: string};
}

/** How a table can be limited to some of its rows. */
export interface Filter {
  readonly description: string;
  /** Query parameter; one that ends in `[]` takes several values. */
  readonly param: string;
  /** Paths of the routes that take it. @default that of the first route */
  readonly paths?: readonly string[];
  /** All that it may be set to, if Docebo has words for it. @default anything */
  readonly values?: readonly string[];
  /** The filter without which it says nothing. */
  readonly needs?: string;
}

/** A table that costs no calls: records of another one, or what stands inside them. */
export interface DerivedRoute {
  readonly derive: Derivation;
}

export interface Derivation {
  readonly table: Table;
  /** Only records of the parent whose column holds one of these values. */
  readonly where?: Readonly<Record<string, readonly string[]>>;
  /**
   * A dotted path to a list or a map inside the parent's record: each element is a row. `[]` steps through a list, or the values of a map, on the way
   * (`sessions[].dates`). With `named` it is the pattern of the record's own keys (`field_{id}`). Default: the record itself is the row.
   */
  readonly each?: string;
  /** Column of the table → column of the parent. */
  readonly bind?: Readonly<Record<string, string>>;
  /** Column that holds an element's key, if the elements are the values of a map. */
  readonly key?: string;
  /** Column that holds an element's place in its list or map, from 1. */
  readonly position?: string;
  /** Column → names of a member of the innermost element around the list (`sessions[]`); the first that is not null counts. */
  readonly outer?: Readonly<Record<string, readonly string[]>>;
  /**
   * The table whose rows name the keys of `each`: an element is such a row with the member's `value` added. A parent that lacks one of the keys makes the
   * route unfit, so that the next one is taken.
   */
  readonly named?: KeyedTable;
  /** Column of the parent that counts the elements. A parent with fewer of them makes the route unfit. */
  readonly counted?: string;
}

export type Route = ApiRoute | DerivedRoute;

/** What tables are about, in the order in which they are listed. */
export const areas = [
  'people',
  'organisation',
  'courses',
  'enrolments',
  'instructor_led',
  'learning_plans',
  'catalogs',
  'content',
  'gamification',
  'subscriptions',
  'surveys',
  'reports',
] as const;

export type Area = (typeof areas)[number];

/** A report that an administrator has made in the tenant. */
export interface DoceboReport {
  readonly id: string;
  readonly name: string | null;
}

/** A declared table as the engine sees it. Declarations go through `defineTable`, whose parameter is stricter. */
export interface Table {
  readonly name: string;
  /** Other names that `--source-table` takes for it. */
  readonly aliases: readonly string[];
  readonly area: Area;
  readonly description: string;
  readonly routes: readonly Route[];
  readonly primaryKey: readonly string[];
  readonly columns: Columns;
  /** Keys that are left out on purpose, with the reason; `*` stands for all that no column reads. */
  readonly ignores: Readonly<Record<string, string>>;
  /** The report of which it is an export. Its columns are those of the report, so none is declared. */
  readonly exportOf?: DoceboReport;
  /** Where the additional fields whose values are sent as `field_1`, `field_2` and so on are described. */
  readonly customFields?: FieldList;
  /** The table of which it holds only some rows, and the values of that table's filters. */
  readonly filtered?: {readonly of: string; readonly by: Readonly<Record<string, readonly string[]>>};
  /** The filters that Docebo knows, by the name under which they are asked for. */
  readonly filters?: Readonly<Record<string, Filter>>;
}

/** The table whose keys are the numbers of additional fields, and its columns. `describedBy` checks them. */
export interface FieldList {
  readonly table: KeyedTable;
  readonly title: string;
  readonly type: string;
  /** The table that lists the options of drop-downs. */
  readonly options?: {readonly table: Table; readonly field: string; readonly id: string; readonly label: string};
}

/** Says where a table's additional fields are described. */
export function describedBy<F extends KeyedTable, O extends Table>(
  table: F,
  columns: {readonly title: keyof F['columns'] & string; readonly type: keyof F['columns'] & string},
  options?: {readonly table: O} & Readonly<Record<'field' | 'id' | 'label', keyof O['columns'] & string>>,
): FieldList {
  return {table, ...columns, ...(options !== undefined && {options})};
}

type Placeholder<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;

type QueryValues<R> = R extends {query: infer Q}
  ? Q[keyof Q] extends infer V
    ? V extends readonly string[]
      ? V[number]
      : V & string
    : never
  : never;

type RoutePlaceholder<R> =
  | (R extends {path: infer P extends string} ? Placeholder<P> : never)
  | Placeholder<QueryValues<R>>;

type ParentColumn<R> = R extends {parent: {table: {columns: infer C}}} ? keyof C & string : never;

/** What a tree must satisfy: it names columns of its table, and a path needs the column of the parent. */
type CheckedDescend<D, C extends Columns> = {
  [K in keyof D]: K extends 'param' | 'root'
    ? unknown
    : K extends 'path'
      ? {column: keyof C & string; of: keyof C & string}
      : keyof C & string;
} & (D extends {path: unknown} ? {parentId: keyof C & string} : unknown);

/** What a route must satisfy, given the columns of its own table. It is intersected with the route, so a mistake does not compile. */
type CheckedRoute<R, C extends Columns> = CheckedBinding<R, C> &
  (R extends {changes: unknown} ? {changes: {column: keyof C & string}} : unknown) &
  (R extends {changes: {copies: unknown}} ? {changes: {copies: readonly (keyof C & string)[]}} : unknown) &
  (R extends {changes: {lookup: string}} ? {changes: {lookup: `/${string}{${keyof C & string}}${string}`}} : unknown) &
  (R extends {changes: {goesWith: infer G}}
    ? {changes: {goesWith: {[K in keyof G]: K extends keyof C ? unknown : never}}}
    : unknown) &
  (R extends {descend: infer D} ? {descend: CheckedDescend<D, C>} : unknown);

type CheckedBinding<R, C extends Columns> = R extends {derive: {table: {columns: infer P}}}
  ? {derive: CheckedDerivation<R['derive' & keyof R], P, C>}
  : R extends {parent: unknown}
    ? {
        parent: {
          bind: {[K in RoutePlaceholder<R>]: ParentColumn<R>} & {
            [K in keyof R['parent']['bind' & keyof R['parent']]]: K extends RoutePlaceholder<R> | keyof C
              ? ParentColumn<R>
              : never;
          };
          where?: {
            [K in keyof R['parent']['where' & keyof R['parent']]]: K extends ParentColumn<R>
              ? readonly string[]
              : never;
          };
          skipIfZero?: readonly ParentColumn<R>[];
          unchangedWhen?: readonly ParentColumn<R>[];
          countedBy?: ParentColumn<R>;
        };
      }
    : [RoutePlaceholder<R>] extends [never]
      ? unknown
      : {parent: Parent};

type CheckedDerivation<D, P, C extends Columns> = {
  where?: {[K in keyof D['where' & keyof D]]: K extends keyof P ? readonly string[] : never};
  bind?: {[K in keyof D['bind' & keyof D]]: K extends keyof C ? keyof P & string : never};
  outer?: {[K in keyof D['outer' & keyof D]]: K extends keyof C ? readonly string[] : never};
  key?: keyof C & string;
  position?: keyof C & string;
  counted?: keyof P & string;
};

type Keys<C extends Columns> = readonly (keyof C & string)[];

/** A table whose column names and key are known to the compiler. */
export interface DefinedTable<
  C extends Columns = Columns,
  K extends Keys<C> = Keys<C>,
  N extends string = string,
  F extends string = string,
> extends Table {
  readonly name: N;
  readonly filters?: Readonly<Record<F, Filter>>;
  readonly columns: C;
  readonly primaryKey: K;
}

interface TableSpec<
  C extends Columns,
  K extends Keys<C>,
  R extends readonly Route[],
  N extends string,
  F extends string,
> {
  name: N;
  aliases?: readonly string[];
  area: Area;
  description: string;
  /** In order of cost: the first that the tenant serves is used. */
  routes: R & {[I in keyof R]: Route & CheckedRoute<R[I], C>};
  /** Columns that identify a row, which are never null; empty if the API gives no identity. */
  primaryKey: K;
  ignores?: Readonly<Record<string, string>>;
  customFields?: FieldList;
  filters?: Readonly<Record<F, Filter>>;
  columns: C;
}

/**
 * Declares a table. The compiler refuses a primary key that names no column, a `{placeholder}` without a parent, a bind, filter or
 * derivation on a column that the parent lacks, and a reference to a table that takes more than one column to identify a row.
 */
export function defineTable<
  const C extends Columns,
  const K extends Keys<C>,
  const R extends readonly [Route, ...Route[]],
  const N extends string,
  const F extends string = never,
>({aliases = [], ignores = {}, ...spec}: TableSpec<C, K, R, N, F>): DefinedTable<C, K, N, F> {
  return {aliases, ignores, ...spec};
}

/** The TypeScript type of each kind, as in DuckDB's JSON output and the library's rows. */
interface Kinds {
  integer: bigint;
  double: number;
  boolean: boolean;
  text: string;
  timestamp: Date;
  date: Date;
  json: unknown;
}

/** The row type that follows from a declaration: everything but the key is nullable. */
export type Row<T extends Table> = {
  readonly [Name in keyof T['columns'] & string]:
    | Kinds[T['columns'][Name]['kind']]
    | (Name extends T['primaryKey'][number] ? never : null);
};

export const defaultRecordPaths: readonly string[] = ['data.items', 'data', 'items'];
