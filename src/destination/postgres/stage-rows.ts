import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import type {DuckDBConnection} from '@duckdb/node-api';
import {run} from '../../engine/duckdb.js';
import {withinMemory} from '../../engine/memory.js';
import {isHeavy} from '../../engine/pieces.js';
import {quoteIdentifier, quoteName} from '../../engine/quote.js';
import {joinSql, sql} from '../../engine/sql.js';
import {refuseFailures, type Staged, stage} from '../../engine/stage.js';
import {DestinationError} from '../../errors.js';
import type {Load, PublishOptions} from '../destination.js';
import {askVersion} from '../difference/apply.js';
import {chooseNotedComments, guard} from '../difference/guard.js';
import {defineColumns, makePlan, type Plan} from '../difference/plan.js';
import {inFile} from '../in-file.js';
import {type NoteEntry, type NoteKey, recall} from '../reading-notes.js';
import {refuseShrunken} from '../shrink.js';
import {listColumns, type StagedColumn} from '../staged-columns.js';
import {makeDialect} from './dialect.js';
import {failTable} from './fail-table.js';
import {locate, shortenName, warnOfShortened} from './names.js';
import type {Session} from './session.js';
import {readStanding} from './standing.js';
import {digestRows} from './unchanged.js';
import {countNuls, writeCsv} from './write-csv.js';

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
): Promise<{readonly proved: Staged; readonly plan: Plan; readonly digest: string}> {
  const {table} = load;
  const place = locate(load.target);
  const entry = await recall(options, noteKey(load));
  const standing = await readStanding(session, place, load, entry?.keys ?? null);
  const notes = guard(load, place.join('.'), standing, entry, options);
  const make = async () => {
    const proved = await stage(connection, load, staged, {...options, earlier: standing.types});
    refuseShrunken(table.name, standing.rows, proved.rows, options);
    const named = await shortenColumns(connection, proved);
    const columns = await listColumns(connection, staged);
    const nuls = await countNuls(connection, staged, columns);
    if (options.onCastError === 'fail') refuseFailures(table.name, {castFailures: {}, mendedTexts: nuls});
    const plan = makePlan(
      makeDialect(session),
      {
        place,
        at: quoteName(...place),
        schema: quoteName(place[0]),
        staged: sql`pg_temp.${quoteIdentifier(`docebo_staged_${index}`)}`,
        standing,
        key: table.primaryKey,
        comments: chooseNotedComments(load, named.evolved, standing, options),
      },
      named,
      columns,
    );
    const digest = await digestRows(connection, staged, columns, plan.gone);
    const unchanged = await findUnchanged(session, plan, digest, entry);
    if (unchanged === undefined)
      await copy(session, connection, plan, columns, new Set(Object.keys(nuls)), options.workDir);
    const mendedTexts = {...named.mendedTexts};
    for (const [name, count] of Object.entries(nuls)) mendedTexts[name] = (mendedTexts[name] ?? 0) + count;
    return {
      proved: {...named, mendedTexts, warnings: [...notes, ...named.warnings]},
      plan: {...plan, unchanged},
      digest,
    };
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

/** The version of the table, if it is the one in which a load has found the same rows, and no other load came since. */
async function findUnchanged(
  session: Session,
  plan: Plan,
  digest: string,
  entry: NoteEntry | undefined,
): Promise<Plan['unchanged']> {
  // With a backup that was put back, rows may have the versions of others. The comment then names another load.
  if (entry?.sent?.digest !== digest || entry.loadId !== plan.standing.reading?.loadId) return undefined;
  const dialect = makeDialect(session);
  if (dialect.shape(plan).length + dialect.giveKey(plan).length > 0) return undefined;
  const version = await askVersion(dialect, plan);
  return version === entry.sent.version ? version : undefined;
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
    await session.ask(sql`DROP TABLE IF EXISTS ${plan.staged}`);
    await session.ask(sql`CREATE TEMPORARY TABLE ${plan.staged} (${defineColumns(plan.columns)})`);
    await session.copyIn(sql`COPY ${plan.staged} FROM STDIN (FORMAT csv)`, file);
    const {rows} = await session.ask(sql`SELECT count(*) FROM ${plan.staged}`);
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
    await session.ask(sql`ANALYZE ${plan.staged} (${joinSql(compared.map(quoteIdentifier))})`);
  } finally {
    await rm(file, {force: true});
  }
}
