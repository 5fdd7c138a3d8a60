declare const isSql: unique symbol;

/**
 * A piece of SQL that holds values from outside only as quoted names or texts. Nothing else reaches DuckDB, so a name from a record, a
 * tenant or a user cannot become a statement. `sql` and the functions of quote.ts make it; test/architecture.test.ts holds that nothing
 * else does.
 */
export type Sql = string & {readonly [isSql]: true};

/** A template of SQL. It takes SQL and numbers; the compiler refuses any other text. */
export function sql(texts: TemplateStringsArray, ...values: readonly (Sql | number | bigint)[]): Sql {
  return trust(texts.reduce((text, next, i) => `${text}${values[i - 1]}${next}`));
}

export function joinSql(pieces: readonly Sql[], separator: Sql = sql`, `): Sql {
  return trust(pieces.join(separator));
}

/** Only for text that the caller has quoted, or that DuckDB's own catalog gave. */
export function trust(text: string): Sql {
  return text as Sql;
}
