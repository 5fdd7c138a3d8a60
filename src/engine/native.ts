import {DestinationError, messageOf} from '../errors.js';

export type Duckdb = typeof import('./node-api.js');

/**
 * Loads DuckDB, a native module that every destination needs. Throws DestinationError if it cannot be loaded: npm leaves it out with
 * `--omit=optional`, or if the lock file or node_modules comes from another platform.
 */
export async function loadDuckdb(): Promise<Duckdb> {
  try {
    // Imported through a module of ours, which the bundle requires: Node reads all of a package's sources before it imports it.
    return await import('./node-api.js');
  } catch (cause) {
    const [reason = ''] = messageOf(cause).split('\n');
    throw new DestinationError(
      `DuckDB cannot be loaded on this machine (${process.platform}-${process.arch}): ${reason}`,
      {
        hint:
          'Its native part is an optional package, one for each platform: install again on the kind of machine where this runs, with ' +
          'npm install --include=optional, and without node_modules and a lock file from elsewhere.',
        cause,
      },
    );
  }
}
