declare const isSql: unique symbol;

/**
 * A piece of SQL that holds no value from outside but as a quoted name or text. Only such a piece reaches DuckDB, so that what a
 * record, a tenant or a user calls a thing cannot become a statement. It is made by `sql` and by the functions of quote.ts;
 * test/architecture.test.ts sees to it that nothing else is taken for one.
 */
export type Sql = string & {readonly [isSql]: true};

/** A template of SQL. What is put into it is SQL itself, or a number; the compiler refuses any other text. */
export function sql(texts: TemplateStringsArray, ...values: readonly (Sql | number | bigint)[]): Sql {
  return trust(texts.reduce((text, next, i) => `${text}${values[i - 1]}${next}`));
}

export function joinSql(pieces: readonly Sql[], separator: Sql = sql`, `): Sql {
  return trust(pieces.join(separator));
}

/** For those alone who quote what they give, or have it from DuckDB's own catalog. */
export function trust(text: string): Sql {
  return text as Sql;
}
