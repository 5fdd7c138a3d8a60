import {withDuckdb} from '../../engine/duckdb.js';
import {inMemory} from '../../engine/open.js';
import {sql} from '../../engine/sql.js';
import {DestinationError, messageOf} from '../../errors.js';
import type {LedgerRow, Load, Published, PublishOptions} from '../destination.js';
import type {Ready} from '../difference/apply.js';
import {applyTogether} from '../difference/apply-together.js';
import type {Plan} from '../difference/plan.js';
import {attemptEach, isStaged, type Outcome, toPublished} from '../outcome.js';
import {type NoteKey, note, type Sent} from '../reading-notes.js';
import {commit} from './commit.js';
import {makeDialect} from './dialect.js';
import {isLost} from './failures.js';
import {appendToLedgers} from './ledger-in-postgres.js';
import {locate} from './names.js';
import {nameServer, type Server} from './server.js';
import {type Session, withSession} from './session.js';
import {stageRows} from './stage-rows.js';
import {beginAlone, claimTables} from './wait-for-lock.js';

/**
 * Proves each table in DuckDB, copies it into a temporary table of Postgres, and writes in one transaction what differs from the tables
 * that are there.
 */
export async function publishToPostgres(
  server: Server,
  loads: readonly Load[],
  options: PublishOptions,
): Promise<readonly Published[]> {
  return withSession(server, async session => {
    try {
      const places = loads.map(({target}) => locate(target));
      await claimTables(session, server, places, options);
      const plans = new Map<Load, Plan>();
      const digests = new Map<Load, string>();
      const staged = await stageAll(session, server, loads, options, {plans, digests});
      const transaction = {
        begin: async (tables: readonly Ready[]) => {
          const existing = tables.filter(({plan}) => plan.standing.kind !== undefined).map(({plan}) => plan.place);
          await beginAlone(session, server, existing, options);
        },
        append: async (rows: readonly LedgerRow[]) => appendToLedgers(session, rows),
        commit: async () => commit(session, server, options.loadId),
        rollBack: async () => {
          await session.ask(sql`ROLLBACK`);
        },
      };
      const dialect = makeDialect(session);
      const {outcomes, warnings, versions} = await applyTogether(dialect, transaction, staged, options, plans);
      const sent = new Map<Load, Sent>();
      for (const [load, version] of versions) sent.set(load, {digest: digests.get(load) ?? '', version});
      // Rows that were not written again do not tell when they were read, as if there were no metadata.
      await note({...options, loadMetadata: false}, outcomes, load => noteKey(server, load), sent);
      return outcomes.map(outcome => toPublished(outcome, isStaged(outcome) ? warnings : []));
    } catch (error) {
      // The commit says itself what is there.
      throw isLost(error) ? lostBefore(server, error) : error;
    }
  });
}

function lostBefore(server: Server, cause: unknown): DestinationError {
  return new DestinationError(`${nameServer(server)} lost the connection: ${messageOf(cause)}`, {
    hint: 'Nothing was published, every table is as it was. Run again.',
    cause,
  });
}

async function stageAll(
  session: Session,
  server: Server,
  loads: readonly Load[],
  options: PublishOptions,
  {plans, digests}: {readonly plans: Map<Load, Plan>; readonly digests: Map<Load, string>},
): Promise<readonly Outcome[]> {
  const scratch = {workDir: options.workDir, lockTimeoutMs: 0, label: nameServer(server)};
  return withDuckdb(inMemory, scratch, async connection => {
    const staging = {session, connection, options, noteKey: (load: Load) => noteKey(server, load)};
    return attemptEach(loads, options, async (load, index) => {
      const {proved, plan, digest} = await stageRows(staging, load, index);
      plans.set(load, plan);
      digests.set(load, digest);
      return proved;
    });
  });
}

function noteKey({place: {host, port, database}}: Server, {target}: Load): NoteKey {
  return ['postgres', host, String(port), database, ...locate(target)];
}
