import {quoteIdentifier, quoteName, quoteText} from '../../engine/quote.js';
import {joinSql, type Sql, sql} from '../../engine/sql.js';
import type {Load} from '../destination.js';
import type {Rows} from '../difference/dialect.js';
import type {Place} from '../difference/plan.js';
import {splitReading} from '../difference/reading-note.js';
import type {Standing, StandingColumn} from '../difference/standing.js';
import {identifyColumns, toHeldColumns} from '../earlier.js';
import {listColumn} from '../our-comments.js';
import {splitNote} from '../route-note.js';
import type {Session} from './session.js';
import {toDuckdbType} from './types.js';

/** Reads what is at the target. `noted` are the keys by column that were noted, for a table without a list of our comments. */
export async function readStanding(
  session: Session,
  [schema, name]: Place,
  {table, spooled}: Pick<Load, 'table' | 'spooled'>,
  noted: ReadonlyMap<string, string> | null,
): Promise<Standing> {
  const {rows: schemas} = await session.ask(sql`SELECT 1 FROM pg_namespace WHERE nspname = ${quoteText(schema)}`);
  const {rows: relations} = await session.ask(
    sql`SELECT c.oid, c.relkind, obj_description(c.oid, 'pg_class') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = ${quoteText(schema)} AND c.relname = ${quoteText(name)}`,
  );
  const [relation] = relations;
  const isTable = relation !== undefined && ['r', 'p'].includes(String(relation[1]));
  const oid = BigInt(String(relation?.[0] ?? 0));
  const described = isTable ? (await session.ask(describeColumns(oid))).rows.map(toColumn) : [];
  const about = textOrNull(relation?.[2]);
  const {ours, route, isKnown, columns} = identifyColumns(described, [...spooled.undeclared.keys()], noted);
  const list = described.find(column => column.name === listColumn)?.fullComment ?? null;
  const comment = splitReading(about);
  const at = quoteName(schema, name);
  return {
    kind: relation === undefined ? undefined : isTable ? 'table' : 'other',
    hasSchema: schemas.length > 0,
    rows: isTable ? Number((await session.ask(sql`SELECT count(*) FROM ${at}`)).rows[0]?.[0]) : 0,
    comment: comment.text,
    fullComment: about,
    ours,
    route: route ?? splitNote(comment.text).route,
    reading: splitReading(list).reading ?? comment.reading,
    types: toHeldColumns(
      columns.map(column => ({...column, type: toDuckdbType(column.type)})),
      isKnown,
      table.exportOf === undefined || columns.length === 0 ? null : await findEmpty(session, at, columns),
    ),
    columns,
    primaryKey: toKey((await session.ask(describeKey(oid))).rows),
  };
}

function describeColumns(oid: bigint): Sql {
  return sql`SELECT attname::text, format_type(atttypid, atttypmod), col_description(attrelid, attnum) FROM pg_attribute
    WHERE attrelid = ${oid} AND attnum > 0 AND NOT attisdropped ORDER BY attnum`;
}

function describeKey(oid: bigint): Sql {
  return sql`SELECT c.conname::text, a.attname::text FROM pg_constraint c
    CROSS JOIN unnest(c.conkey) WITH ORDINALITY AS key(attnum, place)
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = key.attnum
    WHERE c.contype = 'p' AND c.conrelid = ${oid} ORDER BY key.place`;
}

function toColumn([name, type, comment]: readonly unknown[]) {
  const fullComment = textOrNull(comment);
  return {name: String(name), type: String(type), comment: splitReading(fullComment).text, fullComment};
}

function toKey(rows: Rows): Standing['primaryKey'] {
  const [first] = rows;
  return first === undefined ? undefined : {name: String(first[0]), columns: rows.map(([, column]) => String(column))};
}

/** The columns in which no row holds a value. */
async function findEmpty(
  session: Session,
  at: Sql,
  columns: readonly Pick<StandingColumn, 'name'>[],
): Promise<ReadonlySet<string>> {
  const counts = columns.map(({name}) => sql`count(${quoteIdentifier(name)})`);
  const {rows} = await session.ask(sql`SELECT ${joinSql(counts)} FROM ${at}`);
  return new Set(columns.filter((_, i) => Number(rows[0]?.[i]) === 0).map(({name}) => name));
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
