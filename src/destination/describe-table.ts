import type {DuckDBConnection} from '@duckdb/node-api';
import {run} from '../engine/duckdb.js';
import type {EvolvedColumn} from '../engine/evolve.js';
import {foldCase} from '../engine/fold-case.js';
import {quoteIdentifier, quoteText} from '../engine/quote.js';
import {describeKey, readKey} from '../engine/sent-as.js';
import {type Sql, sql} from '../engine/sql.js';
import type {Table} from '../table.js';
import type {Earlier} from './earlier.js';
import {type Comment, isOurs, listColumn, listComments} from './our-comments.js';
import {addNote, type NotedRoute, splitNote} from './route-note.js';
import {runTogether} from './steps.js';

/**
 * Writes into the table what is known of it: descriptions, the keys of undeclared columns, and which columns are never null. Of the
 * earlier table's comments only our own are replaced, and the note of the route at the end of one.
 */
export async function describeTable(
  connection: DuckDBConnection,
  staged: Sql,
  table: Table,
  evolved: readonly EvolvedColumn[],
  {comment: about, columns, ours}: Earlier,
  {loadMetadata, route}: {readonly loadMetadata: boolean; readonly route: NotedRoute},
): Promise<void> {
  const written: readonly Comment[] = [
    {column: null, text: table.description},
    ...Object.entries(table.columns).map(([column, {description}]) => ({column, text: description})),
    ...evolved.map(({name, key}) => ({column: name, text: describeKey(key)})),
  ];
  const all = loadMetadata ? [...written, listComments(written, ours)] : written;
  const found = [{column: null, text: about}, ...columns.map(({name, comment: text}) => ({column: name, text}))];
  const theirs = new Map(
    found.flatMap(({column, text}) => {
      const words = splitNote(text).text;
      if (text === null || words === null || readKey(text) !== null || isOurs({column, text: words}, ours)) return [];
      return written.some(each => each.column === column && each.text === words)
        ? []
        : [[column && foldCase(column), text]];
    }),
  );
  const notedOn = loadMetadata ? listColumn : null;
  const word = ({column, text}: Comment) => {
    const kept = theirs.get(column && foldCase(column)) ?? null;
    const {text: words, route: noted} = splitNote(kept);
    // Somebody's own comment gets no note.
    if (words !== null && noted === null) return words;
    return column === notedOn ? addNote(words ?? text, route) : (words ?? text);
  };
  await runTogether(
    connection,
    all.map(comment => sql`COMMENT ON ${nameSubject(staged, comment.column)} IS ${quoteText(word(comment))}`),
  );
  for (const name of table.primaryKey) {
    await run(connection, sql`ALTER TABLE ${staged} ALTER COLUMN ${quoteIdentifier(name)} SET NOT NULL`);
  }
}

function nameSubject(staged: Sql, column: string | null): Sql {
  return column === null ? sql`TABLE ${staged}` : sql`COLUMN ${staged}.${quoteIdentifier(column)}`;
}
