import {DestinationError, IngestError, messageOf} from '../../errors.js';
import {nameServer, type Server} from './server.js';

/** An error that Postgres sent. Its message quotes no row; its detail may, and is never shown. */
export interface PostgresFailure extends Error {
  readonly code: string;
  readonly schema?: string;
  readonly table?: string;
}

export function isPostgresFailure(error: unknown): error is PostgresFailure {
  return error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string';
}

/** Data, constraints, limits and what depends on a table: these concern one table. Lack of space, locks and shutdowns concern all. */
export function isAboutTable(error: unknown): error is PostgresFailure {
  return isPostgresFailure(error) && /^(0A|22|23|27|2B|42|44|54|P0|XX002)/.test(error.code);
}

export function isLocked(error: unknown): error is PostgresFailure {
  return isPostgresFailure(error) && error.code === '55P03';
}

const lostCodes = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', '57P01', '57P02', '57P03', '57P05'];

/** Whether the connection broke off, so that what became of the last statement is not known. */
export function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return (
    lostCodes.includes(code) ||
    code.startsWith('08') ||
    /^(Connection terminated|Client has encountered)/.test(error.message)
  );
}

export const lockHint =
  'End the session that holds it (pg_locks and pg_blocking_pids tell which), or wait longer with --lock-timeout.';

const passwordHint =
  'Check user and password. The password is taken from the URI, DOCEBO_DEST_PASSWORD, the file in DOCEBO_DEST_PASSWORD_FILE, or PGPASSWORD.';

/** What to do about an error, by SQLSTATE, by class, or by the system's code. */
const hints: Readonly<Record<string, string>> = {
  '28P01': passwordHint,
  '28000': `${passwordHint} The server may also want TLS (sslmode=verify-full), or know no such user.`,
  '3D000': 'Create the database first, or name another one in the URI.',
  '42501': 'Have the owner of the database give this user the right.',
  '25006': 'Name the primary server, and a user whose transactions may write.',
  '55P03': lockHint,
  '40P01': 'Another session wrote to the same tables. Run again.',
  '53100': 'Free some space on the server, and run again.',
  '53300': 'End some sessions, or raise max_connections.',
  '57P03': 'The server is starting or stopping: run again in a while.',
  '57': 'Somebody ended the session or the statement, or the server was shut down: run again.',
  '22P05': 'The database has an encoding that lacks some characters. Use one whose encoding is UTF8.',
  ENOTFOUND: 'Check the name of the host in the URI.',
  EAI_AGAIN: 'Check the name of the host in the URI, and the network.',
  ECONNREFUSED: 'Check host and port, and that Postgres is running and listens there.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'Name the host as its certificate does.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'Name a file with the certificate by sslrootcert in the URI.',
  SELF_SIGNED_CERT_IN_CHAIN: 'Name a file with the root certificate by sslrootcert in the URI.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'Name a file with the root certificate by sslrootcert in the URI.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'Name a file with the root certificate by sslrootcert in the URI.',
  CERT_HAS_EXPIRED: 'Have the server get a new certificate.',
};

/** Errors that only their words tell apart. */
const worded: readonly (readonly [RegExp, string, string])[] = [
  [/^connect ENOENT/, 'there is no socket', 'Check the folder of the socket, and that Postgres is running.'],
  [
    /client password must be a string/,
    'the server wants a password, and none was given',
    'Put it into DOCEBO_DEST_PASSWORD or PGPASSWORD, name a file that holds it with DOCEBO_DEST_PASSWORD_FILE, or write it into the URI.',
  ],
  [
    /does not support SSL/,
    'the server offers no TLS',
    'Have it turned on. If everybody on the way may read the rows, add ?sslmode=disable to the URI.',
  ],
  [
    /timeout expired|connection timed out|Connection terminated due to connection timeout/,
    'the server did not answer in time',
    'Check host and port, and that no firewall is between.',
  ],
];

function hintFor(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return hints[code] ?? hints[code.slice(0, 2)] ?? worded.find(([words]) => words.test(messageOf(error)))?.[2];
}

/** Says what failed and what to do. An error of our own, or of the program itself, stays as it is. */
export function nameFailure(server: Pick<Server, 'place'>, error: unknown, what = 'could not be opened'): unknown {
  if (error instanceof IngestError || !(error instanceof Error) || !isFromServer(error)) return error;
  const said = worded.find(([words]) => words.test(error.message))?.[1] ?? describe(error);
  return new DestinationError(`${nameServer(server)} ${what}: ${said}`, {hint: hintFor(error), cause: error});
}

/** A bug in the program has none of these. */
function isFromServer(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : '';
  const isKnown = isPostgresFailure(error) || isLost(error) || Object.hasOwn(hints, code);
  return isKnown || 'syscall' in error || worded.some(([words]) => words.test(error.message));
}

/** Node gives no message if each of several addresses refuses. */
function describe(error: Error): string {
  const said = error instanceof AggregateError ? error.errors.map(each => messageOf(each)).join('; ') : error.message;
  return said === '' ? error.name : said;
}
