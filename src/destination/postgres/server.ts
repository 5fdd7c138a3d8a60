import {readFile} from 'node:fs/promises';
import type {ClientConfig} from 'pg';
import {UsageError} from '../../errors.js';
import {isLocal, type PostgresPlace} from '../../postgres-uri.js';
import type {Secret} from '../../secret.js';
import {findPassword} from '../password.js';

type Env = Readonly<Record<string, string | undefined>>;

/** How a database is reached. */
export interface Server {
  readonly place: PostgresPlace;
  /** That of the URI, which wins over those of the environment. */
  readonly password: Secret | null;
  readonly env: Env;
  /** How long to wait for a lock that another session holds. */
  readonly lockTimeoutMs: number;
}

const connectTimeoutMs = 10_000;

/** What messages call the database. */
export function nameServer({place: {host, port, database}}: Pick<Server, 'place'>): string {
  return `The database ${database} at ${host.startsWith('/') ? host : `${host}:${port}`}`;
}

export async function readConfig({place, password, env}: Server): Promise<ClientConfig> {
  const secret = password ?? (await findPassword(env, 'PGPASSWORD'));
  return {
    host: place.host,
    port: place.port,
    user: place.user,
    database: place.database,
    // Without one, `pg` looks into the file of passwords that libpq reads too.
    ...(secret !== null && {password: secret.reveal()}),
    ssl: await chooseTls(place),
    application_name: 'docebo-ingest',
    keepAlive: true,
    connectionTimeoutMillis: connectTimeoutMs,
  };
}

/** Whoever wants no TLS says so. To this machine it is not needed. */
async function chooseTls(place: PostgresPlace): Promise<ClientConfig['ssl']> {
  const mode = place.sslmode ?? (isLocal(place) ? 'disable' : 'verify-full');
  if (mode === 'disable') return false;
  if (place.sslrootcert === null) return true;
  try {
    return {ca: await readFile(place.sslrootcert, 'utf8')};
  } catch (cause) {
    throw new UsageError(`The certificates in ${place.sslrootcert} cannot be read`, {
      hint: 'Name another file with sslrootcert.',
      cause,
    });
  }
}
