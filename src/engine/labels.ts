import type {DuckDBConnection} from '@duckdb/node-api';
import {queryRows, run} from './duckdb.js';
import type {EvolvedColumn} from './evolve.js';
import {quoteIdentifier, quoteText} from './quote.js';
import {joinSql, type Sql, sql} from './sql.js';

/** The label of the option whose id is sent; null for what is no option. */
export function labelOf(id: Sql, {field}: EvolvedColumn): Sql {
  const options = Object.entries(field?.options ?? {});
  const [ids, labels] = [options.map(([option]) => quoteText(option)), options.map(([, label]) => quoteText(label))];
  return sql`list_extract(map_extract(MAP([${joinSql(ids)}], [${joinSql(labels)}]), trim(${id})), 1)`;
}

/**
 * Drops the columns of labels where labels are what was sent, and returns the columns that are left. Whether Docebo sends ids or labels is not
 * known (tables/API.md#user_field_options): values that may be either, such as labels that are numbers, are left as they are.
 */
export async function dropIdleLabels(
  connection: DuckDBConnection,
  staged: Sql,
  evolved: readonly EvolvedColumn[],
): Promise<readonly EvolvedColumn[]> {
  const nameOf = new Map(evolved.map(({key, name}) => [key, name]));
  const labelled = evolved.filter(({labels}) => labels !== undefined);
  if (labelled.length === 0) return evolved;
  const counts = labelled.flatMap(({name, labels = '', field}) => {
    const [label, value] = [
      quoteIdentifier(name),
      sql`trim(CAST(${quoteIdentifier(nameOf.get(labels) ?? '')} AS VARCHAR))`,
    ];
    const all = joinSql(Object.values(field?.options ?? {}).map(quoteText));
    return [
      sql`count(${label})`,
      sql`count(*) FILTER (WHERE ${value} <> '' AND ${value} NOT IN (${all}))`,
      sql`count(*) FILTER (WHERE ${label} IS NULL AND ${value} IN (${all}))`,
    ];
  });
  const [row = []] = await queryRows(connection, sql`SELECT ${joinSql(counts)} FROM ${staged}`);
  const idle = new Set(
    labelled.filter((_, index) => {
      const [ids, noLabels, labelsAlone] = [0, 1, 2].map(place => Number(row[3 * index + place]));
      return ids === 0 || noLabels === 0 || labelsAlone !== 0;
    }),
  );
  for (const {name} of idle) await run(connection, sql`ALTER TABLE ${staged} DROP COLUMN ${quoteIdentifier(name)}`);
  return evolved.filter(column => !idle.has(column));
}
