import type {DuckDBConnection} from '@duckdb/node-api';
import type {CastOptions} from '../choices.js';
import {run} from '../engine/duckdb.js';
import type {EvolvedColumn} from '../engine/evolve.js';
import {foldCase} from '../engine/fold-case.js';
import {quoteIdentifier, quoteText} from '../engine/quote.js';
import {describeField, describeHeading, describeKey, describeLabels, readKey} from '../engine/sent-as.js';
import {type Sql, sql} from '../engine/sql.js';
import {describeUnfiltered} from '../filter-table.js';
import type {Column, Table} from '../table.js';
import type {Earlier} from './earlier.js';
import {type Comment, extractedComment, isOurs, listColumn, listComments} from './our-comments.js';
import {addNote, type NotedRoute, splitNote} from './route-note.js';
import {runTogether} from './steps.js';

type Described = Pick<CastOptions, 'loadMetadata' | 'invalidDates'> & {readonly route: NotedRoute};

/** Writes into the table what is known of it: descriptions, the keys of undeclared columns, and which columns are never null. */
export async function describeTable(
  connection: DuckDBConnection,
  staged: Sql,
  table: Table,
  evolved: readonly EvolvedColumn[],
  earlier: EarlierComments,
  options: Described,
): Promise<void> {
  const comments = chooseComments(table, evolved, earlier, options);
  await runTogether(
    connection,
    comments.map(({column, text}) => sql`COMMENT ON ${nameSubject(staged, column)} IS ${quoteText(text)}`),
  );
  for (const name of table.primaryKey) {
    await run(connection, sql`ALTER TABLE ${staged} ALTER COLUMN ${quoteIdentifier(name)} SET NOT NULL`);
  }
}

/** The comments of the table that is there now. */
interface EarlierComments extends Pick<Earlier, 'comment' | 'ours'> {
  readonly columns: readonly Pick<Earlier['columns'][number], 'name' | 'comment'>[];
}

/**
 * The comments that a table gets. Of the earlier table's comments only our own are replaced, and the note of the route at the end of one.
 */
export function chooseComments(
  table: Table,
  evolved: readonly EvolvedColumn[],
  {comment: about, columns, ours}: EarlierComments,
  {loadMetadata, invalidDates, route}: Described,
): readonly Comment[] {
  const written = writeComments(table, evolved, {loadMetadata, invalidDates});
  // A title may change. Without it the comment still tells the key.
  const listed = written.map(each => ({...each, text: withoutTitle(each.text)}));
  const all = loadMetadata ? [...written, listComments(listed, ours)] : written;
  const found = [{column: null, text: about}, ...columns.map(({name, comment: text}) => ({column: name, text}))];
  // A run that was told otherwise wrote the same columns in other words.
  const known = [...written, ...describeColumns(table, 'epoch'), ...describeColumns(table, 'null')];
  const theirs = new Map(
    found.flatMap(({column, text}) => {
      const words = splitNote(text).text;
      if (text === null || words === null || readKey(text) !== null || isOurs({column, text: words}, ours)) return [];
      return known.some(each => each.column === column && describeUnfiltered(each.text) === describeUnfiltered(words))
        ? []
        : [[column && foldCase(column), text]];
    }),
  );
  const notedOn = loadMetadata ? listColumn : null;
  const word = ({column, text}: Comment) => {
    const kept = theirs.get(column && foldCase(column)) ?? null;
    const {text: words, route: noted} = splitNote(kept);
    // A comment by somebody else gets no note.
    if (words !== null && noted === null) return words;
    return column === notedOn ? addNote(words ?? text, route) : (words ?? text);
  };
  return all.map(comment => ({column: comment.column, text: word(comment)}));
}

/** What is known of the table and its columns, in our words. */
export function writeComments(
  table: Table,
  evolved: readonly EvolvedColumn[],
  {loadMetadata, invalidDates}: Pick<CastOptions, 'loadMetadata' | 'invalidDates'>,
): readonly Comment[] {
  return [
    {column: null, text: describeRows(table)},
    ...describeColumns(table, invalidDates),
    ...evolved.map(column => ({column: column.name, text: describeEvolved(column)})),
    ...(loadMetadata ? [extractedComment] : []),
  ];
}

function describeColumns({columns}: Table, invalidDates: CastOptions['invalidDates']): readonly Comment[] {
  return Object.entries(columns).map(([column, declared]) => ({column, text: describeColumn(declared, invalidDates)}));
}

function describeColumn({kind, description}: Column, invalidDates: CastOptions['invalidDates']): string {
  const mayBeEpoch = invalidDates === 'epoch' && (kind === 'timestamp' || kind === 'date');
  return mayBeEpoch ? `${description} 1970-01-01 stands for an invalid date.` : description;
}

export function describeEvolved({key, labels, field, isTitled, isHeading}: EvolvedColumn): string {
  if (isHeading) return describeHeading(key);
  return labels === undefined ? describeField(key, field, isTitled) : describeLabels(labels, isTitled);
}

function withoutTitle(text: string): string {
  const key = readKey(text);
  return key === null ? text : describeKey(key);
}

/**
 * With the key, of which nothing else in the database tells: a PRIMARY KEY would have DuckDB build an index over all rows, which made a file
 * of 5 million five times as large and took 550 MB more memory. That each key stands once is proved before the rows are published.
 */
function describeRows({description, primaryKey}: Table): string {
  return primaryKey.length === 0 ? description : `${description} Primary key: ${primaryKey.join(', ')}.`;
}

export function nameSubject(staged: Sql, column: string | null): Sql {
  return column === null ? sql`TABLE ${staged}` : sql`COLUMN ${staged}.${quoteIdentifier(column)}`;
}
