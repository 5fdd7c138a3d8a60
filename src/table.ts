/**
 * The vocabulary of a table declaration. A table is a value: its DDL, casts, comments, docs, JSON Schema and contract test
 * are derived from it, so nothing about a table is written twice.
 */

/** What a column may hold. How each kind is cast from what Docebo sends stands in one place, `engine/casts.ts`. */
export type Kind = 'integer' | 'double' | 'boolean' | 'text' | 'timestamp' | 'date' | 'json';

export interface Column<K extends Kind = Kind> {
  readonly kind: K;
  readonly description: string;
  /**
   * Where the record holds the value, in order of preference: the first that is not null wins. A dot steps into an object
   * (`category.id`). Left out: the key of the column's own name.
   */
  readonly from?: readonly string[];
}

interface ColumnOptions {
  from?: string | readonly string[];
}

function column<K extends Kind>(kind: K) {
  return (description: string, {from}: ColumnOptions = {}): Column<K> => ({
    kind,
    description,
    ...(from !== undefined && {from: typeof from === 'string' ? [from] : from}),
  });
}

export const integer = column('integer');
export const double = column('double');
export const boolean = column('boolean');
export const text = column('text');
/** A moment, UTC. Any column that may carry a time of day, whatever its name says. */
export const timestamp = column('timestamp');
/** A bare day. Only where the evidence never shows a time. */
export const date = column('date');
export const json = column('json');

export type Columns = Readonly<Record<string, Column>>;

/** A record as Docebo sent it. */
export type SentRecord = Readonly<Record<string, unknown>>;

/** What an `explode` function is told about the page it takes apart. */
export interface PageContext {
  /** 1-based number of the page within its list. */
  readonly page: number;
  /** Records asked for per page. */
  readonly pageSize: number;
  /** Values bound from the parent, by placeholder or column name. */
  readonly bound: Readonly<Record<string, string>>;
}

/** Ties a route to the rows of another table: one list is read for each of them. */
export interface Parent {
  readonly table: Table;
  /** `{placeholder}` or column of the child → column of the parent. */
  readonly bind: Readonly<Record<string, string>>;
  /** Only parents whose column holds one of these values. A parent that lacks the column altogether is kept. */
  readonly where?: Readonly<Record<string, readonly string[]>>;
  /**
   * Columns that count what children hang on. Parents in which any of them is 0 have no children, so they are not asked; NULL does not count
   * as 0. Where all of them are more, `emptyOn` is not believed.
   */
  readonly skipIfZero?: readonly string[];
}

/** A page taken apart. */
export interface Exploded {
  /** What the list itself holds, as sent: by it a page that comes again is known, and where the list ends. */
  readonly listed: readonly unknown[];
  readonly records: readonly SentRecord[];
}

/** One way of asking the API for a table. Routes are tried in the order they are declared. */
export interface ApiRoute {
  /** Path of a GET, with `{placeholders}` bound from the parent. */
  readonly path: string;
  /** Query parameters; values may hold `{placeholders}` too. A key that ends in `[]` repeats once per value. */
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly parent?: Parent;
  /**
   * Where the reply keeps its records: dotted paths to a list, or to a map whose values are the records. The first path that
   * is there wins. Left out: `data.items`, `data`, `items`.
   */
  readonly recordsAt?: readonly string[];
  /** For the odd endpoint whose records have to be made out of the body. Stands in place of `recordsAt`. */
  readonly explode?: (body: unknown, context: PageContext) => Exploded;
  /**
   * `numbered` (default): `page` and `page_size` are sent and followed. `single`: the whole list comes in one reply; if that says that there
   * are more pages, they are asked for.
   */
  readonly paging?: 'numbered' | 'single';
  /**
   * The list gives a cursor on `get_cursor=1`, over which its pages stay as they were when the first was read (tables/API.md#cursors). How long it
   * lasts is not known: where it is refused, the list is read on without.
   */
  readonly cursor?: true;
  /** For trees of which a reply may hold one level only: a node with more below it than was sent is asked for it by this query parameter. */
  readonly descend?: Descend;
  /**
   * Statuses that say that a parent was deleted since it was listed, with the reason. Each one is counted in the report; so many that it
   * cannot be chance make the table incomplete.
   */
  readonly tolerate?: Readonly<Record<number, string>>;
  /**
   * Statuses by which Docebo says that a parent has no children, with the reason. Each one is counted in the report. Where the parent
   * counts some (`skipIfZero`) it stands for a deletion, if that is tolerated, or else for a failure.
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
}

/** A table that costs no calls: the records of another one that match. */
export interface DerivedRoute {
  readonly derive: {readonly table: Table; readonly where: Readonly<Record<string, readonly string[]>>};
}

export type Route = ApiRoute | DerivedRoute;

/** A declared table as the engine sees it. Authors write it through `defineTable`, whose parameter is stricter. */
export interface Table {
  readonly name: string;
  /** Other names that `--source-table` takes for it. */
  readonly aliases: readonly string[];
  readonly description: string;
  readonly routes: readonly Route[];
  readonly primaryKey: readonly string[];
  readonly columns: Columns;
  /** Keys that are sent and left out on purpose, with the reason. */
  readonly ignores: Readonly<Record<string, string>>;
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

/** What a route must satisfy, given the columns of its own table: intersected with the route, a mistake does not compile. */
type CheckedRoute<R, C extends Columns> = R extends {derive: {table: {columns: infer P}}}
  ? {
      derive: {
        where: {
          [K in keyof R['derive' & keyof R]['where' & keyof R['derive' & keyof R]]]: K extends keyof P
            ? readonly string[]
            : never;
        };
      };
    }
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
        };
      }
    : [RoutePlaceholder<R>] extends [never]
      ? unknown
      : {parent: Parent};

type Keys<C extends Columns> = readonly (keyof C & string)[];

/** A table whose column names and key are known to the compiler. */
export interface DefinedTable<C extends Columns = Columns, K extends Keys<C> = Keys<C>> extends Table {
  readonly columns: C;
  readonly primaryKey: K;
}

interface TableSpec<C extends Columns, K extends Keys<C>, R extends readonly Route[]> {
  name: string;
  aliases?: readonly string[];
  description: string;
  /** In order of cost: the first that the tenant serves is used. */
  routes: R & {[I in keyof R]: Route & CheckedRoute<R[I], C>};
  /** Columns that identify a row; empty where the API gives no identity. They are never null. */
  primaryKey: K;
  ignores?: Readonly<Record<string, string>>;
  columns: C;
}

/**
 * Declares a table. The compiler refuses a key that names no column, a `{placeholder}` without a parent, and a bind, filter
 * or derivation on a column that the parent lacks.
 */
export function defineTable<
  const C extends Columns,
  const K extends Keys<C>,
  const R extends readonly [Route, ...Route[]],
>({aliases = [], ignores = {}, ...spec}: TableSpec<C, K, R>): DefinedTable<C, K> {
  return {aliases, ignores, ...spec};
}

/** TypeScript's view of each kind, as DuckDB's JSON output and the library's rows hold it. */
interface Kinds {
  integer: bigint;
  double: number;
  boolean: boolean;
  text: string;
  timestamp: Date;
  date: Date;
  json: unknown;
}

/** The row type that follows from a declaration: everything is nullable but the key. */
export type Row<T extends Table> = {
  readonly [Name in keyof T['columns'] & string]:
    | Kinds[T['columns'][Name]['kind']]
    | (Name extends T['primaryKey'][number] ? never : null);
};

export const defaultRecordPaths: readonly string[] = ['data.items', 'data', 'items'];

/** Where the record may hold a column's value, its own name included by default. */
export function sentNames(name: string, {from}: Column): readonly string[] {
  return from ?? [name];
}

/** Root keys of a record that the declaration accounts for: those that columns read and those ignored with a reason. */
export function declaredKeys(table: Table): ReadonlySet<string> {
  const read = Object.entries(table.columns).flatMap(([name, column]) => sentNames(name, column));
  return new Set([...read.map(path => path.split('.')[0] ?? path), ...Object.keys(table.ignores)]);
}

/** Where a number must stay as it was sent, and whether a whole one is wanted there. */
export interface ExactPath {
  readonly keys: readonly string[];
  readonly isWhole: boolean;
}

/** By each declared root key, the paths at which columns take more of a number than a double holds. */
export function exactPaths(table: Table): ReadonlyMap<string, readonly ExactPath[]> {
  const paths = new Map<string, ExactPath[]>([...declaredKeys(table)].map(key => [key, []]));
  for (const [name, column] of Object.entries(table.columns)) {
    if (!['integer', 'text', 'json'].includes(column.kind)) continue;
    for (const path of sentNames(name, column)) {
      const keys = path.split('.');
      paths.get(keys[0] ?? path)?.push({keys, isWhole: column.kind === 'integer'});
    }
  }
  return paths;
}

export function isDerived(route: Route): route is DerivedRoute {
  return 'derive' in route;
}

/** What a route is called in reports and manifests. */
export function nameRoute(route: Route): string {
  return isDerived(route) ? `derived from ${route.derive.table.name}` : route.path;
}

/** A route as it is declared: two routes of a table may differ in their query alone. */
export function fullRouteName(route: Route): string {
  if (isDerived(route)) return nameRoute(route);
  const query = Object.entries(route.query ?? {}).flatMap(([name, value]) =>
    [value].flat().map(each => `${name}=${each}`),
  );
  return query.length === 0 ? route.path : `${route.path}?${query.join('&')}`;
}

/** As short as tells it from the others of the table. */
export function describeRoute({routes}: Table, route: Route): string {
  const name = nameRoute(route);
  return routes.filter(other => nameRoute(other) === name).length > 1 ? fullRouteName(route) : name;
}

/** Told by whoever sees it: by what a run remembers, and by what stands in the destination. */
export function describeRouteChange(before: string, now: string | null): string {
  return `Read by ${now}; until now it was read by ${before}.`;
}

/** The tables whose rows must be known before this one can be read: by the route of that name, or by any. */
export function parentsOf({routes}: Table, routeName?: string): readonly Table[] {
  const parents = routes
    .filter(route => routeName === undefined || nameRoute(route) === routeName)
    .map(route => (isDerived(route) ? route.derive.table : route.parent?.table));
  return [...new Set(parents.filter(parent => parent !== undefined))];
}
