import {setTimeout as sleep} from 'node:timers/promises';
import {sql} from '../../engine/sql.js';
import {DestinationError, messageOf} from '../../errors.js';
import {isLost} from './failures.js';
import {nameServer, type Server} from './server.js';
import {type Session, withSession} from './session.js';

const askAgainMs = [0, 200, 500, 1000, 2000, 4000];

/**
 * Commits. If the connection breaks off meanwhile, asks the server by another one whether it did. Returns a warning if it did all the same; throws
 * DestinationError that says whether nothing was published or nobody knows.
 */
export async function commit(session: Session, server: Server, loadId: string): Promise<readonly string[]> {
  const {rows} = await session.ask(sql`SELECT txid_current()::text`);
  const transaction = BigInt(String(rows[0]?.[0]));
  try {
    await session.ask(sql`COMMIT`);
    return [];
  } catch (cause) {
    if (!isLost(cause)) throw cause;
    const status = await askStatus(server, transaction);
    if (status === 'committed') return ['The connection broke off at the commit, and the server has committed'];
    if (status === 'aborted') {
      throw new DestinationError(`${nameServer(server)} lost the connection before it committed: ${messageOf(cause)}`, {
        hint: 'Nothing was published, every table is as it was. Run again.',
        cause,
      });
    }
    throw new DestinationError(
      `${nameServer(server)} lost the connection at the commit, and cannot be asked whether it committed: ${messageOf(cause)}`,
      {
        hint:
          `Either all tables of the run are published or none. SELECT txid_status(${transaction}) says which; rows that were written ` +
          `have _docebo_load_id '${loadId}'. To run again does no harm.`,
        cause,
      },
    );
  }
}

async function askStatus(server: Server, transaction: bigint): Promise<string | undefined> {
  for (const ms of askAgainMs) {
    await sleep(ms);
    const status = await withSession(server, async other => {
      const {rows} = await other.ask(sql`SELECT txid_status(${transaction})`);
      return String(rows[0]?.[0]);
    }).catch(() => undefined);
    // A server that starts again after a crash knows what it had begun as aborted.
    if (status === 'committed' || status === 'aborted') return status;
  }
  return undefined;
}
