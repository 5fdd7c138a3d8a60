import {type Address, formatDestinationUri, isProtocol, parseDestinationUri} from '../destination-uri.js';
import {UsageError} from '../errors.js';
import type {Destination} from './destination.js';
import {openDuckdb} from './duckdb.js';
import {openFiles} from './files.js';
import {openLake} from './lake/lake.js';
import {openPostgres} from './postgres/postgres.js';

export interface OpenDestinationOptions {
  /** The folder that relative paths start from. @default the process's own */
  readonly cwd?: string;
  /** How long to wait while another process holds the file. @default 60_000 */
  readonly lockTimeoutMs?: number;
  /** Holds what a URI of Postgres leaves out: `PGHOST` and so on, and the password. @default the process's own */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Gives the destination of a URI or an address, without touching it. DuckDB and what talks to Postgres are loaded when they are needed, not before.
 * Throws UsageError for the address of a protocol (messages.ts).
 */
export function openDestination(
  place: string | Address,
  {cwd = process.cwd(), lockTimeoutMs = 60_000, env = process.env}: OpenDestinationOptions = {},
): Destination {
  const {scheme, path} = typeof place === 'string' ? parseDestinationUri(place, cwd) : place;
  if (isProtocol(scheme))
    throw new UsageError('The run wrote its rows to stdout, so there is no place to put them again.', {
      hint: 'Say where they go, with --dest-uri.',
    });
  // The address of a run holds no password, a URI may.
  if (scheme === 'postgres')
    return openPostgres(typeof place === 'string' ? place : formatDestinationUri(place), {lockTimeoutMs, env});
  if (scheme === 'ducklake' || scheme === 'md') {
    return openLake(typeof place === 'string' ? place : formatDestinationUri(place), {cwd, lockTimeoutMs, env});
  }
  return scheme === 'duckdb' ? openDuckdb(path, {lockTimeoutMs}) : openFiles(scheme, path);
}
