import {quoteText} from './quote.js';
import {type Sql, sql} from './sql.js';

const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * What two names have in common that are one to DuckDB: it knows no difference in case between A and Z, and every other one.
 * JavaScript and SQL's lower() take "ÄX" and "äx" for one name too, and are two tables to DuckDB.
 */
export function foldCase(name: string): string {
  return name.replace(/[A-Z]+/g, letters => letters.toLowerCase());
}

/** The same in SQL. */
export function foldCaseSql(text: Sql): Sql {
  return sql`translate(${text}, ${quoteText(upper)}, ${quoteText(upper.toLowerCase())})`;
}
