import {quoteText} from './quote.js';
import {type Sql, sql} from './sql.js';

const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * Gives the same for two names that are one to DuckDB, which ignores case between A and Z only. JavaScript and SQL's lower() would also
 * fold "ÄX" and "äx" into one, which are two tables to DuckDB.
 */
export function foldCase(name: string): string {
  return name.replace(/[A-Z]+/g, letters => letters.toLowerCase());
}

/** The same in SQL. */
export function foldCaseSql(text: Sql): Sql {
  return sql`translate(${text}, ${quoteText(upper)}, ${quoteText(upper.toLowerCase())})`;
}
