import type {Columns, Parent, Route, Table} from './table.js';

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
