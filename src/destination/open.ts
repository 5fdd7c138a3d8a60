import {type Address, parseDestinationUri} from '../destination-uri.js';
import type {Destination} from './destination.js';
import {openDuckdb} from './duckdb.js';
import {openFiles} from './files.js';

export interface OpenDestinationOptions {
  /** The folder that relative paths start from. @default the process's own */
  readonly cwd?: string;
  /** How long to wait while another process holds the file. @default 60_000 */
  readonly lockTimeoutMs?: number;
}

/**
 * Gives the destination of a URI or an address, without touching it. DuckDB is loaded when the destination is checked, not before.
 */
export function openDestination(
  place: string | Address,
  {cwd, lockTimeoutMs = 60_000}: OpenDestinationOptions = {},
): Destination {
  const {scheme, path} = typeof place === 'string' ? parseDestinationUri(place, cwd) : place;
  return scheme === 'duckdb' ? openDuckdb(path, {lockTimeoutMs}) : openFiles(scheme, path);
}
