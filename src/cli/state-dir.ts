import {isAbsolute, join} from 'node:path';
import {homeFolder} from '../local-paths.js';

/** Where runs under way are kept unless `--state-dir` says otherwise. Throws UsageError if nothing tells. */
export function defaultStateDir(env: Readonly<Record<string, string | undefined>>): string {
  const base = env['XDG_STATE_HOME'];
  // The specification of these variables has one that is not a whole path ignored.
  return join(base !== undefined && isAbsolute(base) ? base : join(homeFolder(), '.local', 'state'), 'docebo-ingest');
}
