import {withDuckdb} from '../../engine/duckdb.js';
import {inMemory} from '../../engine/open.js';
import {quoteName, quoteText} from '../../engine/quote.js';
import {type Sql, sql} from '../../engine/sql.js';
import {DestinationError, messageOf} from '../../errors.js';
import {nameSubject} from '../describe-table.js';
import type {Load, Published, PublishOptions} from '../destination.js';
import {type LedgerKey, note} from '../ledger.js';
import {attempt, holdBack, isStaged, type Outcome, toPublished} from '../outcome.js';
import {commit} from './commit.js';
import {findDifference} from './difference.js';
import {failTable} from './fail-table.js';
import {isLost} from './failures.js';
import {locate} from './names.js';
import {giveKey, type Plan, shape} from './plan.js';
import {nameServer, type Server} from './server.js';
import {type Session, withSession} from './session.js';
import {stageRows} from './stage-rows.js';
import {beginAlone, claimTables} from './wait-for-lock.js';

/**
 * Proves each table in DuckDB, copies it into a temporary table of Postgres, and writes in one transaction what differs from the tables that are there.
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
      const staged = await stageAll(session, server, loads, options, plans);
      const {outcomes, warnings} = await applyTogether(session, server, staged, options, plans);
      // Rows that were not written again do not tell when they were read, as if there were no metadata.
      await note({...options, loadMetadata: false}, outcomes, load => ledgerKey(server, load));
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
  plans: Map<Load, Plan>,
): Promise<readonly Outcome[]> {
  const scratch = {workDir: options.workDir, lockTimeoutMs: 0, label: nameServer(server)};
  return withDuckdb(inMemory, scratch, async connection => {
    const outcomes: Outcome[] = [];
    const staging = {session, connection, options, ledgerKey: (load: Load) => ledgerKey(server, load)};
    for (const [index, load] of loads.entries()) {
      options.onEvent?.({type: 'publishing', table: load.table.name, done: index, tables: loads.length});
      const outcome = await attempt(load, async () => {
        const {proved, plan} = await stageRows(staging, load, index);
        plans.set(load, plan);
        return proved;
      });
      outcomes.push(outcome);
    }
    return outcomes;
  });
}

function ledgerKey({place: {host, port, database}}: Server, {target}: Load): LedgerKey {
  return ['postgres', host, String(port), database, ...locate(target)];
}

/** Leaves out a table that cannot be written, and starts again with the others. */
async function applyTogether(
  session: Session,
  server: Server,
  attempts: readonly Outcome[],
  options: PublishOptions,
  plans: ReadonlyMap<Load, Plan>,
): Promise<{readonly outcomes: readonly Outcome[]; readonly warnings: readonly string[]}> {
  let outcomes = holdBack(attempts, options);
  for (;;) {
    const ready = outcomes.filter(isStaged).flatMap(({load}) => {
      const plan = plans.get(load);
      return plan === undefined ? [] : [{load, plan}];
    });
    if (ready.length === 0) return {outcomes, warnings: []};
    const existing = ready.filter(({plan}) => plan.standing.kind !== undefined).map(({plan}) => plan.place);
    await beginAlone(session, server, existing, options);
    const obstacle = await applyAll(session, ready, options);
    if (obstacle === undefined) return {outcomes, warnings: await commit(session, server, options.loadId)};
    await session.ask(sql`ROLLBACK`);
    const refused = outcomes.map(outcome =>
      outcome.load === obstacle.load ? {load: outcome.load, staged: null, error: obstacle.error} : outcome,
    );
    outcomes = holdBack(refused, options);
  }
}

interface Ready {
  readonly load: Load;
  readonly plan: Plan;
}

interface Obstacle {
  readonly load: Load;
  readonly error: DestinationError;
}

/**
 * Writes all differences. Rows go from children first and come to parents first, so that no foreign key is broken meanwhile. Returns what stood in the
 * way of one table.
 */
async function applyAll(
  session: Session,
  ready: readonly Ready[],
  {onEvent}: PublishOptions,
): Promise<Obstacle | undefined> {
  const work = ready.map((each, index) => ({...each, difference: findDifference(each.plan, index)}));
  const counts = new Map<Load, number[]>();
  const take = async (each: Ready, ...statements: readonly Sql[]) => {
    for (const statement of statements) {
      try {
        const {count} = await session.ask(statement);
        counts.get(each.load)?.push(count);
      } catch (error) {
        const failure = failTable(each.plan.place, error);
        if (failure instanceof DestinationError) throw new Obstruction({load: each.load, error: failure});
        throw error;
      }
    }
  };
  try {
    await session.ask(sql`SET CONSTRAINTS ALL DEFERRED`);
    for (const each of work) await take(each, ...makeSchema(each.plan, ready), ...shape(each.plan));
    for (const each of work) await take(each, ...each.difference.compare);
    for (const {load} of work) counts.set(load, []);
    for (const each of [...work].reverse()) await take(each, each.difference.remove);
    for (const each of work) {
      const {change, add} = each.difference;
      await take(each, ...(change === undefined ? [] : [change]), add);
    }
    for (const {load, plan} of work) {
      const [removed = 0, ...others] = counts.get(load) ?? [];
      const [changed, added] = others.length > 1 ? others : [0, ...others];
      onEvent?.({
        type: 'debug',
        message: `${plan.place.join('.')}: ${added} rows added, ${changed} changed, ${removed} removed`,
      });
    }
    counts.clear();
    for (const each of work)
      await take(each, ...giveKey(each.plan), ...writeComments(each.plan), sql`SET CONSTRAINTS ALL IMMEDIATE`);
    for (const each of work) await refuseMiscounted(session, each);
    return undefined;
  } catch (error) {
    if (error instanceof Obstruction) return error.obstacle;
    throw error;
  }
}

class Obstruction extends Error {
  readonly obstacle: Obstacle;

  constructor(obstacle: Obstacle) {
    super(obstacle.error.message);
    this.obstacle = obstacle;
  }
}

/** Once, by the first table that needs it. Without the right to create schemas even IF NOT EXISTS is refused. */
function makeSchema({place: [schema], standing}: Plan, ready: readonly Ready[]): readonly Sql[] {
  if (standing.hasSchema) return [];
  const first = ready.find(({plan}) => plan.place[0] === schema)?.plan;
  return first?.standing === standing ? [sql`CREATE SCHEMA ${quoteName(schema)}`] : [];
}

/** Only those that differ. */
function writeComments({place, standing, comments}: Plan): readonly Sql[] {
  const at = quoteName(...place);
  const there = new Map<string | null, string | null>(
    standing.columns.map(({name, fullComment}) => [name, fullComment]),
  );
  there.set(null, standing.fullComment);
  return comments
    .filter(({column, text}) => there.get(column) !== text)
    .map(({column, text}) => sql`COMMENT ON ${nameSubject(at, column)} IS ${quoteText(text)}`);
}

async function refuseMiscounted(session: Session, {load, plan}: Ready): Promise<void> {
  const {rows} = await session.ask(sql`SELECT count(*) FROM ${quoteName(...plan.place)}`);
  const there = Number(rows[0]?.[0]);
  if (there === plan.rows) return;
  const error = new DestinationError(
    `${plan.place.join('.')}: ${plan.rows} rows were proved, but ${there} would be there`,
    {
      hint: 'The earlier table was kept. Look for a trigger or a rule on the table that changes what is written.',
    },
  );
  throw new Obstruction({load, error});
}
