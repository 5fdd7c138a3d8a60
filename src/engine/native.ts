import {DestinationError, messageOf} from '../errors.js';

/**
 * Loads DuckDB, which is native, and without which nothing can be published anywhere. Throws DestinationError if it cannot be: npm leaves
 * it out with `--omit=optional`, and where a lock file or a folder of modules comes from another platform.
 */
export async function loadDuckdb(): Promise<void> {
  try {
    // Through a module of ours, which the bundle requires: Node reads all of a package's sources before it imports it.
    await import('./open.js');
  } catch (cause) {
    const [reason = ''] = messageOf(cause).split('\n');
    throw new DestinationError(
      `DuckDB cannot be loaded on this machine (${process.platform}-${process.arch}): ${reason}`,
      {
        hint:
          'Its native part is an optional package of its own for each platform: install anew on the kind of machine where this runs, with ' +
          'npm install --include=optional, and without node_modules and a lock file from elsewhere.',
        cause,
      },
    );
  }
}
