import {UsageError} from '../errors.js';
import {defaultStateDir} from '../local-paths.js';
import type {DoceboOptions} from '../source/docebo.js';
import {type Settings, settleSettings} from '../source/settings.js';

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What the variables that the command reads say about the tenant and how it may be called: DOCEBO_BASE_URL, DOCEBO_CLIENT_ID and so on, each also with
 * `_FILE`, and of its flags DOCEBO_INGEST_SOURCE_URI, _ALLOW_HTTP, _MAX_REQUESTS_PER_HOUR and _STATE_DIR. Throws UsageError.
 */
export function readClientEnvironment(
  env: Environment,
  {mayLackCredentials = false} = {},
): {
  readonly settings: Settings;
  readonly options: Pick<DoceboOptions, 'maxRequestsPerHour' | 'stateDir'>;
} {
  const flag = (name: string) => env[`DOCEBO_INGEST_${name}`]?.trim() || undefined;
  const sourceUri = flag('SOURCE_URI');
  const perHour = flag('MAX_REQUESTS_PER_HOUR');
  const stateDir = flag('STATE_DIR') ?? findStateDir();
  return {
    settings: settleSettings({
      env,
      allowHttp: /^(true|1|yes|on)$/i.test(flag('ALLOW_HTTP') ?? ''),
      mayLackCredentials,
      writtenIn: 'DOCEBO_INGEST_SOURCE_URI',
      ...(sourceUri !== undefined && {sourceUri}),
    }),
    options: {
      ...(perHour !== undefined && {maxRequestsPerHour: readCount('DOCEBO_INGEST_MAX_REQUESTS_PER_HOUR', perHour)}),
      // The calls of an hour count over everything that calls the tenant from here.
      ...(stateDir !== undefined && {stateDir}),
    },
  };
}

/** A container may have no home folder. Then only the calls of this process count. */
function findStateDir(): string | undefined {
  try {
    return defaultStateDir();
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

function readCount(name: string, text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new UsageError(`${name} takes a whole number from 1, not ${JSON.stringify(text)}.`);
}
