import {userInfo} from 'node:os';
import {UsageError} from './errors.js';
import {Secret} from './secret.js';

/** A database of Postgres, and as whom and how it is reached. */
export interface PostgresPlace {
  /** A name or an address, or the folder of a socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** As it was given. @default TLS, except to this machine */
  readonly sslmode: string | null;
  /** A file of certificates to trust beside those that Node trusts. */
  readonly sslrootcert: string | null;
}

export interface PostgresUri {
  readonly place: PostgresPlace;
  readonly password: Secret | null;
}

type Env = Readonly<Record<string, string | undefined>>;

const supported = 'It looks like postgres://user@host:5432/database?sslmode=verify-full.';
const encodeHint = 'In a user or a password write @ as %40, / as %2F, : as %3A, ? as %3F and % as %25.';

/** `require` checks the certificate as well: a server that anybody could pretend to be gets no rows. */
const sslmodes = ['disable', 'require', 'verify-ca', 'verify-full'];

const options = ['host', 'sslmode', 'sslrootcert'];

export function isPostgresUri(uri: string): boolean {
  return /^postgres(ql)?:\/\//i.test(uri);
}

/**
 * Reads a URI as libpq does. What it leaves out is taken from `PGHOST`, `PGPORT`, `PGUSER`, `PGDATABASE`, `PGSSLMODE` and `PGSSLROOTCERT`. No error quotes it,
 * since it may hold a password.
 */
export function parsePostgresUri(uri: string, env: Env): PostgresUri {
  const [, authority = '', path = '', query = ''] = /^[^:]*:\/\/([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(uri) ?? [];
  const at = authority.lastIndexOf('@');
  const [, user = '', secret] = /^([^:]*)(?::(.*))?$/s.exec(at < 0 ? '' : authority.slice(0, at)) ?? [];
  const password = secret === undefined || secret === '' ? null : new Secret(decode(secret, 'password'));
  const given = readOptions(query);
  const [, host = '', port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(authority.slice(at + 1)) ?? [];
  return {
    place: settlePlace(
      {
        host: decode(host.replace(/^\[|\]$/g, ''), 'host') || given.get('host') || '',
        port,
        user: decode(user, 'user'),
        database: decode(path, 'database'),
        sslmode: given.get('sslmode') ?? '',
        sslrootcert: given.get('sslrootcert') ?? '',
      },
      env,
    ),
    password,
  };
}

/** Reads a connection as libpq writes it: `host=… dbname=… user=…`. No error quotes it. */
export function parseConnectionString(text: string, env: Env): PostgresUri {
  const given = new Map<string, string>();
  let rest = text.trim();
  while (rest !== '') {
    const [whole = '', name = '', quoted, bare = ''] =
      /^([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?:\s+|$)/s.exec(rest) ?? [];
    if (whole === '') {
      throw new UsageError('The connection to Postgres is not one that libpq would understand', {
        hint: 'It looks like host=db.example.com dbname=lake user=loader. Put a value that holds a blank into single quotes.',
      });
    }
    if (!connectionWords.includes(name)) {
      throw new UsageError('The connection to Postgres has a word that is not known', {
        hint: `Known: ${connectionWords.join(', ')}.`,
      });
    }
    given.set(name, (quoted ?? bare).replace(/\\(.)/gs, '$1'));
    rest = rest.slice(whole.length);
  }
  const read = (name: string) => given.get(name) ?? '';
  const secret = read('password');
  const names = {host: read('host'), port: read('port'), user: read('user'), database: read('dbname')};
  return {
    place: settlePlace({...names, sslmode: read('sslmode'), sslrootcert: read('sslrootcert')}, env),
    password: secret === '' ? null : new Secret(secret),
  };
}

const connectionWords = ['host', 'port', 'dbname', 'user', 'password', 'sslmode', 'sslrootcert'];

/** Takes what was not given, which is empty, from the environment. */
function settlePlace(given: Readonly<Record<keyof PostgresPlace, string>>, env: Env): PostgresPlace {
  const database = given.database || env['PGDATABASE'] || '';
  if (database === '') {
    throw new UsageError('The destination names no database', {hint: `${supported} Or set PGDATABASE.`});
  }
  const place = {
    host: given.host || env['PGHOST'] || 'localhost',
    port: readPort(given.port || env['PGPORT'] || '5432'),
    user: given.user || env['PGUSER'] || findUser(),
    database,
    sslmode: readSslmode(given.sslmode || env['PGSSLMODE']),
    sslrootcert: given.sslrootcert || env['PGSSLROOTCERT'] || null,
  };
  for (const [what, text] of Object.entries(place)) {
    if (!/\p{Cc}/u.test(String(text ?? ''))) continue;
    throw new UsageError(`The ${what} of the destination holds a control character`, {hint: supported});
  }
  if (place.host.includes(','))
    throw new UsageError('The destination names several hosts', {hint: 'Name one of them.'});
  return place;
}

/** What follows `postgres://`, without a password. */
export function formatPostgresPlace({host, port, user, database, sslmode, sslrootcert}: PostgresPlace): string {
  const where = host.includes(':') ? `[${host}]` : encodeURIComponent(host);
  const given = Object.entries({sslmode, sslrootcert}).flatMap(([name, value]) =>
    value === null ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  const query = given.length === 0 ? '' : `?${given.join('&')}`;
  return `${encodeURIComponent(user)}@${where}:${port}/${encodeURIComponent(database)}${query}`;
}

/** As whom the process runs. In a container nobody may have given that number a name. */
function findUser(): string {
  try {
    return userInfo().username;
  } catch (cause) {
    throw new UsageError('The destination names no user', {hint: `${supported} Or set PGUSER.`, cause});
  }
}

/** Whether rows would not leave this machine. */
export function isLocal({host}: Pick<PostgresPlace, 'host'>): boolean {
  return host.startsWith('/') || /^(localhost|127(\.\d+){3}|::1)$/.test(host);
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UsageError(`The ${what} of the destination holds a % that encodes nothing`, {hint: encodeHint});
  }
}

function readOptions(query: string): ReadonlyMap<string, string> {
  const given = new Map<string, string>();
  for (const pair of query.split('&').filter(text => text !== '')) {
    const [name = '', ...rest] = pair.split('=');
    if (name === 'password' || name === 'user') {
      throw new UsageError(`The destination has its ${name} after "?"`, {
        hint: 'Write both before the @, as in postgres://user@host/database, or set DOCEBO_DEST_PASSWORD for the password.',
      });
    }
    if (!options.includes(name)) {
      // A password that holds an unencoded ? would be quoted here.
      const told = /^[a-z_]{1,40}$/.test(name) && rest.length > 0 ? ` "${name}"` : '';
      throw new UsageError(`The destination has an option${told} that is not known`, {
        hint: `Known: ${options.join(', ')}. ${encodeHint}`,
      });
    }
    given.set(name, decode(rest.join('='), name));
  }
  return given;
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port > 0 && port < 65_536) return port;
  throw new UsageError('The port of the destination is not a number from 1 to 65535', {
    hint: `${supported} ${encodeHint}`,
  });
}

function readSslmode(text: string | undefined): string | null {
  if (text === undefined || text === '') return null;
  if (sslmodes.includes(text)) return text;
  const isLax = text === 'allow' || text === 'prefer';
  throw new UsageError(
    isLax ? `sslmode=${text} may leave the connection without TLS` : 'sslmode is not one that is known',
    {
      hint: `Choose one of ${sslmodes.join(', ')}.`,
    },
  );
}
