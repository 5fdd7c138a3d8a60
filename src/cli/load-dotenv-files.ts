import {readFileSync} from 'node:fs';
import {parseEnv} from 'node:util';
import {messageOf, UsageError} from '../errors.js';
import {expandHome} from '../local-paths.js';

/**
 * Reads `--dotenv` before the environment is looked at, so that the file may hold flags (DOCEBO_INGEST_…) as well as credentials.
 * Node's own loadEnvFile takes a byte order mark, as some editors write it, for a part of the first name.
 */
export function loadDotenvFiles(given: readonly string[]): void {
  const named = process.env['DOCEBO_INGEST_DOTENV'] || process.env['DOCEBO_INGEST_ENV_FILE'] || '';
  const files = given.length > 0 ? given : named === '' ? [] : [named];
  for (const file of files) {
    const found = parseEnv(read(expandHome(file)).replace(/^\ufeff/, ''));
    for (const [name, value] of Object.entries(found)) process.env[name] ??= value;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const isThere = !(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT');
    throw new UsageError(
      isThere ? `--dotenv ${file} cannot be read: ${messageOf(cause)}.` : `--dotenv ${file} does not exist.`,
      {cause},
    );
  }
}
