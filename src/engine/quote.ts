import {DestinationError} from '../errors.js';
import {toPointer} from '../json/raw-record.js';
import {joinSql, type Sql, sql, trust} from './sql.js';

/** Names and texts reach SQL only through here, so that whatever a user or a tenant calls a thing is taken literally. */

export function quoteIdentifier(name: string): Sql {
  return trust(`"${name.replaceAll('"', '""')}"`);
}

/** SQL text ends at a NUL, so a text that holds one is put together from its parts. */
export function quoteText(text: string): Sql {
  const parts = text.split('\0').map(part => trust(`'${part.replaceAll("'", "''")}'`));
  const whole = joinSql(parts, sql` || chr(0) || `);
  return parts.length === 1 ? whole : sql`(${whole})`;
}

/** A qualified name: give the catalog too, since DuckDB refuses `docebo.users` in a file called docebo.duckdb as ambiguous. */
export function quoteName(...names: readonly string[]): Sql {
  return joinSql(names.map(quoteIdentifier), sql`.`);
}

/**
 * A path for `read_json`, which would expand `*`, `?` and `[`. Throws DestinationError if the path also holds a backslash: DuckDB then
 * takes that for a separator, on every system.
 */
export function quotePath(path: string): Sql {
  const hasGlob = /[*?[]/.test(path);
  if (hasGlob && path.includes('\\')) {
    throw new DestinationError(`DuckDB cannot read ${path}: it holds a backslash beside a *, ? or [`, {
      hint: 'Choose another place with --state-dir.',
    });
  }
  return quoteText(path.replace(/[*?[]/g, '[$&]'));
}

/**
 * A JSON pointer, which works for any key. DuckDB's own paths (`$."key"`) have no empty key, and `*` means all keys even in quotes.
 */
export function quoteJsonPath(keys: readonly string[]): Sql {
  return quoteText(toPointer(keys));
}
