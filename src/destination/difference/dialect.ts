import type {Sql} from '../../engine/sql.js';
import type {Naming, Place, Plan} from './plan.js';

export type Rows = readonly (readonly unknown[])[];

/** The rows of one statement, and how many rows it touched. */
export interface Answer {
  readonly rows: Rows;
  readonly count: number;
}

/** How a database is asked, and what it says in words of its own. The difference itself is the same everywhere. */
export interface Dialect extends Naming {
  readonly ask: (statement: Sql) => Promise<Answer>;
  /** Columns that together identify a row until it changes. */
  readonly rowId: readonly Sql[];
  /**
   * A statement that tells a table apart from itself before any change, or gives no row. One that `isNew` holds what was written to it, unless something
   * there may have changed that: then too there is no row. Undefined if no table of the database can be told so.
   */
  readonly tellVersion: ((place: Place, isNew: boolean) => Sql) | undefined;
  /** The schema of tables of one session. */
  readonly temporary: Sql;
  /** Ends the statement that creates such a table. */
  readonly onCommit: Sql;
  /** A column such that texts are compared by their bytes. */
  readonly exactly: (column: Sql, type: Sql) => Sql;
  /** Values of a row as one, which tells NULL from any value. */
  readonly whole: (values: Sql) => Sql;
  /** Statements that make the table such that it can hold the rows. */
  readonly shape: (plan: Plan) => readonly Sql[];
  /** Statements that give the table its key once its rows are there. */
  readonly giveKey: (plan: Plan) => readonly Sql[];
  /** Statements before and after all that is written. */
  readonly around: {readonly before: readonly Sql[]; readonly after: readonly Sql[]};
  /** Names the table in an error that concerns it alone. Any other error stays as it is. */
  readonly failTable: (plan: Plan, error: unknown) => unknown;
  /** The table that an error concerns which came of a statement about all. */
  readonly findConcerned: (error: unknown, plans: readonly Plan[]) => Plan | undefined;
  /** Why other rows may be there than were written. */
  readonly countHint: string;
}
