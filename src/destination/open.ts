import {type Address, isProtocol, parseDestinationUri} from '../destination-uri.js';
import {UsageError} from '../errors.js';
import type {Destination} from './destination.js';
import {openDuckdb} from './duckdb.js';
import {openJsonl} from './jsonl.js';

export interface OpenDestinationOptions {
  /** The folder that relative paths start from. @default the process's own */
  readonly cwd?: string;
  /** How long to wait while another process holds the file. @default 60_000 */
  readonly lockTimeoutMs?: number;
}

/**
 * Gives the destination of a URI or an address, without touching it. DuckDB is loaded when the destination is checked, not before. Throws
 * UsageError for the address of a protocol (messages.ts).
 */
export function openDestination(
  place: string | Address,
  {cwd, lockTimeoutMs = 60_000}: OpenDestinationOptions = {},
): Destination {
  const {scheme, path} = typeof place === 'string' ? parseDestinationUri(place, cwd) : place;
  if (isProtocol(scheme))
    throw new UsageError('The run wrote its rows to stdout, so there is no place to put them again.', {
      hint: 'Say where they go, with --dest-uri.',
    });
  return scheme === 'duckdb' ? openDuckdb(path, {lockTimeoutMs}) : openJsonl(path);
}
