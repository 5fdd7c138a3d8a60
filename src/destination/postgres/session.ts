import {createReadStream} from 'node:fs';
import {pipeline} from 'node:stream/promises';
import {type Sql, sql} from '../../engine/sql.js';
import {DestinationError} from '../../errors.js';
import type {Answer} from '../difference/dialect.js';
import {nameFailure} from './failures.js';
import {readConfig, type Server} from './server.js';

/** One connection to Postgres, which takes nothing but Sql: see `Sql`. Numbers of 64 bits come as text. */
export interface Session {
  readonly ask: (statement: Sql) => Promise<Answer>;
  /** Runs `COPY … FROM STDIN` with what is in a file. */
  readonly copyIn: (statement: Sql, file: string) => Promise<void>;
}

/** Opens a session, and ends it whatever happens. Errors of the server become those that say what to do. */
export async function withSession<T>(
  server: Server,
  use: (session: Session) => Promise<T>,
  what = 'could not be written',
): Promise<T> {
  const config = await readConfig(server);
  // Loaded late: no other destination needs them.
  const [{default: pg}, copy] = await Promise.all([import('pg'), import('pg-copy-streams')]);
  const client = new pg.Client(config);
  // A connection that breaks off between two statements makes the next one fail.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw nameFailure(server, error);
  }
  const session: Session = {
    async ask(statement) {
      const {rows, rowCount} = await client.query<unknown[]>({text: statement, rowMode: 'array'});
      return {rows, count: rowCount ?? 0};
    },
    async copyIn(statement, file) {
      await pipeline(createReadStream(file), client.query(copy.from(statement)));
    },
  };
  try {
    for (const setting of settings(server)) await session.ask(setting);
    return await use(session);
  } catch (error) {
    throw nameFailure(server, error, what);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** 0 would mean to wait for ever. */
function settings({lockTimeoutMs}: Server): readonly Sql[] {
  return [
    sql`SET TimeZone = 'UTC'`,
    sql`SET DateStyle = 'ISO, YMD'`,
    sql`SET standard_conforming_strings = on`,
    sql`SET extra_float_digits = 1`,
    sql`SET client_encoding = 'UTF8'`,
    sql`SET client_min_messages = 'error'`,
    sql`SET statement_timeout = 0`,
    sql`SET idle_in_transaction_session_timeout = 0`,
    // Tables are compared by hashing one of them, which with the usual 4 MB is done on disk.
    sql`SET work_mem = '64MB'`,
    sql`SET lock_timeout = ${Math.max(1, lockTimeoutMs)}`,
  ];
}

/** Throws DestinationError if the server takes no changes. `name`: what is to be written there. */
export async function refuseReadOnly(session: Session, name: string): Promise<void> {
  const {rows} = await session.ask(
    sql`SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean`,
  );
  if (rows[0]?.[0] !== true) return;
  throw new DestinationError(
    `${name} cannot be used: it takes no changes, as a standby or a session whose transactions are read-only`,
    {hint: 'Name the primary server, and a user who may write.'},
  );
}
