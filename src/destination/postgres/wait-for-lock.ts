import {createHash} from 'node:crypto';
import {setTimeout as sleep} from 'node:timers/promises';
import {quoteName} from '../../engine/quote.js';
import {joinSql, sql} from '../../engine/sql.js';
import {DestinationError} from '../../errors.js';
import {formatDuration} from '../../format-duration.js';
import type {PublishOptions} from '../destination.js';
import type {Place} from '../difference/plan.js';
import {isLocked, lockHint} from './failures.js';
import {nameServer, type Server} from './server.js';
import type {Session} from './session.js';

const pollMs = 250;
/** Longer than the second after which Postgres has a vacuum of its own make way. */
const eachTryMs = 2000;

type Wait = Pick<PublishOptions, 'onEvent' | 'signal'>;

/** Waits until no other run publishes to the same tables. The session holds them until it ends. */
export async function claimTables(
  session: Session,
  server: Server,
  places: readonly Place[],
  wait: Wait,
): Promise<void> {
  // In one order for all runs, or two might wait for each other.
  for (const place of places.map(each => quoteName(...each)).sort()) {
    const key = createHash('sha256').update(`docebo-ingest ${place}`).digest().readBigInt64BE();
    await untilFree(server, `${place} is being published by another run`, wait, async () => {
      const {rows} = await session.ask(sql`SELECT pg_try_advisory_lock(${key})`);
      if (rows[0]?.[0] === true) return true;
      await sleep(pollMs, undefined, {signal: wait.signal});
      return false;
    });
  }
}

/** Begins the transaction in which nobody else writes to the tables; everybody may read them. */
export async function beginAlone(
  session: Session,
  server: Server,
  places: readonly Place[],
  wait: Wait,
): Promise<void> {
  const names = places.map(place => quoteName(...place));
  await untilFree(server, `${names.join(' or ')} is locked by another session`, wait, async leftMs => {
    await session.ask(sql`BEGIN ISOLATION LEVEL READ COMMITTED`);
    if (names.length === 0) return true;
    try {
      await session.ask(sql`SET LOCAL lock_timeout = ${Math.max(1, Math.min(eachTryMs, leftMs))}`);
      await session.ask(sql`LOCK TABLE ${joinSql(names)} IN SHARE ROW EXCLUSIVE MODE`);
      await session.ask(sql`SET LOCAL lock_timeout = ${Math.max(1, server.lockTimeoutMs)}`);
      return true;
    } catch (error) {
      if (!isLocked(error)) throw error;
      await session.ask(sql`ROLLBACK`);
      wait.signal?.throwIfAborted();
      return false;
    }
  });
}

async function untilFree(
  server: Server,
  reason: string,
  {onEvent}: Wait,
  attempt: (leftMs: number) => Promise<boolean>,
): Promise<void> {
  const seconds = server.lockTimeoutMs / 1000;
  const deadline = performance.now() + server.lockTimeoutMs;
  for (let tries = 1; !(await attempt(Math.round(deadline - performance.now()))); tries++) {
    if (performance.now() >= deadline) {
      throw new DestinationError(
        `${nameServer(server)} could not be written: ${reason}; waited ${formatDuration(seconds)} for it`,
        {
          hint: lockHint,
        },
      );
    }
    if (tries > 1) continue;
    onEvent?.({type: 'waiting', reason: `${reason} (--lock-timeout ${seconds})`, seconds, waitsFor: 'destination'});
  }
}
