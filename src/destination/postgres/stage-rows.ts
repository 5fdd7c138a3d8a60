import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import type {DuckDBConnection} from '@duckdb/node-api';
import {run} from '../../engine/duckdb.js';
import {withinMemory} from '../../engine/memory.js';
import {isHeavy} from '../../engine/pieces.js';
import {quoteIdentifier} from '../../engine/quote.js';
import {joinSql, sql} from '../../engine/sql.js';
import {refuseFailures, type Staged, stage} from '../../engine/stage.js';
import {DestinationError} from '../../errors.js';
import type {Table} from '../../table.js';
import {chooseComments} from '../describe-table.js';
import type {Load, PublishOptions} from '../destination.js';
import {inFile} from '../in-file.js';
import {readingOf, refuseOlder} from '../older.js';
import {type Comment, listColumn, readOurComments} from '../our-comments.js';
import {type NoteKey, recall} from '../reading-notes.js';
import {chooseNote, refuseLaterRoute, splitNote} from '../route-note.js';
import {refuseShrunken} from '../shrink.js';
import {failTable} from './fail-table.js';
import {locate, shortenName, warnOfShortened} from './names.js';
import {createTemporary, makePlan, type Plan} from './plan.js';
import {addReading} from './reading-note.js';
import type {Session} from './session.js';
import {readStanding, type Standing} from './standing.js';
import {countNuls, listColumns, type StagedColumn, writeCsv} from './write-csv.js';

const staged = sql`staged`;

interface Staging {
  readonly session: Session;
  readonly connection: DuckDBConnection;
  readonly options: PublishOptions;
  readonly noteKey: (load: Load) => NoteKey;
}

/** Proves a load in DuckDB, copies its rows into a temporary table of Postgres, and plans how the target gets them. */
export async function stageRows(
  {session, connection, options, noteKey}: Staging,
  load: Load,
  index: number,
): Promise<{readonly proved: Staged; readonly plan: Plan}> {
  const {table} = load;
  const place = locate(load.target);
  const entry = await recall(options, noteKey(load));
  const standing = await readStanding(session, place, load, entry?.keys ?? null);
  refuseOther(standing, place.join('.'));
  const reading = readingOf(load, options.loadId);
  const notes = [
    ...refuseOlder(load, standing.kind && (standing.reading ?? entry), reading, options),
    ...refuseLaterRoute(load, standing.route, standing.rows, options),
  ];
  const make = async () => {
    const proved = await stage(connection, load, staged, {...options, earlier: standing.types});
    refuseShrunken(table.name, standing.rows, proved.rows, options);
    const named = await shortenColumns(connection, proved);
    const columns = await listColumns(connection, staged);
    const nuls = await countNuls(connection, staged, columns);
    if (options.onCastError === 'fail') refuseFailures(table.name, {castFailures: {}, mendedTexts: nuls});
    const route = chooseNote(load, standing.route);
    const words = chooseComments(table, named.evolved, standing, {...options, route});
    const plan = makePlan(
      {
        place,
        temporary: sql`pg_temp.${quoteIdentifier(`docebo_staged_${index}`)}`,
        standing,
        key: table.primaryKey,
        comments: words.map(each =>
          isNoted(each, table, options) ? {...each, text: addReading(each.text, reading)} : each,
        ),
      },
      named,
      columns,
    );
    await copy(session, connection, plan, columns, new Set(Object.keys(nuls)), options.workDir);
    const mendedTexts = {...named.mendedTexts};
    for (const [name, count] of Object.entries(nuls)) mendedTexts[name] = (mendedTexts[name] ?? 0) + count;
    return {proved: {...named, mendedTexts, warnings: [...notes, ...named.warnings]}, plan};
  };
  try {
    return await withinMemory(connection, table.name, async () =>
      (await isHeavy(connection, load.spooled)) ? inFile(connection, options.workDir, make) : make(),
    );
  } catch (error) {
    throw failTable(place, error);
  } finally {
    await run(connection, sql`DROP TABLE IF EXISTS ${staged}`);
  }
}

/** Whether the comment gets the note of when the table was read. One by somebody else gets none. */
function isNoted({column, text}: Comment, table: Table, {loadMetadata}: PublishOptions): boolean {
  if (!loadMetadata) return column === null && text.startsWith(table.description);
  return column === listColumn && readOurComments(splitNote(text).text) !== null;
}

function refuseOther({kind}: Standing, name: string): void {
  if (kind !== 'other') return;
  throw new DestinationError(`${name} is a view or something else that is no table, so it was not written to`, {
    hint: 'Rename or drop it, or choose another name for the table.',
  });
}

/** Gives columns with long names shorter ones at once, so that everything after this sees the names that Postgres has. */
async function shortenColumns(connection: DuckDBConnection, proved: Staged): Promise<Staged> {
  const long = proved.evolved.filter(({name}) => shortenName(name) !== name);
  if (long.length === 0) return proved;
  const renames = long.map(
    ({name}) =>
      sql`ALTER TABLE ${staged} RENAME COLUMN ${quoteIdentifier(name)} TO ${quoteIdentifier(shortenName(name))}`,
  );
  await run(connection, joinSql(renames, sql`; `));
  const rename = (counts: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(counts).map(([name, count]) => [shortenName(name), count]));
  return {
    ...proved,
    invalidDates: rename(proved.invalidDates),
    castFailures: rename(proved.castFailures),
    mendedTexts: rename(proved.mendedTexts),
    evolved: proved.evolved.map(column => ({...column, name: shortenName(column.name)})),
    warnings: [...proved.warnings, ...long.flatMap(({name}) => warnOfShortened('column', name))],
  };
}

/** By way of a file, which takes no memory for the rows, however many. */
async function copy(
  session: Session,
  connection: DuckDBConnection,
  plan: Plan,
  columns: readonly StagedColumn[],
  mended: ReadonlySet<string>,
  workDir: string,
): Promise<void> {
  const file = join(workDir, 'rows.csv');
  try {
    await writeCsv(connection, staged, columns, mended, file);
    await session.ask(sql`DROP TABLE IF EXISTS ${plan.temporary}`);
    await session.ask(createTemporary(plan));
    await session.copyIn(sql`COPY ${plan.temporary} FROM STDIN (FORMAT csv)`, file);
    const {rows} = await session.ask(sql`SELECT count(*) FROM ${plan.temporary}`);
    const arrived = Number(rows[0]?.[0]);
    if (arrived !== plan.rows) {
      throw new DestinationError(
        `${plan.place.join('.')}: ${plan.rows} rows were proved, but ${arrived} arrived in Postgres`,
        {
          hint: 'The earlier table was kept. Check the disk, and run again.',
        },
      );
    }
    // Of all columns it would take as long as writing the rows.
    const compared = plan.key.length > 0 ? plan.key : columns.slice(0, 1).map(({name}) => name);
    await session.ask(sql`ANALYZE ${plan.temporary} (${joinSql(compared.map(quoteIdentifier))})`);
  } finally {
    await rm(file, {force: true});
  }
}
