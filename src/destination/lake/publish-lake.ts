import type {DuckDBConnection} from '@duckdb/node-api';
import {queryRows, readCatalog, run} from '../../engine/duckdb.js';
import {foldCase} from '../../engine/fold-case.js';
import {withinMemory} from '../../engine/memory.js';
import {quoteName, quoteText} from '../../engine/quote.js';
import {sql} from '../../engine/sql.js';
import {type Staged, stage} from '../../engine/stage.js';
import {formatLakePlace} from '../../lake-uri.js';
import type {LedgerRow, Load, Published, PublishOptions, RecordOptions} from '../destination.js';
import {applyTogether} from '../difference/apply-together.js';
import {chooseNotedComments, guard} from '../difference/guard.js';
import {makePlan, type Plan} from '../difference/plan.js';
import {type Standing as Catalog, readEarlier, readStanding} from '../earlier.js';
import {openLedgers, recordAlone, recordTimeoutMs} from '../ledger-in-duckdb.js';
import {attemptEach, isStaged, type Outcome, toPublished} from '../outcome.js';
import {type NoteKey, note, recall} from '../reading-notes.js';
import {readSchemas} from '../schemas.js';
import {refuseShrunken} from '../shrink.js';
import {listColumns} from '../staged-columns.js';
import {makeDialect} from './dialect.js';
import {isLost, lostAtCommit} from './failures.js';
import {catalogOf, type Lake, locate} from './names.js';
import {withLake} from './with-lake.js';

/**
 * Proves each table in a file beside, and writes in one transaction what differs from the tables that are there: one snapshot of a DuckLake, in
 * which what did not change is not written again.
 */
export async function publishToLake(
  lake: Lake,
  loads: readonly Load[],
  options: PublishOptions,
): Promise<readonly Published[]> {
  const places = loads.map(({target}) => locate(target));
  return withLake(
    lake,
    places,
    options,
    async connection => {
      const plans = new Map<Load, Plan>();
      const attempts = await stageAll({connection, lake, options}, loads, plans);
      const ledgers = openLedgers(connection, catalogOf(lake.place));
      const transaction = {
        begin: async () => run(connection, sql`BEGIN TRANSACTION`),
        append: ledgers.append,
        commit: async () => commit(connection, lake, options.loadId).catch(ledgers.passRace),
        // A commit that failed has ended the transaction.
        rollBack: async () => run(connection, sql`ROLLBACK`).catch(() => undefined),
      };
      const {outcomes, warnings} = await applyTogether(makeDialect(connection), transaction, attempts, options, plans);
      // Rows that were not written again do not tell when they were read, as if there were no metadata.
      await note({...options, loadMetadata: false}, outcomes, load => noteKey(lake, load));
      return outcomes.map(outcome => toPublished(outcome, isStaged(outcome) ? warnings : []));
    },
    published => published.some(({error}) => error === undefined),
  );
}

/** Appends to the ledgers alone. A catalog that another process holds is waited for only briefly. */
export async function recordInLake(
  lake: Lake,
  rows: readonly LedgerRow[],
  options: RecordOptions,
): Promise<readonly string[]> {
  const hasty = {...lake, lockTimeoutMs: Math.min(lake.lockTimeoutMs, recordTimeoutMs)};
  const use = async (connection: DuckDBConnection) => recordAlone(connection, catalogOf(lake.place), rows);
  return withLake(hasty, [], options, use, () => false);
}

interface Staging {
  readonly connection: DuckDBConnection;
  readonly lake: Lake;
  readonly options: PublishOptions;
}

async function stageAll(staging: Staging, loads: readonly Load[], plans: Map<Load, Plan>): Promise<readonly Outcome[]> {
  const {connection, lake, options} = staging;
  const catalog = catalogOf(lake.place);
  const standing = await readStanding(
    connection,
    loads.map(({target}) => [catalog, ...locate(target)]),
  );
  const schemas = await readSchemas(connection, catalog);
  return attemptEach(loads, options, async (load, index) => {
    const {proved, plan} = await stageRows(staging, load, index, standing, schemas);
    plans.set(load, plan);
    return proved;
  });
}

async function stageRows(
  {connection, lake, options}: Staging,
  load: Load,
  index: number,
  found: Catalog,
  schemas: ReadonlySet<string>,
): Promise<{readonly proved: Staged; readonly plan: Plan}> {
  const {table} = load;
  const place = locate(load.target);
  const catalog = catalogOf(lake.place);
  const entry = await recall(options, noteKey(lake, load));
  const earlier = await readEarlier(connection, found, [catalog, ...place], load, entry?.keys ?? null);
  const isThere = earlier.columns.length > 0;
  const standing = {
    ...earlier,
    kind: earlier.isView ? ('other' as const) : isThere ? ('table' as const) : undefined,
    hasSchema: schemas.has(foldCase(place[0])),
    primaryKey: undefined,
  };
  const notes = guard(load, place.join('.'), standing, entry, options);
  const staged = quoteName(await readCatalog(connection), 'main', `docebo_staged_${index}`);
  return withinMemory(connection, table.name, async () => {
    const proved = await stage(connection, load, staged, {...options, earlier: standing.types});
    refuseShrunken(table.name, standing.rows, proved.rows, options);
    const plan = makePlan(
      makeDialect(connection),
      {
        place,
        at: quoteName(catalog, ...place),
        schema: quoteName(catalog, place[0]),
        staged,
        standing,
        key: table.primaryKey,
        comments: chooseNotedComments(load, proved.evolved, standing, options),
      },
      proved,
      await listColumns(connection, staged),
    );
    return {proved: {...proved, warnings: [...notes, ...proved.warnings]}, plan};
  });
}

/** The snapshot of a DuckLake says which load it came with. */
async function commit(connection: DuckDBConnection, {place}: Lake, loadId: string): Promise<readonly string[]> {
  const catalog = catalogOf(place);
  const [row] = await queryRows(
    connection,
    sql`SELECT type FROM duckdb_databases() WHERE database_name = ${quoteText(catalog)}`,
  );
  if (row?.[0] === 'ducklake') {
    await run(connection, sql`CALL ${quoteName(catalog)}.set_commit_message('docebo-ingest', ${quoteText(loadId)})`);
  }
  try {
    await run(connection, sql`COMMIT`);
  } catch (cause) {
    throw isLost(cause) ? lostAtCommit(place, loadId, cause) : cause;
  }
  return [];
}

/** To DuckDB, names that differ in case only are one. The place of the rows does not tell one catalog from another. */
function noteKey({place}: Lake, {target}: Load): NoteKey {
  const catalog = place.scheme === 'md' ? place : {...place, dataPath: null};
  return [place.scheme, formatLakePlace(catalog), ...locate(target).map(foldCase)];
}
