import {homedir} from 'node:os';
import {join} from 'node:path';

/** Where runs under way are kept unless `--state-dir` says otherwise. */
export function defaultStateDir(env: Readonly<Record<string, string | undefined>>): string {
  const base = env['XDG_STATE_HOME'];
  return join(base === undefined || base === '' ? join(homedir(), '.local', 'state') : base, 'docebo-ingest');
}
