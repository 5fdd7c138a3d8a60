import type {Destination} from './destination.js';
import {openDuckdb} from './duckdb.js';
import {openJsonl} from './jsonl.js';
import {parseDestinationUri} from './uri.js';

export interface OpenDestinationOptions {
  /** What relative paths start from. @default the process's own */
  readonly cwd?: string;
  /** How long to wait while another process holds the file. @default 60_000 */
  readonly lockTimeoutMs?: number;
}

/** Names a destination without touching it. DuckDB is loaded when something is published, not before. */
export function openDestination(uri: string, {cwd, lockTimeoutMs = 60_000}: OpenDestinationOptions = {}): Destination {
  const {scheme, path} = parseDestinationUri(uri, cwd);
  return scheme === 'duckdb' ? openDuckdb(path, {lockTimeoutMs}) : openJsonl(path);
}
