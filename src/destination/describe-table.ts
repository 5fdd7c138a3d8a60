import type {DuckDBConnection} from '@duckdb/node-api';
import {run} from '../engine/duckdb.js';
import type {EvolvedColumn} from '../engine/evolve.js';
import {foldCase} from '../engine/fold-case.js';
import {quoteIdentifier, quoteText} from '../engine/quote.js';
import {describeKey, readKey} from '../engine/sent-as.js';
import {type Sql, sql} from '../engine/sql.js';
import type {Table} from '../table.js';
import type {Earlier} from './earlier.js';
import {type Comment, isOurs, listComments} from './our-comments.js';
import {runTogether} from './steps.js';

/**
 * Writes into the table what is known of it: descriptions, the keys of undeclared columns, and which columns are never null. Of the
 * earlier table's comments only our own are replaced.
 */
export async function describeTable(
  connection: DuckDBConnection,
  staged: Sql,
  table: Table,
  evolved: readonly EvolvedColumn[],
  {comment, columns, ours}: Earlier,
  {loadMetadata}: {readonly loadMetadata: boolean},
): Promise<void> {
  const written: readonly Comment[] = [
    {column: null, text: table.description},
    ...Object.entries(table.columns).map(([column, {description}]) => ({column, text: description})),
    ...evolved.map(({name, key}) => ({column: name, text: describeKey(key)})),
  ];
  const all = loadMetadata ? [...written, listComments(written, ours)] : written;
  const found = [{column: null, text: comment}, ...columns.map(({name, comment: text}) => ({column: name, text}))];
  const isTheirs = ({column, text}: (typeof found)[number]) =>
    text !== null && readKey(text) === null && !isOurs({column, text}, ours);
  const theirs = new Map(found.filter(isTheirs).map(({column, text}) => [column && foldCase(column), text]));
  await runTogether(
    connection,
    all.map(
      ({column, text}) =>
        sql`COMMENT ON ${nameSubject(staged, column)} IS ${quoteText(theirs.get(column && foldCase(column)) ?? text)}`,
    ),
  );
  for (const name of table.primaryKey) {
    await run(connection, sql`ALTER TABLE ${staged} ALTER COLUMN ${quoteIdentifier(name)} SET NOT NULL`);
  }
}

function nameSubject(staged: Sql, column: string | null): Sql {
  return column === null ? sql`TABLE ${staged}` : sql`COLUMN ${staged}.${quoteIdentifier(column)}`;
}
