import {loadDuckdb} from '../../engine/native.js';
import {quoteText} from '../../engine/quote.js';
import {joinSql, sql} from '../../engine/sql.js';
import {DestinationError} from '../../errors.js';
import {formatPostgresPlace, parsePostgresUri} from '../../postgres-uri.js';
import type {Destination, Target} from '../destination.js';
import {refuseLedgerName, refuseSharedTargets, refuseUnnameable} from '../targets.js';
import {locate, refuseSystemSchemas, warnOfShortened} from './names.js';
import {nameServer, type Server} from './server.js';
import {refuseReadOnly, type Session, withSession} from './session.js';

interface PostgresOptions extends Pick<Server, 'env' | 'lockTimeoutMs'> {}

export function openPostgres(uri: string, options: PostgresOptions): Destination {
  const server: Server = {...parsePostgresUri(uri, options.env), ...options};
  return {
    address: {scheme: 'postgres', path: formatPostgresPlace(server.place)},
    describe,
    async check(targets) {
      await loadDuckdb();
      refuseUnnameable(targets);
      refuseLedgerName(targets);
      refuseSystemSchemas(targets);
      refuseSharedTargets(targets, describe, name => name);
      await withSession(server, async session => checkRights(session, server, targets), 'cannot be used');
      return targets.flatMap(({schema, name}) => [
        ...warnOfShortened('schema', schema ?? ''),
        ...warnOfShortened('table', name),
      ]);
    },
    async findStanding(targets) {
      try {
        return await withSession(server, async session => findTables(session, targets));
      } catch {
        return new Set(targets);
      }
    },
    async publish(loads, publishOptions) {
      const {publishToPostgres} = await import('./publish-postgres.js');
      return publishToPostgres(server, loads, publishOptions);
    },
    async record(rows) {
      const {recordInPostgres} = await import('./ledger-in-postgres.js');
      return withSession(server, async session => recordInPostgres(session, rows));
    },
  };
}

function describe(target: Target): string {
  return locate(target).join('.');
}

/** Throws DestinationError for what would fail only after everything is read. */
async function checkRights(session: Session, server: Server, targets: readonly Target[]): Promise<void> {
  await refuseReadOnly(session, nameServer(server));
  const {rows} = await session.ask(
    sql`SELECT has_database_privilege(current_database(), 'TEMPORARY'), has_database_privilege(current_database(), 'CREATE')`,
  );
  const [mayStage, mayCreate] = rows[0] ?? [];
  const refuse = (what: string, hint: string): never => {
    throw new DestinationError(`${nameServer(server)} cannot be used: ${what}`, {hint});
  };
  const {user, database} = server.place;
  if (mayStage !== true) {
    refuse(
      `${user} may create no temporary table`,
      `Have its owner run GRANT TEMPORARY ON DATABASE "${database}" TO "${user}".`,
    );
  }
  for (const [schema, name] of targets.map(locate)) {
    const {rows: found} = await session.ask(
      sql`SELECT has_schema_privilege(n.oid, 'USAGE') AND has_schema_privilege(n.oid, 'CREATE'), c.relkind IS NOT NULL, pg_has_role(c.relowner, 'USAGE')
          FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = ${quoteText(name)}
          WHERE n.nspname = ${quoteText(schema)}`,
    );
    const [place] = found;
    if (place === undefined && mayCreate !== true) {
      refuse(
        `there is no schema ${schema}, and ${user} may create none`,
        `Have its owner run CREATE SCHEMA "${schema}" AUTHORIZATION "${user}".`,
      );
    }
    if (place === undefined) continue;
    const [mayUse, isThere, isOwner] = place;
    if (isThere !== true && mayUse !== true) {
      refuse(
        `${user} may create no table in the schema ${schema}`,
        `Have its owner run GRANT USAGE, CREATE ON SCHEMA "${schema}" TO "${user}", or choose another schema.`,
      );
    }
    if (isThere === true && isOwner !== true) {
      refuse(
        `${schema}.${name} belongs to another user than ${user}`,
        'Have it given to this user, or choose another name for the table.',
      );
    }
  }
}

async function findTables(session: Session, targets: readonly Target[]): Promise<ReadonlySet<Target>> {
  if (targets.length === 0) return new Set();
  const wanted = joinSql(targets.map(target => sql`(${joinSql(locate(target).map(quoteText))})`));
  const {rows} = await session.ask(
    sql`SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE (n.nspname, c.relname) IN (${wanted})`,
  );
  const there = new Set(rows.map(row => row.join('.')));
  return new Set(targets.filter(target => there.has(describe(target))));
}
