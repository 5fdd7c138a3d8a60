/** Names and texts reach SQL only through here, so that whatever a user or a tenant calls a thing is taken literally. */

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A qualified name: give the catalog too, since DuckDB refuses `docebo.users` in a file called docebo.duckdb as ambiguous. */
export function quoteName(...names: readonly string[]): string {
  return names.map(quoteIdentifier).join('.');
}

/** A path for `read_json`, which would expand `*`, `?` and `[`. */
export function quotePath(path: string): string {
  return quoteText(path.replace(/[*?[]/g, '[$&]'));
}

/** A JSON path that steps into one key after the other, whatever the keys are called. */
export function quoteJsonPath(keys: readonly string[]): string {
  return quoteText(`$${keys.map(key => `."${key.replace(/["\\]/g, '\\$&')}"`).join('')}`);
}
